"""Who may vote on what: what the chair and the secretariat see, settle and call in."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from committee import tally
from committee.review import actions as review
from committee.review import permissions, queries
from committee.review.actions import call_in_obstacle
from committee.review.coverage import Reach, coverage, open_places
from committee.review.models import Ruling, Substitution
from committee.seats.models import Member, Procedure
from committee.votes import actions as voting
from tests import factories
from tests.committee.moments import TIME_IS_OVER
from workflows import clock

PAGE = reverse("committee:coverage")


@pytest.fixture(autouse=True)
def _in_english(client):
    client.cookies.load({"django_language": "en"})


@pytest.fixture
def of(in_review, world):
    """of(user): the row of Asta's application as the user sees it."""

    def row(user):
        rows = coverage(user, world.committee).rows
        return next(iter(rows), None)

    return row


@pytest.fixture
def substitutes(world):
    return [
        factories.seat(factories.user(name), world.committee, seat, is_substitute=True)
        for name, seat in [("Kim", "young"), ("Lea", "staff")]
    ]


def text(answer):
    return answer.content.decode()


def calling_in(application):
    return reverse("committee:call_in", args=[application.reference])


def ruling(declaration):
    return reverse("committee:rule", args=[declaration.pk])


def unsure(application, member, note="Måske."):
    review.declare(application, member=member, answer="unsure", note=note, by=member.user)
    return application.declarations.filter(member=member).first()


def aside(application, member):
    review.declare_recusal(application, member=member, ground="family", by=member.user)


def shown(row):
    return {str(cell.member): cell.label for cell in row.cells}


# Who may read it


def test_it_is_for_the_chair_and_the_pools_caseworkers(in_review, cast, as_user):
    for reader in [cast.dines, cast.frida]:
        assert as_user(reader).get(PAGE).status_code == 200
    for stranger in [cast.esther, cast.asta, cast.cille, cast.gorm, cast.hanne]:
        client = as_user(stranger)
        for url in [PAGE, calling_in(in_review), ruling(unsure(in_review, cast.members[2]))]:
            assert client.get(url).status_code == 404
            assert url == PAGE or client.post(url).status_code == 404
    as_user(cast.dines).logout()


def test_another_pools_chair_and_caseworker_are_strangers(in_review, world, as_user):
    other = factories.world(code="two")
    kim = factories.seat(factories.user("Kim"), other.committee, "staff", is_chair=True).user
    lea = factories.role(factories.user("Lea"), other.pool, "caseworker")
    for stranger in [kim, lea]:
        assert "Natteradio" not in text(as_user(stranger).get(PAGE))
        assert as_user(stranger).get(calling_in(in_review)).status_code == 404


def test_a_chair_to_whom_a_case_is_shut_sees_its_title_and_no_more(in_review, cast, as_user):
    client = as_user(cast.dines)
    factories.clear(in_review, cast.members[1])
    for shut in [
        lambda: None,
        lambda: unsure(in_review, cast.members[0]),
        lambda: aside(in_review, cast.members[0]),
    ]:
        shut()
        page = text(client.get(PAGE))
        assert "Natteradio" in page
        for kept in ["Asta", "May vote", "Quorum possible", "it takes", in_review.reference]:
            assert kept not in page.replace(f'id="{in_review.reference}"', "")
        assert client.get(calling_in(in_review)).status_code == 404


def test_a_caseworker_does_not_find_what_they_have_a_part_in(in_review, cast, of):
    assert not of(cast.frida).is_shut
    in_review.team.create(user=cast.frida, name="Frida")
    assert of(cast.frida) is None


def test_what_is_shut_is_what_the_acts_are_refused_in(in_review, cast, world, of):
    """The page asks once for all rows; office_obstacle is what each act asks."""
    both = factories.role(factories.user("Ulla"), world.pool, "caseworker")
    factories.seat(both, world.committee, "staff")

    def agrees(user):
        row = of(user)
        refused = permissions.office_obstacle(queries.window_for(in_review), user)
        return (row is None or row.is_shut) == bool(refused)

    people = [cast.dines, cast.frida, both]
    assert all(agrees(user) for user in people)
    factories.clear(in_review, cast.members[0])
    assert all(agrees(user) for user in people)
    unsure(in_review, cast.members[0])
    assert all(agrees(user) for user in people)
    for user in people:
        in_review.team.create(user=user, name=user.name)
        assert agrees(user)


def test_what_is_no_longer_voted_on_is_not_there(application_at, cast, world, as_user):
    application_at("recommended")
    assert coverage(cast.dines, world.committee).rows == ()
    assert "No vote is open" in text(as_user(cast.dines).get(PAGE))


# What it shows


def test_each_member_has_a_word(in_review, cast, substitutes, of):
    dines, esther, ib, jo = cast.members
    factories.clear(in_review, dines)
    aside(in_review, esther)
    unsure(in_review, ib)
    assert shown(of(cast.dines)) == {
        "Esther": "Stands aside",
        "Jo": "Not answered",
        "Dines": "May vote",
        "Ib": "Unsure",
        "Kim": "Substitute",
        "Lea": "Substitute",
    }
    kim, _lea = substitutes
    review.call_in(in_review, member=jo, substitute=kim, by=cast.dines)
    called = {"Jo": "Replaced", "Kim": "Not answered", "Lea": "Substitute"}
    assert shown(of(cast.dines)).items() >= called.items()
    factories.clear(in_review, kim)
    called = {"Jo": "Replaced", "Kim": "May vote"}
    assert shown(of(cast.dines)).items() >= called.items()


def test_it_is_the_same_whoever_has_voted_and_whatever(in_review, cast, world, as_user):
    factories.clear(in_review, *cast.members)
    pages = [PAGE, calling_in(in_review)]

    def seen():
        found = []
        for reader in [cast.dines, cast.frida]:
            client = as_user(reader)
            found += [text(client.get(url)) for url in pages]
        return [line for page in found for line in page.splitlines() if "csrf" not in line.lower()]

    before = seen()
    for member, choice in zip(cast.members, ["for", "against", "abstain"], strict=False):
        factories.vote(in_review, member, choice=choice)
    assert seen() == before
    voting.demand_meeting(in_review, member=cast.members[1], reason="Vi er uenige.", by=cast.esther)
    assert seen() == before


def test_hints_are_shown_of_those_who_can_still_stand_aside(in_review, cast, of, as_user):
    factories.clear(in_review, cast.members[0])
    for member in cast.members[1:3]:
        member.posts = "Vaskeriet"
        member.save()
    client = as_user(cast.dines)
    told = "It happens where this member seems to have a post: Vaskeriet"
    assert text(client.get(PAGE)).count(told) == 2
    aside(in_review, cast.members[2])
    assert text(client.get(PAGE)).count(told) == 1
    in_review.applicant.is_protected = True
    in_review.applicant.save()
    assert told not in text(client.get(PAGE))


def test_neither_the_chair_nor_the_secretariat_is_told_who_a_protected_applicant_is(
    application_at, cast, as_user
):
    hidden = factories.applicant(cast.asta, name="Skjult Navn", is_protected=True)
    application = application_at("in_review", who=hidden)
    factories.clear(application, cast.members[0])
    factories.guardian(application, cast.members[2].user)
    doubt = unsure(application, cast.members[1])
    pages = [
        text(as_user(reader).get(url))
        for reader, url in [
            *[(cast.dines, url) for url in [PAGE, calling_in(application), ruling(doubt)]],
            *[(cast.frida, url) for url in [PAGE, calling_in(application)]],
        ]
    ]
    for page in pages:
        assert "Skjult" not in page
        assert "Has a part in it" not in page


# Quorum


def test_a_quorum_that_cannot_be_is_marked_on_top_with_what_repairs_it(
    in_review, cast, substitutes, of, as_user
):
    factories.clear(in_review, cast.members[0], *cast.members[2:])
    assert of(cast.dines).risk == "at_risk"
    aside(in_review, cast.members[1])
    assert of(cast.dines).risk == "impossible"
    page = text(as_user(cast.dines).get(PAGE))
    assert "Quorum impossible: call in a substitute" in page
    assert calling_in(in_review) in page
    assert "Young: 1, it takes 2" in page
    review.call_in(in_review, member=cast.members[1], substitute=substitutes[0], by=cast.dines)
    assert of(cast.dines).risk == "at_risk"
    page = text(as_user(cast.dines).get(PAGE))
    assert "Quorum impossible" not in page
    assert "Quorum at risk in 1 application" in page


def test_a_quorum_hangs_on_a_doubt(in_review, cast, world, of):
    more = [
        factories.seat(factories.user(name), world.committee, seat)
        for name, seat in [("Pia", "young"), ("Per", "staff")]
    ]
    factories.clear(in_review, *cast.members, *more)
    assert of(cast.dines).risk == ""
    unsure(in_review, cast.members[1])
    assert of(cast.dines).risk == "at_risk"


def seats(young, staff):
    kinds = ["young"] * young + ["staff"] * staff
    return tuple(Member(pk=number, seat=seat) for number, seat in enumerate(kinds))


numbers = st.integers(0, 6)


@given(numbers, numbers, numbers, numbers, st.integers(1, 100), st.data())
def test_the_risk_is_what_counting_says(young, staff, least_young, least_staff, percent, data):
    """Impossible: not even with every vote. At risk: not with one less, or without the unsure."""
    procedure = Procedure(quorum_percent=percent, least_young=least_young, least_staff=least_staff)
    members = seats(young, staff)
    doubtful = data.draw(st.frozensets(st.sampled_from(range(young + staff)))) if members else ()
    reach = Reach(members, frozenset(doubtful), procedure)

    def is_met(entitled, voting):
        poll = tally.Poll(
            ballots=tuple(tally.Ballot(str(each.pk), each.seat, "abstain") for each in voting),
            seats={str(each.pk): each.seat for each in entitled},
            rules=tally.Rules(
                quorum_percent=percent,
                least_young=least_young,
                least_staff=least_staff,
                wants_both_blocs=False,
                ties=(),
                threshold=0,
                young_weight=50,
                rounding=1,
                weights={},
            ),
            applied_for=1,
            least_workable=1,
        )
        return tally.tally(poll).quorum.is_met

    firm = [each for each in members if each.pk not in doubtful]
    without_one = [[each for each in firm if each != gone] for gone in firm] or [[]]
    is_safe = all(is_met(firm, left) for left in without_one)
    expected = "" if is_safe else "at_risk"
    assert reach.risk == (expected if is_met(members, members) else "impossible")
    assert (reach.young, reach.staff) == (young, staff)


# Settling


def test_the_chair_reads_the_note_and_settles_with_a_reason(in_review, cast, of, as_user):
    factories.clear(in_review, cast.members[0])
    doubt = unsure(in_review, cast.members[1], note="Vi gik i klasse.")
    client = as_user(cast.dines)
    assert ruling(doubt) in text(client.get(PAGE))
    assert "Vi gik i klasse." not in text(client.get(PAGE))
    assert "Vi gik i klasse." in text(client.get(ruling(doubt)))
    answer = client.post(ruling(doubt), {"is_recused": "no", "reason": "Det er ti år siden."})
    assert answer.url == PAGE
    settled = Ruling.objects.get()
    assert (settled.is_recused, settled.reason) == (False, "Det er ti år siden.")
    assert client.get(ruling(doubt)).url == PAGE


def test_a_member_who_is_to_stand_aside_gets_the_ground(in_review, cast, as_user):
    factories.clear(in_review, cast.members[0])
    doubt = unsure(in_review, cast.members[1])
    answers = {"is_recused": "yes", "ground": "family", "reason": "I er søskende."}
    as_user(cast.dines).post(ruling(doubt), answers)
    assert in_review.recusals.get().ground == "family"


@pytest.mark.parametrize(
    "answers, said",
    [
        ({"is_recused": "no", "reason": " "}, "Write the reason."),
        ({"is_recused": "", "reason": "Fordi."}, "Choose one of the answers."),
        ({"is_recused": "yes", "reason": "Fordi."}, "Say on what ground"),
    ],
)
def test_a_ruling_that_lacks_something_is_kept_and_explained(
    in_review, cast, as_user, answers, said
):
    factories.clear(in_review, cast.members[0])
    answer = as_user(cast.dines).post(ruling(unsure(in_review, cast.members[1])), answers)
    assert said in text(answer)
    assert {name: answer.context["form"][name].value() for name in answers} == answers
    assert not Ruling.objects.exists()


def test_the_doubts_on_the_page_are_those_that_the_act_lets_one_settle(in_review, cast, of):
    dines, esther, ib, _jo = cast.members
    doubts = [unsure(in_review, member) for member in (esther, ib)]

    def agrees(user, among=doubts):
        row = of(user)
        offered = row.doubts if row else ()
        allowed = [each for each in among if not permissions.rule_obstacle(each, user)]
        return set(offered) == set(allowed)

    assert agrees(cast.dines)
    assert agrees(cast.frida)
    factories.clear(in_review, dines)
    assert agrees(cast.dines)
    assert agrees(cast.frida)
    assert of(cast.dines).doubts
    with clock.at(TIME_IS_OVER):
        assert agrees(cast.frida)
        assert of(cast.frida).doubts
    own = unsure(in_review, dines)
    assert agrees(cast.frida, [*doubts, own])
    assert own in of(cast.frida).doubts


# Calling in


def test_a_substitute_is_called_in_from_the_page(in_review, cast, substitutes, as_user):
    factories.clear(in_review, cast.members[0])
    aside(in_review, cast.members[1])
    client = as_user(cast.dines)
    form = client.get(calling_in(in_review)).context["form"]
    assert [label for _pk, label in form["member"].field.choices] == [
        *["Choose", "Esther (Stands aside)", "Ib (Not answered)", "Jo (Not answered)"],
    ]
    answers = {"member": cast.members[1].pk, "substitute": substitutes[0].pk}
    answer = client.post(calling_in(in_review), answers, follow=True)
    assert "Kim is called in for Esther, and gets a mail." in text(answer)
    called = Substitution.objects.get()
    assert (called.member, called.substitute) == (cast.members[1], substitutes[0])


def test_the_other_kind_of_seat_is_refused_in_a_sentence(in_review, cast, substitutes, as_user):
    answers = {"member": cast.members[1].pk, "substitute": substitutes[1].pk}
    answer = as_user(cast.frida).post(calling_in(in_review), answers)
    assert "Choose a substitute with the same kind of seat." in text(answer)
    assert not Substitution.objects.exists()


def test_where_nobody_can_be_called_in_the_page_says_so(in_review, cast, as_user):
    assert "No substitute can be called in here" in text(
        as_user(cast.frida).get(calling_in(in_review))
    )


def test_what_is_offered_is_what_the_act_allows(in_review, cast, world, substitutes):
    committee = world.committee
    kim, lea = substitutes
    mia = factories.seat(factories.user("Mia"), committee, "young", is_substitute=True)
    factories.seat(
        factories.user("Ole"), committee, "staff", is_substitute=True, ends_on=date(2026, 3, 1)
    )
    _dines, esther, ib, _jo = cast.members

    def agrees():
        window = queries.window_for(in_review)
        offered = {(member, each) for member, free in open_places(window) for each in free}
        regular = committee.members.filter(is_substitute=False)
        waiting = committee.members.filter(is_substitute=True)
        return offered == {
            (member, each)
            for member in regular
            for each in waiting
            if not call_in_obstacle(in_review, member, each)
        }

    assert agrees()
    aside(in_review, esther)
    assert agrees()
    review.call_in(in_review, member=esther, substitute=kim, by=cast.frida)
    assert agrees()
    aside(in_review, kim)
    assert agrees()
    review.call_in(in_review, member=esther, substitute=mia, by=cast.frida)
    in_review.team.create(user=lea.user, name="Lea")
    assert agrees()
    ib.ends_on = date(2026, 3, 1)
    ib.save()
    assert agrees()


# However many


@pytest.mark.slow
def test_the_page_asks_the_same_number_of_queries_with_1_row_and_40(
    in_review, application_at, cast, world, as_user
):
    """Forty applications walk to the committee by the real actions, for fifteen members."""
    for number in range(11):
        factories.seat(
            factories.user(f"Medlem {number}"),
            world.committee,
            "young" if number % 2 else "staff",
            is_substitute=number > 8,
        )
    factories.guardian(in_review, factories.user("Mor"))
    in_review.team.create(user=cast.bo, name="Bo")
    factories.clear(in_review, cast.members[0])
    unsure(in_review, cast.members[1])

    def asked(reader):
        client = as_user(reader)
        client.get(PAGE)
        with CaptureQueriesContext(connection) as found:
            assert client.get(PAGE).status_code == 200
        return len(found)

    with_one = [asked(cast.dines), asked(cast.frida)]
    for number in range(39):
        more = application_at("in_review", who=in_review.applicant)
        more.team.create(user=cast.bo, name="Bo")
        if number % 3:
            factories.clear(more, cast.members[0])
            unsure(more, cast.members[number % 2 + 1])
    assert [asked(cast.dines), asked(cast.frida)] == with_one
    assert max(with_one) <= 30
