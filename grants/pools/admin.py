"""What is set up rarely: a pool, its people, its calls and its texts. Each change is logged."""

from django.contrib import admin
from django.db.models import Exists, Max, OuterRef
from django.utils.translation import gettext_lazy as _

from grants.pools.admin_forms import (
    BlackOutForm,
    CallForm,
    ContributionForm,
    ExampleForm,
    QuestionForm,
)
from grants.pools.models import (
    BlackOut,
    Call,
    ComplaintGuidance,
    Consultant,
    Contribution,
    Criterion,
    Example,
    Guideline,
    Municipality,
    Pool,
    PoolRole,
    Question,
)
from grants.pools.money import money
from workflows import audit, clock


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
    form = ContributionForm
    autocomplete_fields = ["municipality"]
    extra = 0
    can_delete = False


class ConsultantInline(admin.StackedInline):
    model = Consultant
    autocomplete_fields = ["municipality"]
    extra = 0


class ExampleInline(admin.StackedInline):
    model = Example
    form = ExampleForm
    autocomplete_fields = ["municipality"]
    extra = 0


@admin.register(Pool)
class PoolAdmin(LoggedByPool):
    list_display = ["name", "code", "authority", "currency"]
    inlines = [ContributionInline, ConsultantInline, ExampleInline]

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


class BlackOutInline(admin.TabularInline):
    model = BlackOut
    form = BlackOutForm
    extra = 0


@admin.register(Call)
class CallAdmin(LoggedByPool):
    form = CallForm
    list_display = ["title", "pool", "opens_at", "closes_at", "budget_in_kroner"]
    list_filter = ["pool"]
    list_select_related = ["pool"]
    inlines = [BlackOutInline, CriterionInline]
    prepopulated_fields = {"slug": ["title"]}
    fieldsets = [
        (
            _("What it is"),
            {"fields": ["pool", "title", "title_en", "slug", "summary", "summary_en"]},
        ),
        (
            _("When"),
            {"fields": ["opens_at", "closes_at", "grace_minutes", "answer_by", "days_to_answer"]},
        ),
        (_("The money"), {"fields": ["budget", "least_amount", "greatest_amount"]}),
        (
            _("Who can apply"),
            {"fields": [("age_from", "age_to"), "kinds", "residence", "awards_per_year"]},
        ),
        (
            _("What the project has to be"),
            {
                "fields": [
                    *["days_before_start", "least_municipalities", "must_be_public"],
                    *["greatest_budget", "allows_own_wages"],
                ]
            },
        ),
        (_("Attachments"), {"fields": ["most_files", "largest_file"]}),
        (
            _("After a yes"),
            {
                "fields": [
                    *["advance_percent", "days_to_accept", "days_to_report", "surplus_to_keep"],
                    *["free_change_percent", "conditions", "conditions_en"],
                ]
            },
        ),
    ]

    @admin.display(description=_("budget"), ordering="budget")
    def budget_in_kroner(self, call):
        return money(call.budget, call.pool.currency)

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj else self.prepopulated_fields


@admin.register(Question)
class QuestionAdmin(LoggedByPool):
    """The questions that calls ask now. A change is a new version: an answer keeps the version
    that it was given to."""

    form = QuestionForm
    fields = QuestionForm.Meta.fields
    list_display = ["text", "code", "call", "position", "kind", "version", "is_retired"]
    list_filter = ["call", "is_retired"]
    list_select_related = ["call"]

    def get_queryset(self, request):
        newer = Question.objects.filter(
            call=OuterRef("call"), code=OuterRef("code"), version__gt=OuterRef("version")
        )
        return super().get_queryset(request).select_related("call__pool").exclude(Exists(newer))

    def get_readonly_fields(self, request, obj=None):
        return ["call", "code"] if obj else []

    def render_change_form(self, request, context, *args, **kwargs):
        # It would go on with the version that has just become an old one.
        context["show_save_and_continue"] = False
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request, obj, form, change):
        if change and form.has_changed():
            obj.pk, obj._state.adding = None, True
            obj.version += 1
            obj.created_at = clock.now()
        if not change or form.has_changed():
            super().save_model(request, obj, form, change)


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
