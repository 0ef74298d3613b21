import json
from decimal import Decimal
from pathlib import Path

from babel.numbers import format_decimal
from django.core.management.base import BaseCommand, CommandError

from committee import elections, reasons
from committee.allocation import RULES, allocate
from grants.pools import money


class Command(BaseCommand):
    help = (
        "Allocate the budget of an election in the .pb format of PaBuLib, and say what is funded, "
        "what it cost and why. Asks no database. Approved projects count with their cost."
    )
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, metavar="FILE.pb")
        parser.add_argument("--rule", choices=sorted(RULES), required=True)
        parser.add_argument(
            "--step",
            help="By how much equal shares are raised at a time, in the file's money; 0: never. "
            f"Left out, it is the file's own, or {elections.STEP}.",
        )
        parser.add_argument("--json", action="store_true", help="Print JSON.")

    def handle(self, *, file, rule, step, **options):
        try:
            election = elections.read(file.read_text(encoding="utf-8-sig"))
            step = None if step is None else elections.number(step)
            counted = elections.count(election, step)
        except (OSError, ValueError) as error:
            raise CommandError(f"{file}: {error}") from error
        proposal = allocate(rule, counted.applications, counted.votes, counted.terms)
        if options["json"]:
            self.stdout.write(json.dumps(as_json(proposal, counted.unit), ensure_ascii=False))
        else:
            self.stdout.write("\n".join(as_text(proposal, counted.unit)))


def as_json(proposal, unit):
    """cost: what is given, and for what is skipped what it would have cost."""
    return {
        "rule": proposal.rule,
        "budget": plain(proposal.terms.budget, unit),
        "step": plain(proposal.terms.step, unit),
        "seed": proposal.terms.seed,
        "funded": [row(line, line.amount, unit) for line in proposal.funded],
        "skipped": [row(line, line.asked, unit) for line in proposal.skipped],
        "spent": plain(proposal.spent, unit),
    }


def row(line, cost, unit):
    return {
        "id": line.id,
        "cost": plain(cost, unit),
        "code": line.code,
        "reason": reasons.sentence(line, lambda amount: spoken(amount, unit)),
    }


def as_text(proposal, unit):
    for line in proposal.funded:
        yield f"+ {said(line, line.amount, unit)}"
    for line in proposal.skipped:
        yield f"- {said(line, line.asked, unit)}"
    spent, budget = spoken(proposal.spent, unit), spoken(proposal.terms.budget, unit)
    yield f"= {spent} / {budget}"


def said(line, cost, unit):
    reason = reasons.sentence(line, lambda amount: spoken(amount, unit))
    return f"{line.id}  {spoken(cost, unit)}  {reason}"


def plain(amount, unit):
    """A number as JSON has it, with the decimals that the file has."""
    return amount // unit if amount % unit == 0 else float(Decimal(amount) / unit)


def spoken(amount, unit):
    return format_decimal(Decimal(amount) / unit, locale=money.locale())
