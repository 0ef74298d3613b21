"""An election as a .pb file, so that anybody can recompute an allocation.

The format is PaBuLib's (pabulib.org; Faliszewski et al.: Participatory Budgeting: Data, Tools and
Analysis, IJCAI 2023): three tables, META, PROJECTS and VOTES, with semicolons. Columns and keys
that it does not know are allowed; ours hold what the ranking and its ties need:

  META      seed, step, threshold; "floor municipality 101" and "ceiling art_form music" (money)
  PROJECTS  applied_for, least_workable (money); mean_score, support, young_mean and
            received_per_inhabitant (numbers, or exact as 17/4); received (a whole number);
            carried (0 or 1); municipalities (101:60,147:40 with weights); category: the art form
  VOTES     seat (young, staff)

What a file leaves out is taken from its ballots: the mean over all of them, support as the number
that give points, received as the place in the file.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm

from django.utils.translation import gettext as _

from committee.allocation import Limit, Tallied, Terms, Votes

SECTIONS = ("META", "PROJECTS", "VOTES")
APPROVAL = ("approval", "choose-1")
WITH_POINTS = ("scoring", "cumulative")
NUMBER = re.compile(r"-?[0-9]{1,30}([.,][0-9]{1,12})?(/[1-9][0-9]{0,11})?")
LIMIT = re.compile(r"(floor|ceiling) (municipality|art_form) (.+)")
FINEST = 10**9  # parts of the file's unit that an amount may be divided into
KRONE = 100  # our amounts are øre, the file's are kroner
STEP = 100  # kroner a voter

Row = Mapping[str, str]


class Unreadable(ValueError):
    """A file that holds no election; the sentence says why."""


@dataclass(frozen=True)
class Project:
    """cost: in the file's unit. columns: all that stands in its row."""

    id: str
    cost: Fraction
    columns: Row = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Ballot:
    """points: {project: points}, 1 for what is approved of."""

    voter: str
    points: Mapping[str, Fraction] = field(hash=False)
    columns: Row = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Election:
    meta: Row = field(hash=False)
    projects: tuple[Project, ...]
    ballots: tuple[Ballot, ...]

    @property
    def is_approval(self) -> bool:
        return self.meta["vote_type"] in APPROVAL


@dataclass(frozen=True)
class Counted:
    """What an election comes to. unit: so many of the smallest units are one of the file's."""

    applications: tuple[Tallied, ...]
    votes: Votes = field(hash=False)
    terms: Terms
    unit: int


def read(text: str) -> Election:
    """Raises Unreadable."""
    tables = _tables(text)
    meta = {row["key"]: row["value"] for row in tables["META"] if {"key", "value"} <= row.keys()}
    for key in ("budget", "vote_type"):
        if key not in meta:
            raise Unreadable(_("META has no %(key)s.") % {"key": key})
    if meta["vote_type"] not in (*APPROVAL, *WITH_POINTS):
        raise Unreadable(
            _("Votes of the type %(type)s cannot be read.") % {"type": meta["vote_type"]}
        )
    projects = tuple(
        Project(_cell(row, "project_id"), number(_cell(row, "cost")), row)
        for row in tables["PROJECTS"]
    )
    known = _once([project.id for project in projects])
    _once([_cell(row, "voter_id") for row in tables["VOTES"]])
    has_points = meta["vote_type"] in WITH_POINTS
    ballots = tuple(
        Ballot(row["voter_id"], _points(row, known, has_points), row) for row in tables["VOTES"]
    )
    number(meta["budget"])
    return Election(meta, projects, ballots)


def write(election: Election) -> str:
    out = io.StringIO()
    table = csv.writer(out, delimiter=";", lineterminator="\n")
    table.writerows([["META"], ["key", "value"], *election.meta.items()])
    columns = list(dict.fromkeys(key for each in election.projects for key in each.columns))
    columns = ["project_id", "cost", *(key for key in columns if key not in ("project_id", "cost"))]
    table.writerows([["PROJECTS"], columns])
    for project in election.projects:
        row = {**project.columns, "project_id": project.id, "cost": _text(project.cost)}
        table.writerow([row.get(key, "") for key in columns])
    own = ("voter_id", "vote", "points")
    columns = list(dict.fromkeys(key for each in election.ballots for key in each.columns))
    columns = [*own[: 2 if election.is_approval else 3], *(k for k in columns if k not in own)]
    table.writerows([["VOTES"], columns])
    for ballot in election.ballots:
        best_first = sorted(ballot.points.items(), key=lambda pair: -pair[1])
        row = {
            **ballot.columns,
            "voter_id": ballot.voter,
            "vote": ",".join(project for project, _ in best_first),
            # None is how the format says that a cell is empty; other readers trip over "".
            "points": ",".join(_text(points) for _, points in best_first) or "None",
        }
        table.writerow([row.get(key, "") for key in columns])
    return out.getvalue()


def number(text: str) -> Fraction:
    """Exact: "1200", "12.50", "12,50" or "17/4". Raises Unreadable."""
    if not NUMBER.fullmatch(text.strip()):
        raise Unreadable(_("%(text)s is not a number.") % {"text": text})
    whole, _slash, parts = text.strip().replace(",", ".").partition("/")
    return Fraction(whole) / int(parts or 1)


def count(election: Election, step: Fraction | None = None) -> Counted:
    """The applications, votes and terms of an election; step: instead of the file's own.

    Approvals count with the project's cost as points when shares are spent, and as 1 each for
    the mean. Raises Unreadable.
    """
    meta = election.meta
    if step is None:
        step = number(meta.get("step", str(STEP)))
    limits = [
        (match, number(value)) for key, value in meta.items() if (match := LIMIT.fullmatch(key))
    ]
    money = [number(meta["budget"]), step, *(value for _, value in limits)]
    for project in election.projects:
        money += [project.cost, _number(project, "applied_for"), _number(project, "least_workable")]
    unit = lcm(KRONE, *(amount.denominator for amount in money))
    if unit > FINEST:
        raise Unreadable(_("The amounts are too finely divided to be counted."))
    given, young = _given(election.ballots), _given(_of_the_young(election))
    try:
        applications = tuple(
            _tallied(project, place, given, young, unit)
            for place, project in enumerate(election.projects, start=1)
        )
        terms = Terms(
            budget=int(number(meta["budget"]) * unit),
            step=int(step * unit),
            seed=meta.get("seed", ""),
            threshold=number(meta.get("threshold", "0")),
            limits=_limits(limits, unit),
        )
    except Unreadable:
        raise
    except ValueError as error:
        raise Unreadable(str(error)) from error
    costs = {project.id: project.cost for project in election.projects}
    votes = {
        ballot.voter: {
            project: costs[project] if election.is_approval else points
            for project, points in ballot.points.items()
        }
        for ballot in election.ballots
    }
    return Counted(applications, votes, terms, unit)


def anonymised(
    applications: Iterable[Tallied],
    votes: Votes,
    seats: Mapping[str, str],
    terms: Terms,
    about: Row,
) -> Election:
    """What was voted, without who: count() of it gives the same allocation.

    seats: {member: "young" or "staff"}. about: description, country, unit (who holds the
    election) and instance (which one), as PaBuLib wants them. Voters are numbered in an order
    that their ballots alone decide. Points are whole: multiplied by `points_in_one`.
    """
    applications = tuple(applications)
    if any("," in each.id for each in applications):
        raise ValueError("Ballots name applications with commas between them.")
    fine = lcm(*(each.denominator for points in votes.values() for each in points.values()))
    cast = sorted(
        (seats[member], sorted((project, each * fine) for project, each in points.items()))
        for member, points in votes.items()
    )
    meta = {
        **about,
        "num_projects": str(len(applications)),
        "num_votes": str(len(cast)),
        "budget": _kroner(terms.budget),
        "vote_type": "scoring",
        "points_in_one": str(fine),
        "step": _kroner(terms.step),
        "seed": terms.seed,
        "threshold": str(terms.threshold),
    }
    for limit in terms.limits:
        meta[f"floor {limit.of} {limit.code}"] = _kroner(limit.floor)
        if limit.ceiling is not None:
            meta[f"ceiling {limit.of} {limit.code}"] = _kroner(limit.ceiling)
    return Election(
        meta,
        tuple(_project(each) for each in applications),
        tuple(
            Ballot(str(place), dict(points), {"seat": seat})
            for place, (seat, points) in enumerate(cast, start=1)
        ),
    )


def _tables(text: str) -> dict[str, list[dict[str, str]]]:
    """{section: rows}, each {column: text without blanks around it}, without empty cells."""
    tables: dict[str, list[dict[str, str]]] = {}
    header: list[str] | None = None
    for cells in _rows(text.removeprefix("\ufeff")):
        if not any(cells):
            continue
        if cells[0].upper() in SECTIONS and not any(cells[1:]):
            section, header = cells[0].upper(), None
            tables[section] = []
        elif not tables:
            raise Unreadable(_("The file does not begin with META."))
        elif header is None:
            header = cells
        else:
            row = zip(header, cells, strict=False)
            tables[section].append(
                {key: cell for key, cell in row if cell.lower() not in ("", "none")}
            )
    for section in SECTIONS:
        if section not in tables:
            raise Unreadable(_("The file has no %(section)s.") % {"section": section})
    return tables


def _rows(text: str) -> list[list[str]]:
    try:
        table = csv.reader(io.StringIO(text, newline=""), delimiter=";")
        return [[cell.strip() for cell in cells] for cells in table]
    except csv.Error as error:
        raise Unreadable(str(error)) from error


def _cell(row: Row, column: str) -> str:
    if column not in row:
        raise Unreadable(
            _("There is no %(column)s in: %(row)s")
            % {"column": column, "row": ";".join(row.values())}
        )
    return row[column]


def _once(ids: Sequence[str]) -> frozenset[str]:
    twice = [each for each, times in Counter(ids).items() if times > 1]
    if twice:
        raise Unreadable(_("%(id)s is there twice.") % {"id": twice[0]})
    return frozenset(ids)


def _points(row: Row, known: frozenset[str], has_points: bool) -> dict[str, Fraction]:
    names = [name.strip() for name in row.get("vote", "").split(",") if name.strip()]
    points = [Fraction(1)] * len(names)
    if has_points and names:
        points = [number(each) for each in _cell(row, "points").split(",")]
    if len(points) != len(names) or not known.issuperset(_once(names)):
        raise Unreadable(
            _("The ballot of %(voter)s names other projects than there are, or too few points.")
            % {"voter": row["voter_id"]}
        )
    return dict(zip(names, points, strict=True))


def _number(project: Project, column: str, instead: Fraction = Fraction(0)) -> Fraction:
    return number(project.columns[column]) if column in project.columns else instead


@dataclass(frozen=True)
class _Given:
    """What so many ballots give to each project."""

    ballots: int
    points: Mapping[str, Sequence[Fraction]]

    def mean(self, project: str) -> Fraction:
        """Over all of them: who names it not gives it nothing."""
        return sum(self.points.get(project, ()), Fraction(0)) / max(self.ballots, 1)

    def supporters(self, project: str) -> Fraction:
        return Fraction(sum(points > 0 for points in self.points.get(project, ())))


def _of_the_young(election: Election) -> list[Ballot]:
    return [ballot for ballot in election.ballots if ballot.columns.get("seat") == "young"]


def _given(ballots: Sequence[Ballot]) -> _Given:
    """In one walk over what was given: a file of many projects and ballots is mostly empty."""
    points: dict[str, list[Fraction]] = {}
    for ballot in ballots:
        for project, each in ballot.points.items():
            points.setdefault(project, []).append(each)
    return _Given(len(ballots), points)


def _tallied(project: Project, place: int, given: _Given, young: _Given, unit: int) -> Tallied:
    return Tallied(
        id=project.id,
        amount=int(project.cost * unit),
        applied_for=int(_number(project, "applied_for", project.cost) * unit),
        least_workable=int(_number(project, "least_workable") * unit),
        score=_number(project, "mean_score", given.mean(project.id)),
        support=_number(project, "support", given.supporters(project.id)),
        carried=_number(project, "carried", Fraction(1)) > 0,
        young_mean=_number(project, "young_mean", young.mean(project.id)),
        received_per_inhabitant=_number(project, "received_per_inhabitant"),
        received=int(_number(project, "received", Fraction(place))),
        municipalities=_weights(project.columns.get("municipalities", "")),
        art_form=project.columns.get("category", ""),
    )


def _weights(text: str) -> dict[str, int]:
    """ "101:60,147:40" as {"101": 60, "147": 40}; without a weight it is 1."""
    pairs = [part.partition(":") for part in text.split(",") if part.strip()]
    weights = {code.strip(): int(number(weight or "1")) for code, _colon, weight in pairs}
    if weights and sum(weights.values()) <= 0:
        raise Unreadable(_("The municipalities of a project weigh nothing together."))
    return weights


def _limits(found: Iterable[tuple[re.Match[str], Fraction]], unit: int) -> tuple[Limit, ...]:
    bounds: dict[tuple[str, str], dict[str, int]] = {}
    for match, amount in found:
        bound, of, code = match.groups()
        bounds.setdefault((of, code), {})[bound] = int(amount * unit)
    return tuple(
        Limit("municipality" if of == "municipality" else "art_form", code, **bound)
        for (of, code), bound in bounds.items()
    )


def _project(application: Tallied) -> Project:
    weights = application.municipalities.items()
    columns = {
        "category": application.art_form,
        "applied_for": _kroner(application.applied_for),
        "least_workable": _kroner(application.least_workable),
        "mean_score": str(application.score),
        "support": str(application.support),
        "young_mean": str(application.young_mean),
        "received_per_inhabitant": str(application.received_per_inhabitant),
        "received": str(application.received),
        "carried": str(int(application.carried)),
        "municipalities": ",".join(f"{code}:{weight}" for code, weight in weights),
    }
    return Project(application.id, Fraction(application.amount, KRONE), columns)


def _kroner(amount: int) -> str:
    return _text(Fraction(amount, KRONE))


def _text(value: Fraction) -> str:
    """As decimals where they are exact: "1200", "12.5"; else "17/4"."""
    decimals = 0
    while (value * 10**decimals).denominator > 1 and decimals < 12:
        decimals += 1
    if (value * 10**decimals).denominator > 1:
        return str(value)
    whole = str(int(abs(value) * 10**decimals)).zfill(decimals + 1)
    sign = "-" if value < 0 else ""
    return sign + (f"{whole[:-decimals]}.{whole[-decimals:]}" if decimals else whole)
