"""What each step wants as its body. Whether the step is possible, the act itself knows."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from grants.applications.sections import SECTIONS
from grants.pools.models import Criterion, Guideline
from workflows import clock


class Ore(serializers.IntegerField):
    """An amount in whole øre: a JSON number, so that no decimal point is misread."""

    default_error_messages = {"invalid": _("Write the amount in whole øre, as a number.")}

    def __init__(self, **kwargs):
        # A milliard kroner: far above every pool, far below what the database can hold.
        limits = {"min_value": 0, "max_value": 100_000_000_000, "help_text": "In whole øre."}
        super().__init__(**limits | kwargs)

    def to_internal_value(self, data):
        if type(data) is not int:  # true, "100" and 100.0 are no amounts
            self.fail("invalid")
        return super().to_internal_value(data)


class Body(serializers.Serializer):
    # No docstring: the schema would tell it of every body. A field that nobody knows is a mistake.

    def to_internal_value(self, data):
        given = super().to_internal_value(data)
        if unknown := set(data) - set(self.fields):
            raise serializers.ValidationError(
                {name: [gettext("This step has no such field.")] for name in sorted(unknown)}
            )
        return given


class Nothing(Body):
    """This step wants no more than its name."""


class AskForMore(Body):
    question = serializers.CharField(
        max_length=2000, help_text="The applicant reads it: what is missing."
    )
    sections = serializers.MultipleChoiceField(
        choices=list(SECTIONS),
        default=(),
        help_text="Which sections can be changed meanwhile; none named opens all.",
    )
    answer_by = serializers.DateField(help_text="A date after today.")

    def validate_answer_by(self, day):
        if day <= clock.today():
            raise serializers.ValidationError(gettext("Choose a date after today."))
        return day


class Resubmit(Body):
    answer = serializers.CharField(
        max_length=3000, help_text="The answer to what the secretariat asked."
    )


class OpenReview(Body):
    closes_at = serializers.DateTimeField(
        required=False,
        allow_null=True,
        help_text="When the vote closes. Without it: after the days that the committee has set.",
    )


class Decide(Body):
    """Less than was applied for wants a guideline, a criterion and a fact."""

    amount = Ore(help_text="In whole øre. 0 is a rejection.")
    guideline = serializers.CharField(
        required=False, help_text="The paragraph of the guideline it rests on, as the call has it."
    )
    criterion = serializers.IntegerField(
        required=False, help_text="The position of the criterion that weighed most."
    )
    fact = serializers.CharField(
        required=False, max_length=2000, help_text="The fact of the case. It stands in the letter."
    )
    deviation_reason = serializers.CharField(
        required=False,
        max_length=2000,
        help_text="Why it deviates from the recommendation. It stands in the letter.",
    )

    def validate_guideline(self, paragraph):
        call = self.context["application"].call
        guideline = Guideline.objects.filter(pool=call.pool, paragraph=paragraph).first()
        if guideline is None:
            raise serializers.ValidationError(gettext("The pool has no such guideline."))
        return guideline

    def validate_criterion(self, position):
        call = self.context["application"].call
        criterion = Criterion.objects.filter(call=call, position=position).first()
        if criterion is None:
            raise serializers.ValidationError(gettext("The call has no such criterion."))
        return criterion


class Reclaim(Body):
    amount = Ore(min_value=1, help_text="In whole øre, at most what has been paid out.")


class Reopen(Body):
    reason = serializers.CharField(
        max_length=4000, help_text="Why the case is taken up again. It is kept as a note."
    )
