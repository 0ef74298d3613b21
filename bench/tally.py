"""How long it takes to close the votes of a call: `make bench`. Measures, and never fails.

Wanted: 100 applications and 15 members well under a second, with all that closing asks of the
count: the result, whether it was settled, the sentences and the seal.
"""

import random
import time
from fractions import Fraction

from committee.tally import Ballot, Poll, Rules, is_settled, record, seal, tally

KR = 100
RULES = Rules(
    quorum_percent=50,
    least_young=2,
    least_staff=2,
    wants_both_blocs=False,
    ties=("chair", "young"),
    threshold=Fraction(5, 2),
    young_weight=50,
    rounding=100 * KR,
    weights={"idea": 3, "reach": 2, "need": 2, "budget": 1, "together": 2},
)


def main():
    chance = random.Random(2026)
    print(f"{'applications':>12} {'members':>7}  what        seconds")
    for count, members in ((100, 15), (400, 60)):
        polls = [_poll(members, chance) for _ in range(count)]
        for name, ask in (
            ("tally", tally),
            ("is_settled", is_settled),
            ("record", lambda poll: record(tally(poll))),
            ("seal", seal),
        ):
            began = time.perf_counter()
            for poll in polls:
                ask(poll)
            print(f"{count:>12} {members:>7}  {name:<10} {time.perf_counter() - began:8.3f}")


def _poll(members, chance):
    """One member in ten stands aside, and one in ten has not voted."""
    seats = {f"member {n}": "young" if n % 2 else "staff" for n in range(members)}
    applied_for = chance.randrange(5_000, 50_000, 100) * KR
    ballots = tuple(
        Ballot(
            member,
            seat,
            chance.choice(["for", "for", "for", "against", "abstain"]),
            chance.randrange(1, applied_for),
            {criterion: chance.randint(0, 5) for criterion in RULES.weights},
        )
        for member, seat in seats.items()
        if chance.random() < 0.9
    )
    recused = frozenset(member for member in seats if chance.random() < 0.1)
    return Poll(ballots, seats, RULES, applied_for, applied_for // 2, recused, chair="member 1")


if __name__ == "__main__":
    main()
