"""What the secretariat can do in a vote from the case's page: settle a doubt, call in."""

import pytest
from django.urls import reverse

from committee.review import actions as review
from committee.review.models import Ruling, Substitution
from tests import factories
from workflows import clock

AFTER_A_DAY, TIME_IS_OVER = (factories.MONDAY + factories.timedelta(days=days) for days in (4, 30))


@pytest.fixture(autouse=True)
def _while_the_vote_is_open(client):
    client.cookies.load({"django_language": "en"})
    with clock.at(AFTER_A_DAY):
        yield


@pytest.fixture
def application(application_at):
    return application_at("in_review")


def act(application, name):
    return reverse("desk:act", args=[application.reference, name])


def text(answer):
    return answer.content.decode()


def unsure(application, member, note="Måske."):
    review.declare(application, member=member, answer="unsure", note=note, by=member.user)
    return application.declarations.filter(member=member).first()


def test_the_secretariat_settles_the_chairs_own_doubt(application, cast, as_user):
    doubt = unsure(application, cast.members[0], note="Vi gik i klasse.")
    client, url = as_user(cast.frida), act(application, "settle_doubt")
    assert url in text(client.get(reverse("desk:case", args=[application.reference])))
    assert "Dines: Vi gik i klasse." in text(client.get(url))
    answers = {"declaration": doubt.pk, "is_recused": "no", "reason": "Det er ti år siden."}
    client.post(url, answers)
    ruling = Ruling.objects.get()
    assert (ruling.declaration, ruling.is_recused, ruling.ruled_by) == (doubt, False, cast.frida)
    assert client.get(url).status_code == 302


def test_what_the_chair_settles_is_not_offered_until_the_time_is_over(application, cast, as_user):
    factories.clear(application, cast.members[0])
    unsure(application, cast.members[1])
    client, url = as_user(cast.frida), act(application, "settle_doubt")
    assert client.get(url).status_code == 302
    with clock.at(TIME_IS_OVER):
        assert client.get(url).status_code == 200


def test_of_several_doubts_one_is_chosen(application, cast, as_user):
    _first, second = (unsure(application, member) for member in cast.members[:2])
    client, url = as_user(cast.frida), act(application, "settle_doubt")
    answers = {"is_recused": "yes", "ground": "family", "reason": "I er søskende."}
    assert "Choose whose doubt it is." in text(client.post(url, answers))
    client.post(url, answers | {"declaration": second.pk})
    recusal = application.recusals.get()
    assert (recusal.member, recusal.ground) == (cast.members[1], "family")


def test_a_doubt_that_was_settled_meanwhile_is_said_to_be(application, cast, as_user):
    _first, second = (unsure(application, member) for member in cast.members[:2])
    review.rule(second, is_recused=False, reason="Det går an.", by=cast.frida)
    answers = {"declaration": second.pk, "is_recused": "yes", "ground": "family", "reason": "Nej."}
    answer = as_user(cast.frida).post(act(application, "settle_doubt"), answers)
    assert "It is settled already." in text(answer)


def test_the_secretariat_calls_in_a_substitute(application, world, cast, as_user):
    client, url = as_user(cast.frida), act(application, "call_in")
    assert client.get(url).status_code == 302
    lea = factories.seat(factories.user("Lea"), world.committee, "staff", is_substitute=True)
    assert "It cannot be taken back." in text(client.get(url))
    client.post(url, {"member": cast.members[2].pk, "substitute": lea.pk})
    called = Substitution.objects.get()
    assert (called.member, called.substitute, called.called_by) == (
        cast.members[2],
        lea,
        cast.frida,
    )


@pytest.mark.parametrize("status", ["submitted", "eligible", "recommended"])
@pytest.mark.parametrize("name", ["settle_doubt", "call_in"])
def test_where_no_vote_is_open_neither_is_offered(
    application_at, world, cast, as_user, status, name
):
    factories.seat(factories.user("Lea"), world.committee, "staff", is_substitute=True)
    application = application_at(status)
    client = as_user(cast.frida)
    assert client.get(act(application, name)).status_code == 302
    assert client.post(act(application, name), {}).status_code in {200, 302}
    assert not Ruling.objects.exists()
    assert not Substitution.objects.exists()


@pytest.mark.parametrize("person", ["gorm", "hanne"])
@pytest.mark.parametrize("name", ["settle_doubt", "call_in"])
def test_who_is_no_caseworker_has_neither(application, world, cast, as_user, person, name):
    factories.seat(factories.user("Lea"), world.committee, "staff", is_substitute=True)
    unsure(application, cast.members[0])
    assert as_user(getattr(cast, person)).get(act(application, name)).status_code == 302
