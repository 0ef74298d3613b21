"""The texts that demo and story are made of: ideas.toml, people.toml and pool.toml."""

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Idea:
    """What somebody applies for, in whole kroner. A budget balances by itself."""

    key: str
    by: str
    title: str
    places: dict[str, int]
    days: int
    expenses: list[tuple[str, int]]
    income: list[tuple[str, int]]
    summary: str = ""
    activity: str = ""
    audience: str = ""
    newness: str = ""
    art_form: str = ""
    place: str = ""
    language: str = "da"
    least: int | None = None

    @property
    def kroner(self):
        """What is applied for; None as long as nothing has been written."""
        return sum(amount for _text, amount in self.expenses) - self.other_income or None

    @property
    def other_income(self):
        return sum(amount for _text, amount in self.income)


@dataclass(frozen=True)
class Person:
    """Who applies: age on the day of telling, and those around."""

    key: str
    name: str
    age: int
    home: str
    street: str = ""
    postal_code: str = ""
    town: str = ""
    phone: str = ""
    kind: str = "person"
    group: str = ""
    cvr: str = ""
    language: str = "da"
    account: str = "DK"
    is_protected: bool = False
    guardian: tuple[str, str, str] | None = None
    helper: tuple[str, str] | None = None
    team: list[str] = field(default_factory=list)


@cache
def ideas():
    """{key: Idea}"""
    return {each["key"]: Idea(**each) for each in _read("ideas.toml")["idea"]}


@cache
def people():
    """{key: Person}"""
    return {key: Person(key=key, **each) for key, each in _read("people.toml").items()}


@cache
def pool():
    """pool.toml as it is: pool, contribution, guideline, consultant, example, guidance, criterion,
    conditions, call."""
    return _read("pool.toml")


@cache
def call(key):
    """The words and amounts of one call."""
    return next(each for each in pool()["call"] if each["key"] == key)


def _read(name):
    return tomllib.loads((files("secretariat.stories") / name).read_text(encoding="utf-8"))
