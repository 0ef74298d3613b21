"""What the API tells, as JSON. Amounts are whole øre, next to the currency."""

from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from grants.applications.models import Application, BudgetLine, InformationRequest, MunicipalPart
from grants.decisions.models import Decision, Grant, Recommendation
from grants.pools.models import Call, Criterion, Guideline, Municipality
from secretariat.api import steps
from secretariat.api.bodies import Ore
from workflows.lifecycle import ApplicationStatus

STATUSES = [*ApplicationStatus.choices, ("under_review", "Under review")]


class MunicipalitySerializer(serializers.ModelSerializer):
    class Meta:
        model = Municipality
        fields = ["country", "code", "name"]


# --- Calls ----------------------------------------------------------------------------------


class CriterionSerializer(serializers.ModelSerializer):
    name = serializers.CharField(source="name_shown", read_only=True)
    text = serializers.CharField(source="text_shown", read_only=True)

    class Meta:
        model = Criterion
        fields = ["position", "name", "text"]


class GuidelineSerializer(serializers.ModelSerializer):
    text = serializers.SerializerMethodField()

    class Meta:
        model = Guideline
        fields = ["paragraph", "text"]

    def get_text(self, guideline) -> str:
        return guideline.text_in(get_language())


class CallSerializer(serializers.ModelSerializer):
    pool = serializers.CharField(source="pool.code", help_text="The pool's code.")
    pool_name = serializers.CharField(source="pool.name")
    title = serializers.CharField(source="title_shown")
    summary = serializers.CharField(source="summary_shown")
    is_open = serializers.BooleanField(help_text="Whether one can apply now.")
    currency = serializers.CharField(source="pool.currency")
    budget = Ore()
    least_amount = Ore(help_text="The least one can apply for, in whole øre.")
    greatest_amount = Ore(help_text="The most one can apply for, in whole øre.")
    conditions = serializers.SerializerMethodField()
    criteria = CriterionSerializer(many=True)
    guidelines = GuidelineSerializer(source="pool.guidelines", many=True)

    class Meta:
        model = Call
        fields = [
            *["slug", "pool", "pool_name", "title", "summary"],
            *["is_open", "opens_at", "closes_at", "answer_by"],
            *["currency", "budget", "least_amount", "greatest_amount"],
            *["age_from", "age_to", "days_to_accept", "days_to_report", "advance_percent"],
            *["conditions", "criteria", "guidelines"],
        ]
        read_only_fields = fields

    def get_conditions(self, call) -> list[str]:
        return call.conditions_in(get_language())


# --- Applications ---------------------------------------------------------------------------


class MunicipalPartSerializer(serializers.ModelSerializer):
    municipality = MunicipalitySerializer()

    class Meta:
        model = MunicipalPart
        fields = ["municipality", "percent"]


class GrantSerializer(serializers.ModelSerializer):
    amount_awarded = Ore()
    conditions = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Grant
        fields = ["amount_awarded", "award_date", "accept_by", "report_by", "conditions"]


class ApplicationInBriefSerializer(serializers.ModelSerializer):
    """An application as a row of a list, and as much of it as the reader may know."""

    call = serializers.CharField(source="call.slug", help_text="The call's slug.")
    applicant = serializers.SerializerMethodField(
        help_text="The name; a protected one is told to its owner only."
    )
    status = serializers.SerializerMethodField(
        help_text="The desk reads the status itself, everybody else what has been announced: "
        "`under_review` stands for `eligible`, `in_review`, `recommended` and `decided`."
    )
    status_label = serializers.SerializerMethodField(help_text="The status in words.")
    currency = serializers.CharField()
    amount_applied_for = Ore(allow_null=True)
    least_workable = Ore(
        allow_null=True, help_text="The least with which it still works, in whole øre."
    )
    home = MunicipalitySerializer(allow_null=True)
    municipal_parts = MunicipalPartSerializer(many=True)
    grant = serializers.SerializerMethodField(
        help_text="The grant that counts, once it is announced; null for the committee."
    )

    class Meta:
        model = Application
        fields = [
            *["reference", "call", "applicant", "language", "title", "summary", "art_form"],
            *["status", "status_label", "created_at", "submitted_at", "starts_on", "ends_on"],
            *["currency", "amount_applied_for", "least_workable", "home", "municipal_parts"],
            "grant",
        ]
        read_only_fields = fields

    def get_applicant(self, application) -> str:
        return application.applicant.name if application.is_own else application.name_shown

    @extend_schema_field(serializers.ChoiceField(choices=STATUSES))
    def get_status(self, application):
        if _is_for_the_desk(application):
            return application.status
        return application.status_shown

    def get_status_label(self, application) -> str:
        if _is_for_the_desk(application):
            return application.get_status_display()
        return application.status_shown_label

    @extend_schema_field(GrantSerializer(allow_null=True))
    def get_grant(self, application):
        if not application.is_own and not application.is_on_my_desk:
            return None
        return _told(GrantSerializer, application.standing_grants)


class BudgetLineSerializer(serializers.ModelSerializer):
    amount = Ore()

    class Meta:
        model = BudgetLine
        fields = ["kind", "text", "amount", "nature"]
        read_only_fields = fields


class InformationRequestSerializer(serializers.ModelSerializer):
    class Meta:
        model = InformationRequest
        fields = ["question", "answer_by", "asked_at", "answer", "answered_at"]
        read_only_fields = fields


class RecommendationSerializer(serializers.ModelSerializer):
    amount = Ore()

    class Meta:
        model = Recommendation
        fields = ["amount", "made_at", "entitled", "cast", "votes_for", "votes_against"]
        read_only_fields = fields


class DecisionSerializer(serializers.ModelSerializer):
    amount_awarded = Ore(help_text="In whole øre. 0 is a rejection.")
    guideline = serializers.CharField(source="guideline.paragraph", allow_null=True)
    criterion = serializers.IntegerField(source="criterion.position", allow_null=True)

    class Meta:
        model = Decision
        fields = [
            *["amount_awarded", "is_partial", "guideline", "criterion", "fact"],
            *["deviation_reason", "decided_at", "announced_at"],
        ]
        read_only_fields = fields


class OpenStepSerializer(serializers.Serializer):
    name = serializers.CharField(help_text="As in the address: `steps/{name}`.")
    label = serializers.CharField(source="button", help_text="What its button says.")


class ApplicationSerializer(ApplicationInBriefSerializer):
    """An application in full, and as much of it as the reader may know."""

    budget_lines = BudgetLineSerializer(many=True)
    information_requests = serializers.SerializerMethodField(
        help_text="What the secretariat asked for; empty for the committee."
    )
    recommendation = serializers.SerializerMethodField(help_text="The desk's; otherwise null.")
    decision = serializers.SerializerMethodField(
        help_text="The decision that stands. The desk's; otherwise null."
    )
    available_steps = serializers.SerializerMethodField(
        help_text="The steps that you can take now, with a body that is right."
    )

    class Meta:
        model = Application
        fields = [
            *ApplicationInBriefSerializer.Meta.fields,
            *["activity", "audience", "newness", "place", "budget_lines"],
            *["information_requests", "recommendation", "decision", "available_steps"],
        ]
        read_only_fields = fields

    @extend_schema_field(InformationRequestSerializer(many=True))
    def get_information_requests(self, application):
        if not application.is_own and not application.is_on_my_desk:
            return []
        asked = application.information_requests.all()
        return InformationRequestSerializer(asked, many=True).data

    @extend_schema_field(RecommendationSerializer(allow_null=True))
    def get_recommendation(self, application):
        if not _is_for_the_desk(application):
            return None
        return _told(RecommendationSerializer, application.recommendations.all())

    @extend_schema_field(DecisionSerializer(allow_null=True))
    def get_decision(self, application):
        if not _is_for_the_desk(application):
            return None
        standing = application.decisions.filter(withdrawn_at=None)
        return _told(DecisionSerializer, standing.select_related("guideline", "criterion"))

    @extend_schema_field(OpenStepSerializer(many=True))
    def get_available_steps(self, application):
        user = self.context["request"].user
        return OpenStepSerializer(steps.open_to(application, user), many=True).data


def _is_for_the_desk(application):
    # Who applies and works here too reads the own case as every applicant does.
    return application.is_on_my_desk and not application.is_own


def _told(shape, rows):
    return shape(rows[0]).data if rows else None


# --- Statistics -----------------------------------------------------------------------------


class FiguresSerializer(serializers.Serializer):
    """Null is not told: it is the house's own, or fewer than five grants stand behind it."""

    contributed = Ore(allow_null=True, help_text="Paid in, in whole øre.")
    applied_for = Ore(allow_null=True)
    granted = Ore(allow_null=True)
    disbursed = Ore(allow_null=True, help_text="Paid out, in whole øre.")
    applications = serializers.IntegerField(allow_null=True)
    awards = serializers.IntegerField(allow_null=True)


class MunicipalFiguresSerializer(FiguresSerializer):
    municipality = MunicipalitySerializer()


class StatisticsSerializer(serializers.Serializer):
    pool = serializers.CharField(source="pool.code")
    currency = serializers.CharField(source="pool.currency")
    is_public = serializers.BooleanField(
        help_text="Whether these are the public's figures, of all calls and years."
    )
    totals = FiguresSerializer(allow_null=True, help_text="Each project counted once.")
    municipalities = MunicipalFiguresSerializer(many=True)
