"""A substitute takes the place of a member, on one application."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from committee.review import actions as review
from committee.review import queries
from committee.review.models import Substitution
from committee.review.permissions import read_by_member
from committee.tally import tally
from committee.votes import queries as voting
from grants.letters.models import Mail
from tests import factories
from tests.committee.moments import AFTER_A_DAY, TIME_IS_OVER, events
from workflows import clock
from workflows.machine import Refusal


@pytest.fixture
def substitute(world):
    """substitute(name, seat="young"): somebody who waits to be called in."""

    def waiting(name, kind="young", **fields):
        who = factories.user(name)
        return factories.seat(who, world.committee, kind, is_substitute=True, **fields)

    return waiting


@pytest.fixture
def sif(substitute):
    return substitute("Sif")


@pytest.fixture
def esther(cast):
    return cast.members[1]


def stand_aside(application, member):
    review.declare_recusal(application, member=member, ground="family", by=member.user)


def call_in(application, cast, member, substitute):
    return review.call_in(application, member=member, substitute=substitute, by=cast.frida)


def state(application, member):
    return queries.bench(queries.window_for(application)).state_of(member)


def seated(application):
    return set(queries.bench(queries.window_for(application)).seated)


def test_for_one_who_stands_aside(in_review, cast, esther, sif):
    stand_aside(in_review, esther)
    assert state(in_review, sif) == "outside"
    call_in(in_review, cast, esther, sif)
    assert state(in_review, sif) == "undeclared"
    assert state(in_review, esther) == "recused"
    bench = queries.bench(queries.window_for(in_review))
    assert len(bench.entitled) == len(cast.members)
    assert events(in_review, "substitute_called").get().facts == {
        "member": esther.pk,
        "substitute": sif.pk,
    }


@pytest.mark.parametrize("has_voted", [True, False])
def test_nobody_who_takes_part_is_replaced_whether_they_have_voted_or_not(
    in_review, cast, votes, esther, sif, has_voted
):
    if has_voted:
        votes(in_review, esther)
    else:
        factories.clear(in_review, esther)
    with pytest.raises(Refusal, match="This member takes part"):
        call_in(in_review, cast, esther, sif)
    assert tally(_poll(in_review)).cast == int(has_voted)


def test_for_one_who_has_not_answered(in_review, cast, votes, esther, sif):
    call_in(in_review, cast, esther, sif)
    assert state(in_review, esther) == "outside"
    with pytest.raises(Refusal, match="do not have a seat") as refused:
        votes(in_review, esther)
    assert refused.value.code == "role"
    assert not read_by_member(esther.user).exists()
    result = tally(_poll(in_review))
    assert (result.entitled, result.cast) == (4, 0)


def _poll(application):
    return voting.poll(voting.window_for(application))


def test_the_substitute_is_asked_and_the_other_is_told(in_review, cast, esther, sif):
    Mail.objects.all().delete()
    call_in(in_review, cast, esther, sif)
    told = {mail.to: mail for mail in Mail.objects.all()}
    assert told.keys() == {sif.user, esther.user}
    assert told[sif.user].text.startswith("1 ")
    assert in_review.reference in told[esther.user].text
    assert not any(in_review.title in mail.text for mail in told.values())


def test_who_stands_aside_is_not_told_who_votes_instead(in_review, cast, esther, sif):
    stand_aside(in_review, esther)
    Mail.objects.all().delete()
    call_in(in_review, cast, esther, sif)
    assert Mail.objects.get().to == sif.user


def test_after_the_time_the_mail_names_no_time_that_is_gone(in_review, cast, esther, sif):
    sif.user.language = "en"
    sif.user.save()
    Mail.objects.all().delete()
    with clock.at(TIME_IS_OVER):
        call_in(in_review, cast, esther, sif)
    mail = Mail.objects.get(to=sif.user)
    assert "as soon as you can" in mail.text
    assert in_review.title not in mail.text


def test_it_takes_the_same_kind_of_seat_and_somebody_who_waits(in_review, cast, substitute):
    tor, ib, jo = substitute("Tor", "staff"), cast.members[2], cast.members[3]
    for member, instead in [(jo, tor), (jo, cast.members[1]), (ib, jo)]:
        with pytest.raises(Refusal, match="same kind of seat"):
            call_in(in_review, cast, member, instead)


def test_a_place_is_taken_once_and_a_substitute_takes_one(in_review, cast, esther, sif, substitute):
    call_in(in_review, cast, esther, sif)
    with pytest.raises(Refusal, match="already"):
        call_in(in_review, cast, esther, substitute("Ulf"))
    with pytest.raises(Refusal, match="Choose another"):
        call_in(in_review, cast, cast.members[3], sif)


@pytest.mark.parametrize("why", ["aside", "absent"])
@pytest.mark.parametrize("named", ["member", "substitute"])
def test_a_substitute_who_stands_aside_is_followed_by_another_in_the_same_place(
    in_review, cast, esther, sif, substitute, why, named
):
    ulf, vera = substitute("Ulf"), substitute("Vera")
    if why == "aside":
        stand_aside(in_review, esther)
    call_in(in_review, cast, esther, sif)
    stand_aside(in_review, sif)
    call_in(in_review, cast, {"member": esther, "substitute": sif}[named], ulf)
    assert Substitution.objects.get(substitute=ulf).member == esther
    entitled = queries.bench(queries.window_for(in_review)).entitled
    assert set(entitled) == {ulf.pk, *(seat.pk for seat in cast.members if seat != esther)}
    for member in [esther, sif]:
        with pytest.raises(Refusal, match="already"):
            call_in(in_review, cast, member, vera)


def test_a_substitute_who_stands_aside_gives_the_place_back(in_review, cast, votes, esther, sif):
    call_in(in_review, cast, esther, sif)
    stand_aside(in_review, sif)
    assert state(in_review, esther) == "undeclared"
    assert state(in_review, sif) == "recused"
    votes(in_review, esther)
    assert tally(_poll(in_review)).cast == 1


def test_who_has_a_part_in_it_or_stood_aside_is_not_called_in(
    in_review, cast, esther, sif, substitute
):
    in_review.team.create(user=sif.user, name="Sif")
    ulf = substitute("Ulf")
    call_in(in_review, cast, cast.members[3], ulf)
    stand_aside(in_review, ulf)
    for instead in [sif, ulf]:
        with pytest.raises(Refusal, match="Choose another"):
            call_in(in_review, cast, esther, instead)


def test_a_substitute_who_becomes_part_of_the_team_gives_the_place_back(
    in_review, cast, votes, esther, sif
):
    call_in(in_review, cast, esther, sif)
    votes(in_review, sif)
    in_review.team.create(user=sif.user, name="Sif")
    assert state(in_review, sif) == "recused"
    assert state(in_review, esther) == "undeclared"
    assert tally(_poll(in_review)).cast == 0


def test_it_holds_for_as_long_as_both_have_their_seats(in_review, cast, votes, esther, sif):
    call_in(in_review, cast, esther, sif)
    votes(in_review, sif)
    regular = {seat.pk for seat in cast.members}
    yesterday = AFTER_A_DAY.date() - timedelta(days=1)
    for ended, left in [(sif, regular), (esther, regular - {esther.pk})]:
        ended.ends_on = yesterday
        ended.save()
        assert seated(in_review) == left
        assert tally(_poll(in_review)).cast == 0
        ended.ends_on = None
        ended.save()
    assert tally(_poll(in_review)).cast == 1


def test_who_has_no_seat_today_is_neither_replaced_nor_called_in(in_review, cast, substitute):
    tomorrow = AFTER_A_DAY.date() + timedelta(days=1)
    new = substitute("Ny", starts_on=tomorrow)
    with pytest.raises(Refusal, match="Choose another"):
        call_in(in_review, cast, cast.members[1], new)
    gone = cast.members[3]
    gone.ends_on = AFTER_A_DAY.date() - timedelta(days=1)
    gone.save()
    with pytest.raises(Refusal, match="no seat"):
        call_in(in_review, cast, gone, substitute("Sif"))


def test_the_chair_or_the_secretariat_calls_in_and_nobody_else(in_review, cast, esther, sif):
    factories.clear(in_review, cast.members[0])
    for person in [cast.esther, cast.asta, cast.cille, cast.gorm, sif.user]:
        with pytest.raises(Refusal) as refused:
            review.call_in(in_review, member=esther, substitute=sif, by=person)
        assert refused.value.code == "role"
    review.call_in(in_review, member=esther, substitute=sif, by=cast.dines)


def test_a_chair_who_stands_aside_or_has_not_answered_calls_nobody_in(in_review, cast, substitute):
    dines, tor = cast.members[0], substitute("Tor", "staff")
    with pytest.raises(Refusal, match="Say first"):
        review.call_in(in_review, member=dines, substitute=tor, by=cast.dines)
    stand_aside(in_review, dines)
    with pytest.raises(Refusal, match="stand aside"):
        review.call_in(in_review, member=dines, substitute=tor, by=cast.dines)
    call_in(in_review, cast, dines, tor)


@pytest.mark.parametrize("status", ["eligible", "recommended"])
def test_where_no_vote_is_open_nobody_is_called_in(application_at, cast, esther, sif, status):
    with pytest.raises(Refusal) as refused:
        call_in(application_at(status), cast, esther, sif)
    assert refused.value.code == "closed"


def test_the_database_lets_nobody_sit_in_two_places_or_in_the_own(in_review, cast, esther, sif):
    row = {"application": in_review, "called_by": cast.frida}
    Substitution.objects.create(member=esther, substitute=sif, **row)
    with pytest.raises(IntegrityError, match="called_in_once"), transaction.atomic():
        Substitution.objects.create(member=cast.members[3], substitute=sif, **row)
    with pytest.raises(IntegrityError, match="nobody_substitutes_for_themselves"):
        Substitution.objects.create(member=esther, substitute=esther, **row)
