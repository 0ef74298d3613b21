"""The committee is set up rarely, so Django's admin does it. Votes are nobody's to look into."""

from django.contrib import admin

from committee.models import Committee, Member


class MemberInline(admin.TabularInline):
    model = Member
    extra = 0
    raw_id_fields = ["user"]


@admin.register(Committee)
class CommitteeAdmin(admin.ModelAdmin):
    list_display = ["name", "pool", "least_young", "least_staff", "days_to_vote"]
    list_select_related = ["pool"]
    inlines = [MemberInline]
