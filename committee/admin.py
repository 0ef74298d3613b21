"""The committee is set up rarely, so Django's admin does it. Votes are nobody's to look into."""

from django import forms
from django.contrib import admin
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from committee.seats.models import Committee, Member, Procedure
from grants.pools.admin import LoggedByPool
from grants.pools.forms import MoneyField
from workflows import clock


class MemberInline(admin.StackedInline):
    """A seat is ended by its date: who sat when stays known."""

    model = Member
    autocomplete_fields = ["user", "home"]
    exclude = ["posts"]  # the member's own to write
    extra = 0
    can_delete = False


@admin.register(Committee)
class CommitteeAdmin(LoggedByPool):
    list_display = ["name", "pool"]
    list_select_related = ["pool"]
    inlines = [MemberInline]

    def get_readonly_fields(self, request, obj=None):
        return ["pool"] if obj else []


class InOrder(forms.TypedChoiceField):
    """What settles a tie, one after the other: "chair,young" in the form, a list in the row."""

    def __init__(self, **kwargs):
        chair, young = Procedure.Breaker.CHAIR, Procedure.Breaker.YOUNG
        choices = [
            ("chair,young", _("First the chair's vote, then the majority of the young members")),
            ("young,chair", _("First the majority of the young members, then the chair's vote")),
            ("chair", chair.label),
            ("young", young.label),
            ("", _("Nothing: a tie is not carried")),
        ]
        super().__init__(
            **{"choices": choices, "coerce": lambda text: text.split(","), "empty_value": []}
            | kwargs
        )

    def prepare_value(self, value):
        return ",".join(value) if isinstance(value, list) else value

    def has_changed(self, initial, data):
        return self.prepare_value(initial or []) != (data or "")


class ProcedureForm(forms.ModelForm):
    rounding = MoneyField(label=_("Recommended amounts are rounded down to whole, in kroner"))
    ties = InOrder(label=_("What settles a tie"), required=False)

    class Meta:
        model = Procedure
        fields = [
            *["committee", "quorum_percent", "least_young", "least_staff"],
            *["wants_both_blocs", "ties", "ballots", "threshold", "young_weight"],
            *["days_to_vote", "members_to_demand_a_meeting", "recommends", "rounding"],
        ]
        help_texts = {
            "members_to_demand_a_meeting": _("0: nobody can demand one."),
            "threshold": _("From 0 to 5. Below it nothing is recommended."),
            "young_weight": _(
                "The rest is the weight of the staff's mean. With 50 both count the same, "
                "however many they are."
            ),
        }


@admin.register(Procedure)
class ProcedureAdmin(LoggedByPool):
    """The rules that a committee has now. A change is a new version, for the votes that are opened
    from then on; a vote keeps the version that it was opened with."""

    form = ProcedureForm
    fields = ProcedureForm.Meta.fields
    list_display = ["committee", "version", "made_at"]
    list_select_related = ["committee__pool"]

    def get_queryset(self, request):
        newer = Procedure.objects.filter(
            committee=OuterRef("committee"), version__gt=OuterRef("version")
        )
        return super().get_queryset(request).exclude(Exists(newer))

    def get_readonly_fields(self, request, obj=None):
        return ["committee"] if obj else []

    def render_change_form(self, request, context, *args, **kwargs):
        # It would go on with the version that has just become an old one.
        context["show_save_and_continue"] = False
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request, obj, form, change):
        if change and not form.has_changed():
            return
        newest = obj.committee.procedure()
        obj.pk, obj._state.adding = None, True
        obj.version = newest.version + 1 if newest else 1
        obj.made_by, obj.made_at = request.user, clock.now()
        super().save_model(request, obj, form, change)
