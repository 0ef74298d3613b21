import pytest
from django.urls import reverse

from committee.votes import queries as votes
from grants.pools.models import Criterion
from tests.committee.moments import AFTER_A_DAY
from workflows import clock

SCALE = "Nothing\nHardly\nA little\nQuite\nWell\nVery well"


@pytest.fixture(autouse=True)
def _while_the_vote_is_open(client):
    client.cookies.load({"django_language": "en"})
    with clock.at(AFTER_A_DAY):
        yield


@pytest.fixture
def page():
    return lambda name, application: reverse(f"committee:{name}", args=[application.reference])


@pytest.fixture
def heavy(world):
    """A second criterion, which weighs twice and says what its scores mean."""
    return Criterion.objects.create(
        call=world.call,
        position=2,
        name="Mod",
        name_en="Courage",
        text="De tør noget.",
        text_en="They dare something.",
        weight=2,
        scale=SCALE,
        scale_en=SCALE,
    )


@pytest.fixture
def paper():
    """paper(application, member): the member's own, as it lies in the database; None without."""
    return lambda application, member: (
        votes.window_for(application).assessments.filter(member=member).first()
    )
