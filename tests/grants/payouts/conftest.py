from datetime import timedelta

import pytest

from grants.payouts import actions
from grants.payouts.models import Instalment, Payout
from tests import factories
from workflows import clock

# Long after the walk, before the deadline of anything.
LATER = factories.MONDAY + timedelta(days=20)


@pytest.fixture(autouse=True)
def _later():
    with clock.at(LATER):
        yield


@pytest.fixture
def accepted(application_at):
    """Asta has said yes to 10.000 kr., all in advance."""
    return application_at("accepted")


@pytest.fixture
def instalment(accepted):
    return accepted.current_grant().instalments.get()


@pytest.fixture
def payout_at(world, cast, accepted):
    """payout_at(status): the payout of Asta's instalment, walked there by the real actions."""

    def walked(status, instalment=None):
        instalment = instalment or Instalment.objects.get(grant__application=accepted)
        payout = actions.plan(instalment, by=cast.frida)
        if status == "cancelled":
            actions.cancel(payout, by=cast.frida)
        if status in {"approved", "sent", "paid", "returned"}:
            actions.approve(payout, by=cast.gorm)
        if status in {"sent", "paid", "returned"}:
            actions.release([payout], by=cast.gorm)
        if status == "paid":
            actions.confirm(payout, by=cast.frida)
        if status == "returned":
            actions.bounce(payout, by=cast.frida, reason="Kontoen er lukket")
        assert Payout.objects.get(pk=payout.pk).status == status
        return payout

    return walked


@pytest.fixture
def refused():
    """refused(sentence part, act, ...): the act raises a Refusal that says so."""
    from workflows.machine import Refusal  # after Django is set up

    def tried(part, act, *args, **given):
        with pytest.raises(Refusal, match=part):
            act(*args, **given)

    return tried
