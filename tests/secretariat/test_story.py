"""The story: one call from opening to completion, and its books agree."""

import csv
import hashlib
import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from lxml import etree

from applicants.models import User
from grants.applications.models import Application
from grants.decisions.models import Grant
from grants.letters.models import Letter
from grants.payouts.models import PaymentBatch, Payout
from grants.pools.models import Call, Pool
from secretariat.stories import narration
from secretariat.stories.books import Books
from workflows.models import LogEntry

pytestmark = [pytest.mark.slow, pytest.mark.django_db]  # two hundred acts and eleven letters a run


@pytest.fixture(scope="module")
def out(django_db_setup, django_db_blocker, tmp_path_factory):
    """The folder of the second of two runs in one database, rolled back after this module."""
    folder = tmp_path_factory.mktemp("story")
    with django_db_blocker.unblock(), transaction.atomic():
        for run in ("first", "second"):
            call_command("story", "--out", str(folder / run), stdout=io.StringIO())
        connection.check_constraints()  # what is deferred to the commit: a log entry a step
        yield folder / "second"
        transaction.set_rollback(True)


@pytest.fixture
def summary(out):
    return json.loads((out / "summary.json").read_text())


def test_the_summary_has_exactly_what_was_asked_for(summary):
    assert list(summary) == [
        *["applications", "by_status", "amount_awarded", "amount_disbursed", "letters"],
        *["audit_entries", "audit_verified", "municipalities", "seconds"],
    ]
    assert set(summary["municipalities"][0]) == {
        *["code", "country", "name", "contributed", "granted", "disbursed"]
    }


def test_twelve_applications_come_to_their_end(summary):
    assert summary["applications"] == 12
    assert summary["by_status"] == {"completed": 8, "rejected": 3, "withdrawn": 1}
    assert summary["audit_verified"] is True


def test_the_sums_agree(summary):
    places = summary["municipalities"]
    assert sum(place["granted"] for place in places) == summary["amount_awarded"] > 0
    assert sum(place["disbursed"] for place in places) == summary["amount_disbursed"]
    # One project had 1.850 kr. left over, which were taken off its final instalment.
    assert summary["amount_awarded"] - summary["amount_disbursed"] == 1_850_00


def test_a_second_run_tells_the_same_with_other_people(out, summary):
    first = json.loads((out.parent / "first" / "summary.json").read_text())
    assert first | {"seconds": 0} == summary | {"seconds": 0}
    assert Pool.objects.count() == 1
    assert Call.objects.count() == 2
    assert Application.objects.values("contact").distinct().count() == 24


def test_every_letter_is_the_one_that_was_stored(out, summary):
    files = sorted((out / "letters").glob("*.pdf"))
    assert len(files) == summary["letters"] == 11
    stored = set(Letter.objects.values_list("sha256", flat=True))
    assert {hashlib.sha256(file.read_bytes()).hexdigest() for file in files} <= stored


def test_the_payment_files_are_the_ones_that_were_released(out):
    files = {file.stem: file.read_bytes() for file in (out / "payments").glob("*.xml")}
    assert files
    for reference, content in files.items():
        assert content == bytes(PaymentBatch.objects.get(reference=reference).file)
        etree.fromstring(content)


def test_the_statistics_say_the_same_as_the_summary(out, summary):
    text = (out / "statistics" / "municipalities.csv").read_text(encoding="utf-8-sig")
    _heads, *lines = csv.reader(io.StringIO(text), delimiter=";")
    assert [line[:3] for line in lines] == [
        [place["country"], place["code"], place["name"]] for place in summary["municipalities"]
    ]


def test_the_log_is_all_of_this_run(out, summary):
    lines = [json.loads(line) for line in (out / "audit.jsonl").read_text().splitlines()]
    assert len(lines) == summary["audit_entries"]
    assert {line["hash"] for line in lines} < set(LogEntry.objects.values_list("hash", flat=True))
    assert {"recused", "vote_cast", "released", "account_named"} <= {
        line["event"] for line in lines
    }


def test_the_log_names_nobody(out):
    log = (out / "audit.jsonl").read_text()
    names = User.objects.exclude(name="").values_list("name", flat=True)
    assert not [name for name in names if name in log]


def test_what_was_promised_has_happened(out):
    cases = Application.objects.filter(call=Call.objects.latest("pk"))
    assert cases.filter(information_requests__answered_at__isnull=False).count() == 1
    assert cases.filter(status="withdrawn").count() == 1
    minor = next(case for case in cases if case.minor_when_applying)
    assert (minor.age_when_applying, minor.has_consent(), minor.status) == (17, True, "completed")
    assert cases.filter(status="rejected", recommendations=None).count() == 1
    assert cases.filter(decisions__is_partial=True, status="completed").count() == 1
    shared = [grant for grant in Grant.objects.all() if grant.municipal_shares.count() == 2]
    assert shared
    bounced = Payout.objects.filter(status="returned", instalment__grant__call=cases[0].call).get()
    again = bounced.instalment.payouts.get(status="paid")
    assert again.account_id != bounced.account_id
    assert cases.filter(recusals__isnull=False).exists()


def test_a_sum_that_differs_is_told_and_the_command_fails(out, tmp_path, monkeypatch):
    books = Books(Call.objects.latest("pk"))
    wrong = books.summary(seconds=0) | {"amount_awarded": 1}
    assert "municipal shares: 26960000 and not 1" in list(books.disagreements(wrong))

    monkeypatch.setattr(narration, "begin", lambda: (books.call, _nothing_happens()))
    monkeypatch.setattr(Books, "disagreements", lambda books, summary: ["grants: 1 and not 2"])
    with pytest.raises(CommandError, match="grants: 1 and not 2"):
        call_command("story", "--out", str(tmp_path), stdout=io.StringIO())


def _nothing_happens():
    return narration.Diary()
