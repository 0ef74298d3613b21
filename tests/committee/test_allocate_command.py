"""`manage.py allocate`: anybody recomputes, with no database."""

import io
import json
import os
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from committee.elections import write
from config.services import CHECKOUT
from tests.committee.elections import RED_AND_BLUE, approvals

SMALL = approvals(
    1000, {"stage": "600.5", "paint": 300, "film": 200}, (2, ["stage"]), (1, ["film"])
)


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small.pb"
    path.write_text(write(SMALL))
    return path


def allocate(*arguments):
    out = io.StringIO()
    call_command("allocate", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_json_says_what_is_funded_what_it_costs_and_why(small):
    told = json.loads(allocate(small, "--rule", "equal_shares", "--step", "0", "--json"))
    assert told == {
        "rule": "equal_shares",
        "budget": 1000,
        "step": 0,
        "seed": "",
        "funded": [
            {
                "id": "stage",
                "cost": 600.5,
                "code": "shares",
                "reason": "Its supporters (2) paid for it with their shares, at most 300,25 each.",
            },
            {
                "id": "film",
                "cost": 200,
                "code": "shares",
                "reason": "Its supporters (1) paid for it with their shares, at most 200 each.",
            },
        ],
        "skipped": [
            {"id": "paint", "cost": 300, "code": "no_support", "reason": "Nobody supports it."}
        ],
        "spent": 800.5,
    }


def test_text_says_the_same(small):
    assert allocate(small, "--rule", "ranked").splitlines() == [
        "+ stage  600,5  Number 1 on the list, with a mean of 0.66.",
        "+ film  200  Number 2 on the list, with a mean of 0.33.",
        "- paint  300  Nobody supports it.",
        "= 800,5 / 1.000",
    ]


def test_the_step_can_be_chosen(tmp_path):
    path = tmp_path / "red-and-blue.pb"
    path.write_text(write(RED_AND_BLUE))

    def blues(*step):
        told = json.loads(allocate(path, "--rule", "equal_shares", "--json", *step))
        return sum(line["id"].startswith("blue") for line in told["funded"])

    # By rank the last place would be a red one's; with shares raised in small steps it is blue.
    assert (blues(), blues("--step", "0"), blues("--step", "1")) == (4, 4, 5)


@pytest.mark.parametrize(
    "content, step, said",
    [
        ("not an election", "1", "does not begin with META"),
        (None, "a bit", "a bit is not a number"),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path, content, step, said):
    path = tmp_path / "some.pb"
    path.write_text(content or write(SMALL))
    with pytest.raises(CommandError, match=said):
        allocate(path, "--rule", "equal_shares", "--step", step)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        allocate(tmp_path / "nothing.pb", "--rule", "ranked")


def test_it_runs_in_a_bare_checkout_and_starts_nothing(small, tmp_path):
    kept = {"PATH", "HOME", "LANG"}
    told = subprocess.run(
        [sys.executable, "manage.py", "allocate", str(small), "--rule", "ranked", "--json"],
        cwd=CHECKOUT,
        env={key: os.environ[key] for key in kept & os.environ.keys()}
        | {"LOCAL_DIR": str(tmp_path / "local")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert [line["id"] for line in json.loads(told.stdout)["funded"]] == ["stage", "film"]
    assert not (tmp_path / "local").exists()
