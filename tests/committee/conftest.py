import pytest

from committee import actions


@pytest.fixture
def in_review(application_at):
    """Asta's application, with the committee."""
    return application_at("in_review")


@pytest.fixture
def votes():
    """votes(application, *members): each votes for half of what was applied for."""

    def cast(application, *members):
        for member in members:
            actions.cast_vote(
                application,
                member=member,
                choice="for",
                amount=application.amount_applied_for // 2,
                by=member.user,
            )

    return cast
