"""A case that is being changed on request can lack nearly everything: no page falls over it."""

import pytest

from grants.applications import actions
from grants.applications.models import Application

HOLES = {
    **dict.fromkeys(
        ["title", "summary", "activity", "audience", "newness", "art_form", "place"], ""
    ),
    **dict.fromkeys(["starts_on", "ends_on", "home", "is_public"]),
    **dict.fromkeys(["amount_applied_for", "least_workable"]),
    "line-1": {"kind": "expense", "text": "Uden beløb", "amount": None, "nature": ""},
    "line-2": {"kind": "income", "text": "", "amount": None, "nature": "sales"},
}
PAGES = [
    *["/desk/", "/desk/cases/{reference}/", "/statistics/"],
    *["/api/v1/applications", "/api/v1/applications/{reference}", "/api/v1/statistics"],
    *["/applications/{reference}/", "/my/", "/my/data/"],
]


@pytest.fixture(params=["incomplete", "withdrawn"])
def holes(request, cast, application_at):
    """Its number: full of holes, and taken back as it is."""
    application = application_at("incomplete")
    actions.save_answers(application, by=cast.asta, given=HOLES)
    if request.param == "withdrawn":
        actions.withdraw(application, by=cast.asta)
    return application.reference


@pytest.mark.parametrize("page", PAGES)
def test_no_page_falls_over_it(as_user, cast, world, holes, page):
    applicants_own = page.startswith(("/applications", "/my"))
    reader = cast.asta if applicants_own else cast.frida
    answer = as_user(reader).get(page.format(reference=holes), follow=True)
    assert answer.status_code == 200


def test_the_municipalities_figures_leave_it_out(client, world, holes):
    assert client.get("/statistics/", follow=True).status_code == 200
    assert Application.objects.get(reference=holes).amount_applied_for is None
