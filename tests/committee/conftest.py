import pytest

from tests import factories


@pytest.fixture
def in_review(application_at):
    """Asta's application, with the committee."""
    return application_at("in_review")


@pytest.fixture
def votes():
    """votes(application, *members): each declares, and votes for half of what was applied for."""

    def cast(application, *members):
        for member in members:
            factories.clear(application, member)
            factories.vote(application, member, amount=application.amount_applied_for // 2)

    return cast
