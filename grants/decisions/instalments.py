"""In which parts a grant is paid: plain Python."""


def parts(amount: int, advance_percent: int) -> list[tuple[str, int]]:
    """[(kind, øre)]: the advance, rounded down to whole kroner, and the rest as the final part.

    The parts add up to the amount. All in advance is one part; so is an amount too small to part.
    """
    advance = amount * advance_percent // 100 // 100 * 100
    if advance_percent == 100 or advance in (0, amount):
        return [("advance", amount)]
    return [("advance", advance), ("final", amount - advance)]
