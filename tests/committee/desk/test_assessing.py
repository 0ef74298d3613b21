"""A member's paper: saved as one goes, cast whole, and always plain which of the two it is."""

import pytest
from django.urls import reverse

from committee.votes.models import Assessment, Vote
from tests import factories
from tests.committee.desk.pages import SCRIPT, part, posted, text
from tests.committee.moments import TIME_IS_OVER
from workflows import clock

KR = 100


@pytest.fixture
def esther(in_review, cast):
    """Esther's seat; she has no conflict."""
    factories.clear(in_review, cast.members[1])
    return cast.members[1]


@pytest.fixture
def key(world):
    return str(world.criterion.pk)


@pytest.fixture
def save(in_review, esther, as_user, page):
    """save(**answers): as the script does, of what has been written just now."""
    client = as_user(esther.user)
    return lambda **answers: client.post(page("assess", in_review), answers, headers=SCRIPT)


def test_what_is_saved_is_told_with_the_time_and_what_is_left(save, in_review, esther, key, paper):
    answer = save(**{f"score-{key}": "4"})
    assert answer.json() == {
        "told": "Saved at 10:00.",
        "errors": {},
        "left": {"scored": 1, "criteria": 1, "vote": "missing"},
    }
    assert paper(in_review, esther).scores == {key: 4}
    assert not Vote.objects.exists()


def test_each_answer_is_saved_by_itself_and_leaves_the_others(save, in_review, esther, key, paper):
    save(**{f"score-{key}": "4"})
    save(**{f"note-{key}": "Uklart, hvem de er."})
    save(answer="less", less="6.500")
    save(**{f"score-{key}": "2"})
    saved = paper(in_review, esther)
    assert (saved.scores, saved.notes) == ({key: 2}, {key: "Uklart, hvem de er."})
    assert (saved.choice, saved.amount) == ("for", 6_500 * KR)
    save(**{f"note-{key}": ""})
    assert paper(in_review, esther).notes == {}


@pytest.mark.parametrize(
    "answers, vote",
    [
        ({"answer": "abstain"}, "ready"),
        ({"answer": "against"}, "missing"),
        ({"answer": "against", "score": "0"}, "ready"),
        ({"answer": "all", "score": "5"}, "ready"),
        ({"answer": "less", "less": "", "score": "5"}, "missing"),
        ({"answer": "less", "less": "4.999", "score": "5"}, "missing"),
        ({"answer": "less", "less": "5.000", "score": "5"}, "ready"),
        ({"score": "5"}, "missing"),
    ],
)
def test_a_paper_is_ready_when_it_could_be_cast(save, key, answers, vote):
    given = {(f"score-{key}" if name == "score" else name): said for name, said in answers.items()}
    assert save(**given).json()["left"]["vote"] == vote


def test_what_is_wrong_is_said_and_the_rest_is_saved(save, in_review, esther, key, paper):
    answer = save(**{"answer": "less", "less": "mange penge", f"score-{key}": "3"})
    assert list(answer.json()["errors"]) == ["less"]
    saved = paper(in_review, esther)
    assert (saved.choice, saved.amount, saved.scores) == ("for", 0, {key: 3})
    assert "too small" not in text(answer)
    assert save(**{f"score-{key}": "6"}).json()["errors"]
    assert save(**{f"note-{key}": "å" * 2001}).json()["errors"]
    assert paper(in_review, esther).scores == {key: 3}


def test_an_amount_that_cannot_be_cast_is_kept_on_the_paper(save, in_review, esther, as_user, page):
    assert "It does not work" in save(answer="less", less="65").json()["errors"]["less"]
    shown = text(as_user(esther.user).get(page("case", in_review)))
    assert 'value="65"' in shown


def test_the_button_saves_all_without_a_script(in_review, esther, as_user, page, key, paper):
    client = as_user(esther.user)
    given = {f"score-{key}": "4", f"note-{key}": "Godt.", "answer": "", "less": ""}
    answer = posted(client, page("assess", in_review), **given)
    assert answer.redirect_chain == [(page("case", in_review), 302)]
    assert "Saved at 10:00." in text(answer)
    assert paper(in_review, esther).notes == {key: "Godt."}
    assert "Your vote is missing" in text(answer)
    wrong = posted(client, page("assess", in_review), answer="less", less="x")
    assert "error-summary" in text(wrong)
    assert paper(in_review, esther).choice == "for"


def test_the_paper_shows_weights_and_what_the_scores_mean(
    heavy, in_review, esther, as_user, page, key
):
    shown = text(as_user(esther.user).get(page("case", in_review)))
    assert "Weight: 1 of 3." in shown
    assert "Weight: 2 of 3." in shown
    courage = part(shown, "<legend>Courage</legend>", "</fieldset>")
    assert courage.count("Very well") == 2  # with its score, and in the list
    community = part(shown, "<legend>Community</legend>", "</fieldset>")
    assert "What 0 to 5 mean" not in community
    assert "0 of 2 criteria" in shown


def test_a_criterion_that_came_after_the_vote_opened_is_not_asked_for(
    in_review, world, esther, as_user, page
):
    world.call.criteria.create(
        position=9, name="Nyt", name_en="Later", text="x", text_en="x", weight=1
    )
    shown = text(as_user(esther.user).get(page("case", in_review)))
    assert "<legend>Later" not in shown
    assert "0 of 1 criterion" in shown


def test_nobody_elses_paper_is_shown_or_written(save, in_review, cast, as_user, page, key):
    save(**{f"note-{key}": "Kun for mig."})
    for member in (cast.members[0], cast.members[3]):
        factories.clear(in_review, member)
        client = as_user(member.user)
        assert "Kun for mig." not in text(client.get(page("case", in_review)))
        client.post(page("assess", in_review), {f"note-{key}": "Min."}, headers=SCRIPT)
    mine = Assessment.objects.get(member=cast.members[1])
    assert mine.notes == {key: "Kun for mig."}


def test_a_paper_cannot_be_saved_once_the_vote_is_closed(save, in_review, cast, key):
    factories.vote_through(in_review, cast, amount=10_000 * KR, at=clock.now())
    answer = save(**{f"score-{key}": "1"})
    assert answer.status_code == 409
    assert "closed" in answer.json()["sentence"]


def test_voting_for_less(in_review, esther, as_user, page, key):
    client = as_user(esther.user)
    given = {"answer": "less", "less": "6.500", f"score-{key}": "4", f"note-{key}": "Nær."}
    answer = posted(client, page("vote", in_review), **given)
    vote = Vote.objects.get()
    assert (vote.member, vote.choice, vote.amount) == (esther, "for", 6_500 * KR)
    assert vote.scores == {key: 4}
    assert answer.redirect_chain == [(reverse("committee:desk"), 302)]
    assert "is in." in text(answer)
    again = text(client.get(page("case", in_review)))
    assert 'value="6500"' in again
    assert "Nær." in again
    assert "Change vote" in again


@pytest.mark.parametrize(
    "answer, stored",
    [("all", ("for", 10_000 * KR)), ("against", ("against", 0)), ("abstain", ("abstain", 0))],
)
def test_the_other_answers(in_review, esther, as_user, page, key, answer, stored):
    client = as_user(esther.user)
    posted(client, page("vote", in_review), **{"answer": answer, f"score-{key}": "4"})
    vote = Vote.objects.get()
    assert (vote.choice, vote.amount) == stored
    form = client.get(page("case", in_review)).context["form"]
    assert form["answer"].value() == answer
    assert form[f"score-{key}"].value() == 4


def test_abstaining_needs_no_scores_and_everything_else_does(in_review, esther, as_user, page):
    client = as_user(esther.user)
    answer = posted(client, page("vote", in_review), answer="against")
    assert "Give it a score from 0 to 5, or abstain." in text(answer)
    answer = posted(client, page("vote", in_review))
    assert "Choose whether you are for, against, or abstain." in text(answer)
    assert not Vote.objects.exists()
    posted(client, page("vote", in_review), answer="abstain")
    assert Vote.objects.get().choice == "abstain"


def test_a_vote_without_an_answer_says_so_and_the_paper_is_kept(
    in_review, esther, as_user, page, key, paper
):
    answer = posted(as_user(esther.user), page("vote", in_review), **{f"score-{key}": "4"})
    assert "error-summary" in text(answer)
    assert paper(in_review, esther).scores == {key: 4}
    assert not Vote.objects.exists()


@pytest.mark.parametrize(
    "less, said",
    [
        ("", "Write the amount"),
        ("mange penge", "Write the amount"),
        ("0", "Write the amount"),
        ("10.000", "Write less than"),
        ("20000", "Write less than"),
        ("4.999", "It does not work for less than"),
    ],
)
def test_a_wrong_amount_is_kept_and_explained(in_review, esther, as_user, page, key, less, said):
    given = {"answer": "less", "less": less, f"score-{key}": "4"}
    answer = posted(as_user(esther.user), page("vote", in_review), **given)
    assert said in text(answer)
    assert not less or f'value="{less}"' in text(answer)
    assert answer.context["form"]["answer"].value() == "less"
    assert not Vote.objects.exists()


def shown_of(answer):
    """Which of the four the page shows."""
    return answer.context["standing"].vote


def test_saved_is_told_from_cast_and_cast_from_changed_since(
    save, in_review, esther, as_user, page, key
):
    client = as_user(esther.user)
    here = page("case", in_review)
    save(**{"answer": "against", f"score-{key}": "1"})
    assert shown_of(client.get(here)) == "ready"
    posted(client, page("vote", in_review), **{"answer": "against", f"score-{key}": "1"})
    assert shown_of(client.get(here)) == "cast"
    assert save(**{f"note-{key}": "En note ændrer ingen stemme."}).json()["left"]["vote"] == "cast"
    assert save(**{f"score-{key}": "2"}).json()["left"]["vote"] == "changed"
    answer = client.get(here)
    assert shown_of(answer) == "changed"
    hidden = part(text(answer), '<p data-vote="changed"', "</p>")
    assert hidden.startswith("><strong>Your vote is in. You have changed your paper since")
    assert save(**{f"score-{key}": "1"}).json()["left"]["vote"] == "cast"
    assert Vote.objects.get().scores == {key: 1}


def test_a_paper_that_is_begun_after_the_vote_begins_with_it(
    save, in_review, esther, as_user, page, key, paper
):
    factories.vote(in_review, esther, amount=6_000 * KR, points=3)
    assert shown_of(as_user(esther.user).get(page("case", in_review))) == "cast"
    assert save(**{f"note-{key}": "Bagefter."}).json()["left"]["vote"] == "cast"
    saved = paper(in_review, esther)
    assert (saved.scores, saved.choice, saved.amount) == ({key: 3}, "for", 6_000 * KR)


def test_after_voting_the_next_one_that_is_left_opens(
    in_review, application_at, esther, as_user, page
):
    later = [application_at("in_review", who=in_review.applicant) for _number in range(2)]
    factories.clear(later[0], esther)
    factories.clear(later[1], esther)
    client = as_user(esther.user)
    opened = []
    for each in (later[0], later[1], in_review):
        answer = posted(client, page("vote", each), answer="abstain")
        opened.append(answer.redirect_chain[-1][0])
    assert opened == [page("case", later[1]), page("case", in_review), reverse("committee:desk")]


def test_the_case_leads_to_the_one_before_and_the_one_after(
    in_review, application_at, esther, as_user, page
):
    second = application_at("in_review", who=in_review.applicant, title="Kælderteater")
    shut = application_at("in_review", who=in_review.applicant)
    factories.clear(second, esther)
    client = as_user(esther.user)
    first, last = (client.get(page("case", each)) for each in (in_review, second))
    assert (first.context["before"], first.context["after"]) == (None, second)
    assert (last.context["before"], last.context["after"]) == (in_review, None)
    assert page("case", shut) not in text(first)


def test_a_vote_that_is_too_late_is_refused_with_the_reason(in_review, cast, as_user, page, votes):
    votes(in_review, *cast.members)
    with clock.at(TIME_IS_OVER):
        answer = posted(as_user(cast.esther), page("vote", in_review), answer="abstain")
        assert "The time to vote is over." in text(answer)
    assert Vote.objects.get(member=cast.members[1]).choice == "for"


def test_a_wrong_form_that_is_reloaded_leads_back_to_the_case(in_review, esther, as_user, page):
    client = as_user(esther.user)
    for name in ("vote", "assess"):
        assert client.get(page(name, in_review)).url == page("case", in_review)
