"""How the schema tells what the code knows already."""

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from secretariat.api import steps

REFERENCE = OpenApiParameter(
    "reference", str, OpenApiParameter.PATH, description="The case's reference: UKP-2026-0042."
)
CSRF = OpenApiParameter(
    "X-CSRFToken",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="The value of the cookie csrftoken.",
)


class StepSchema(AutoSchema):
    """A step as the lifecycle has it: its name, what its act promises, from where, by whom."""

    def get_operation_id(self):
        return f"applications_{self.view.step.name}"

    def get_summary(self):
        return self.view.step.name.replace("_", " ").capitalize()

    def get_description(self):
        edges = steps.edges_of(self.view.step)
        lines = [f"- from `{edge.source}` by {_listed(edge.roles)}" for edge in edges]
        return "\n".join([_promise(self.view.step.do), "", *lines])

    def get_tags(self):
        return ["steps"]


def _promise(act):
    return " ".join((act.__doc__ or "").split("\n\n")[0].split())


def _listed(roles):
    return ", ".join(f"`{role}`" for role in sorted(roles))
