"""Which questions stand on which page of the application."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Section:
    """A theme of the application: its code, its name, what it is about, the fields on its page."""

    code: str
    name: str
    about: str
    fields: tuple[str, ...] = ()


# "parts" are the municipalities, "lines" the budget; what a call asks itself stands in "more".
SECTIONS = {
    section.code: section
    for section in [
        Section(
            "who",
            _("About you"),
            _("Who applies, and how we reach you."),
            (
                *["kind", "name", "cvr", "birth_date", "home", "phone"],
                *["street", "postal_code", "town", "is_protected"],
            ),
        ),
        Section(
            "idea",
            _("The idea"),
            _("What you want to do, for whom, and when."),
            (
                *["title", "summary", "art_form", "activity", "audience", "is_public", "newness"],
                *["starts_on", "ends_on"],
            ),
        ),
        Section("more", _("More questions"), _("What this call asks besides.")),
        Section(
            "where",
            _("Where it happens"),
            _("The place, and the municipalities."),
            ("place", "parts"),
        ),
        Section(
            "money",
            _("The money"),
            _("What it costs, and how much you apply for."),
            ("amount_applied_for", "least_workable", "lines"),
        ),
        Section("files", _("Attachments"), _("Pictures, sound or documents, if you have any.")),
    ]
}

# Whose columns the fields are.
OF_THE_APPLICANT = (
    *["kind", "name", "cvr", "birth_date", "phone"],
    *["street", "postal_code", "town", "is_protected"],
)
OF_THE_APPLICATION = (
    *["home", "title", "summary", "art_form", "activity", "audience", "is_public", "newness"],
    *["starts_on", "ends_on", "place", "amount_applied_for", "least_workable"],
)


def section_of(field):
    """The code of the section that a field stands in: "lines" for a line, "more" for "own-..."."""
    if field.startswith("own-"):
        return "more"
    name = ALSO_CALLED.get(field.partition("-")[0], field)
    return next((code for code, section in SECTIONS.items() if name in section.fields), "idea")


# What readiness, the rules and the rows of the form call them.
ALSO_CALLED = {
    "budget": "lines",
    "expense": "lines",
    "income": "lines",
    "line": "lines",
    "municipal_parts": "parts",
    "part": "parts",
}
