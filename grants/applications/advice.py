"""A short course in writing applications, spread over the questions."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Advice:
    """How to answer one question well, and how somebody else did."""

    how: tuple[str, ...]
    example: str = ""


OF = {
    "title": Advice(
        (
            _("Think of a poster: would your friends stop and look?"),
            _("Say what it is, not what it will lead to."),
        ),
        _("Night radio from a laundry"),
    ),
    "summary": Advice(
        (
            _("What, for whom, where and when: one sentence for each is enough."),
            _("Write it last. Then you know what matters most."),
            _("Read it aloud to somebody who does not know you. What do they ask?"),
        ),
        _(
            "We make eight nights of radio in a laundry in Køge, where everybody under 25 can have "
            "an hour of their own. It begins in August and ends with a party."
        ),
    ),
    "activity": Advice(
        (
            _("Take it in order: first we ..., then we ..., and on the day ..."),
            _("Say who does what. The committee looks for a plan that can be carried out."),
            _("Numbers help: how many evenings, how many people, how many hours?"),
            _("Write as you talk. Fine words do not give more points."),
        ),
        _(
            "In June we borrow the equipment and learn to use it (Bo and Asta, two evenings). In "
            "August we send on eight Fridays from 22 to 24. Each night two new people have the "
            "microphone, and one of us sits beside them."
        ),
    ),
    "audience": Advice(
        (
            _("Who comes, how many, and how do they hear of it?"),
            _("How can somebody join who does not know you yet?"),
            _("Does something keep some away, a price or stairs? What do you do about it?"),
        ),
        _(
            "About 40 come by, and 16 have an hour of their own. We hang posters at three schools "
            "and in the youth club, and those who are shy can record theirs beforehand."
        ),
    ),
    "newness": Advice(
        (
            _("What is there today, and what is missing?"),
            _("It does not have to be new in the world. New where you live is enough."),
            _("Why you, and why now?"),
        ),
        _(
            "There is no place to meet in our part of town after nine, and no radio made by "
            "young people."
        ),
    ),
    "least_workable": Advice(
        (
            _("What would you leave out first if you got less? Count what is left."),
            _("Be honest: the committee never gives less than this, but it can give nothing."),
        ),
    ),
    "lines": Advice(
        (
            _("Write where the figure is from: a shop, an offer, somebody who has done it before."),
            _("One line for each thing. “Various” makes people wonder."),
            _("Remember what is easily forgotten: transport, food, insurance, rights to music."),
        ),
        _("Rent of microphones, 4 nights at 300 kr."),
    ),
}
