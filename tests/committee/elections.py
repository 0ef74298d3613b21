"""Elections to try rules on: a few from the literature, and as many random ones as wanted."""

from fractions import Fraction

from committee.elections import Ballot, Election, Project


def approvals(budget, costs, *groups):
    """groups: (how many voters, the projects that each of them approves of)."""
    ballots = [dict.fromkeys(names, Fraction(1)) for times, names in groups for _ in range(times)]
    return election("approval", budget, costs, ballots)


def election(vote_type, budget, costs, ballots):
    """costs: {project: cost}. ballots: [{project: points}]."""
    return Election(
        {"description": "An example", "budget": str(budget), "vote_type": vote_type},
        tuple(Project(name, Fraction(cost)) for name, cost in costs.items()),
        tuple(Ballot(str(place), points) for place, points in enumerate(ballots, start=1)),
    )


# Lackner, Skowron: Multi-Winner Voting with Approval Preferences (2023), example 1: four seats.
BOOK_1 = approvals(
    4, dict.fromkeys("abcdefg", 1), (3, "ab"), (3, "ac"), (2, "ad"), (1, "bcf"), (1, "e"),
    (1, "f"), (1, "g"),
)  # fmt: skip
# The same book, example 12: three seats. Some who want b and d cannot pay their full part.
BOOK_12 = approvals(3, dict.fromkeys("abcd", 1), (3, "cd"), (2, "ab"), (2, "ac"), (1, "bd"))
# The reason for the method: 51 of 100 want ten red projects, 49 want ten blue, money is for ten.
REDS, BLUES = [f"red{n}" for n in range(10)], [f"blue{n}" for n in range(10)]
RED_AND_BLUE = approvals(10_000, dict.fromkeys(REDS + BLUES, 1_000), (51, REDS), (49, BLUES))
LITERATURE = {"book 1": BOOK_1, "book 12": BOOK_12, "red and blue": RED_AND_BLUE}


def random_election(chance):
    """Small numbers, so that ties and purses that run empty are common. chance: a Random."""
    vote_type = chance.choice(["approval", "scoring"])
    costs = {f"p{n}": chance.randint(1, 40) for n in range(chance.randint(1, 12))}
    ballots = [
        {
            name: Fraction(1 if vote_type == "approval" else chance.randint(0, 5))
            for name in costs
            if chance.random() < 0.4
        }
        for _ in range(chance.randint(1, 12))
    ]
    return election(vote_type, chance.randint(1, sum(costs.values())), costs, ballots)
