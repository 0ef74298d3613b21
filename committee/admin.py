"""The committee is set up rarely, so Django's admin does it. Votes are nobody's to look into."""

from django.contrib import admin

from committee.seats.models import Committee, Member, Procedure


class MemberInline(admin.TabularInline):
    model = Member
    extra = 0
    raw_id_fields = ["user"]


@admin.register(Committee)
class CommitteeAdmin(admin.ModelAdmin):
    list_display = ["name", "pool"]
    list_select_related = ["pool"]
    inlines = [MemberInline]


@admin.register(Procedure)
class ProcedureAdmin(admin.ModelAdmin):
    list_display = ["committee", "version", "made_at"]
    list_select_related = ["committee"]

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
