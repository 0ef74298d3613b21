"""How long an allocation takes: `make bench`. Measures and prints, and never fails.

Wanted: equal shares with 400 applications and 60 voters under 2 seconds, plain and with the
default step; 100 applications and 15 members, all rules, well under one, and so for what a page
of it takes: reading its file, two rules side by side, and the receipts.
"""

import random
import time
from fractions import Fraction

from committee import elections
from committee.allocation import Tallied, Terms, allocate
from committee.receipts import receipts
from committee.side_by_side import compare

KR = 100


def main():
    print(f"{'applications':>12} {'voters':>6} {'scored':>6}  rule                 bought  seconds")
    for size in ((100, 15), (400, 60)):
        # How many of the applications a voter gives points, and how dear they are, in kroner.
        for scored, dearest in ((0.95, 50_000), (0.5, 50_000), (0.1, 50_000), (0.05, 400_000)):
            applications, votes = season(*size, scored, dearest)
            budget = sum(each.amount for each in applications) // 5
            for name, rule, step in (
                ("ranked", "ranked", 0),
                ("equal shares, plain", "equal_shares", 0),
                ("equal shares, raised", "equal_shares", 100 * KR),
            ):
                terms = Terms(budget=budget, step=step)
                began = time.perf_counter()
                proposal = allocate(rule, applications, votes, terms)
                took = time.perf_counter() - began
                print(
                    f"{size[0]:>12} {size[1]:>6} {scored:>6.0%}  {name:<20} "
                    f"{len(proposal.funded):>6}  {took:7.3f}"
                )

    print(f"{'applications':>12} {'voters':>6}  what            seconds")
    for size in ((100, 15), (400, 60)):
        applications, votes = season(*size, 0.95, 50_000)
        terms = Terms(budget=sum(each.amount for each in applications) // 5)
        seats = dict.fromkeys(votes, "young")
        text = elections.write(elections.anonymised(applications, votes, seats, terms, {}))
        for name, ask in (("from its file", read), ("a page", page), ("receipts", all_receipts)):
            began = time.perf_counter()
            ask(text)
            print(f"{size[0]:>12} {size[1]:>6}  {name:<14} {time.perf_counter() - began:8.3f}")


def read(text):
    return elections.count(elections.read(text))


def page(text):
    """Two rules side by side."""
    counted = read(text)
    asked = counted.applications, counted.votes, counted.terms
    return compare(allocate("ranked", *asked), allocate("equal_shares", *asked), asked[0])


def all_receipts(text):
    counted = read(text)
    proposal = allocate("equal_shares", counted.applications, counted.votes, counted.terms)
    return receipts(proposal, counted.votes)


def season(count, voters, scored, dearest):
    """Applications of at most `dearest` kroner, and points in sixths, as weighted criteria give."""
    chance = random.Random(2026)
    names = [f"2026-{number:04}" for number in range(count)]
    votes = {
        f"voter {number}": {
            name: Fraction(chance.randint(6, 30), 6) for name in names if chance.random() < scored
        }
        for number in range(voters)
    }
    applications = []
    for place, name in enumerate(names):
        given = [points[name] for points in votes.values() if name in points]
        amount = chance.randrange(5_000, dearest, 100) * KR
        applications.append(
            Tallied(
                id=name,
                amount=amount,
                applied_for=amount,
                least_workable=amount // 2,
                score=sum(given, Fraction(0)) / max(len(given), 1),
                support=Fraction(len(given)),
                received=place,
            )
        )
    return applications, votes


if __name__ == "__main__":
    main()
