"""What is set up rarely: a pool, its people, its calls and its texts. Each change is logged."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Max, Sum
from django.utils.translation import gettext as _

from grants.pools.models import (
    Call,
    ComplaintGuidance,
    Contribution,
    Criterion,
    Guideline,
    Municipality,
    Pool,
    PoolRole,
)
from workflows import audit


class LoggedByPool(admin.ModelAdmin):
    """Nothing is deleted, and the pool's log tells who set up what: names of fields, no words."""

    def has_delete_permission(self, request, obj=None):
        return False

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        row = form.instance
        inline = [name for formset in formsets for each in formset for name in each.changed_data]
        audit.record(
            getattr(row, "pool", row),
            "set_up",
            by=request.user,
            about=audit.subject_code(row),
            fields=sorted({*form.changed_data, *inline}),
        )


class ContributionInline(admin.TabularInline):
    model = Contribution
    extra = 0
    can_delete = False


@admin.register(Pool)
class PoolAdmin(LoggedByPool):
    list_display = ["name", "code", "authority", "currency"]
    inlines = [ContributionInline]

    def get_readonly_fields(self, request, obj=None):
        return ["code", "currency"] if obj else []  # references and grants carry them


@admin.register(PoolRole)
class PoolRoleAdmin(LoggedByPool):
    """A role is ended by its date: who was what when stays known."""

    list_display = ["user", "role", "pool", "municipality", "title", "ends_on"]
    list_filter = ["pool", "role"]
    list_select_related = ["user", "pool", "municipality"]
    search_fields = ["user__name", "user__email"]
    autocomplete_fields = ["user"]

    def get_readonly_fields(self, request, obj=None):
        return ["user", "pool", "role"] if obj else []


class CriterionInline(admin.StackedInline):
    model = Criterion
    extra = 0


class CallForm(forms.ModelForm):
    """The database refuses a budget below what was given; here it is said before."""

    def clean_budget(self):
        budget = self.cleaned_data["budget"]
        given = self._given()
        if budget < given:
            raise ValidationError(
                _("%(given)s øre have been given from this call. The budget cannot be below that.")
                % {"given": given}
            )
        return budget

    def _given(self):
        if not self.instance.pk:
            return 0
        return (
            self.instance.grants.filter(ended_at=None).aggregate(s=Sum("amount_awarded"))["s"] or 0
        )


@admin.register(Call)
class CallAdmin(LoggedByPool):
    form = CallForm
    list_display = ["title", "pool", "opens_at", "closes_at", "budget"]
    list_filter = ["pool"]
    list_select_related = ["pool"]
    inlines = [CriterionInline]
    prepopulated_fields = {"slug": ["title"]}

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj else self.prepopulated_fields


@admin.register(Guideline)
class GuidelineAdmin(LoggedByPool):
    list_display = ["paragraph", "text", "pool"]
    list_filter = ["pool"]
    list_select_related = ["pool"]


@admin.register(ComplaintGuidance)
class ComplaintGuidanceAdmin(LoggedByPool):
    """Add only: a letter that was sent keeps the version that it was sent with."""

    list_display = ["pool", "kind", "version"]
    list_filter = ["pool", "kind"]
    list_select_related = ["pool"]
    exclude = ["version"]

    def has_change_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        earlier = ComplaintGuidance.objects.filter(pool=obj.pool, kind=obj.kind)
        obj.version = (earlier.aggregate(last=Max("version"))["last"] or 0) + 1
        super().save_model(request, obj, form, change)


@admin.register(Municipality)
class MunicipalityAdmin(admin.ModelAdmin):
    list_display = ["name", "code", "country", "population"]
    list_filter = ["country"]
    search_fields = ["name", "code"]

    def has_delete_permission(self, request, obj=None):
        return False
