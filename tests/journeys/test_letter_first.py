"""The caseworker looks at the letter in a window of its own, and decides at once."""

import pytest
from django.urls import reverse

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_who_has_looked_at_the_letter_can_decide_at_once(person, cast, application_at):
    application = application_at("recommended")
    page = person(cast.frida)
    page.goto(reverse("desk:act", args=[application.reference, "decide"]))
    with page.expect_popup():
        page.get_by_role("button", name="See the letter as it will look").click()
    page.get_by_role("button", name="Record decision").click()
    page.wait_for_url(f"**{reverse('desk:case', args=[application.reference])}", timeout=4_000)
    application.refresh_from_db()
    assert application.status == "decided"
