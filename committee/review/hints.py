"""What hints that a member has a conflict: facts in, hints out. A hint settles nothing.

They are few on purpose, since what always blinks is not read: a surname alone, a town, or the
domain of a mail provider hints at nothing. Of an applicant whose name is protected no hint is made
that would tell who they are, and others are told none at all. Hints are found anew each time they
are shown, and stored nowhere.
"""

import re
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Literal
from unicodedata import normalize

from django.utils.translation import gettext as _

Code = Literal[
    "own_part",
    "same_home",
    "same_mailbox",
    "same_domain",
    "same_association",
    "same_place",
    "own_municipality",
]

# The first word of where anybody can write from, and of the names that are kept for examples.
MAIL_PROVIDERS = {
    *["aol", "email", "fastmail", "gmail", "gmx", "googlemail", "hey", "hotmail", "icloud"],
    *["live", "mac", "mail", "me", "msn", "outlook", "proton", "protonmail", "yahoo", "ymail"],
    *["bredband", "broadpark", "forum", "jubii", "jubiimail", "ofir", "online", "sol", "spray"],
    *["start", "stofanet", "tdcadsl", "telia", "webspeed", "youmail", "example"],
}
NOBODYS = (".example", ".invalid", ".localhost", ".test")
# Of which a name of a municipal institution is made, in Danish, Swedish and Norwegian.
INSTITUTION = re.compile(
    r"kommun|skole|skola|skule|bibliotek|kulturhus|medborgerhus|ungdomshus|ungdomens hus|ungehus"
    r"|fritids(center|klub|gård|hjem)|ungdomsgård|museum|museet"
)
# Shorter names stand in too many others: a choir called Kor is in every choir.
LEAST_LETTERS = 6


@dataclass(frozen=True)
class Hint:
    """about: the association, place, municipality or domain that it is about, else empty."""

    code: Code
    about: str = ""

    @property
    def to_member(self) -> str:
        """The sentence for the member."""
        sentences: dict[Code, str] = {
            "own_part": _(
                "You have a part in it yourself: as contact, on the team, as adult helper or as "
                "guardian."
            ),
            "same_home": _("You share a surname and an address with somebody in it."),
            "same_mailbox": _("Somebody in it has nearly the same e-mail address as you."),
            "same_domain": _("Somebody in it has an e-mail address that ends as yours: %(about)s"),
            "same_association": _("You seem to lead or work for the one who applies: %(about)s"),
            "same_place": _("It happens where you seem to have a post: %(about)s"),
            "own_municipality": _(
                "It seems to be an institution of the municipality that you come from: %(about)s"
            ),
        }
        return sentences[self.code] % {"about": self.about}

    @property
    def to_others(self) -> str:
        """The sentence for the chair, beside the member's name."""
        sentences: dict[Code, str] = {
            "own_part": _(
                "Has a part in it: as contact, on the team, as adult helper or as guardian."
            ),
            "same_home": _("Shares a surname and an address with somebody in it."),
            "same_mailbox": _("Has nearly the same e-mail address as somebody in it."),
            "same_domain": _("Has an e-mail address that ends like one in it: %(about)s"),
            "same_association": _("Seems to lead or work for the one who applies: %(about)s"),
            "same_place": _("It happens where this member seems to have a post: %(about)s"),
            "own_municipality": _(
                "It seems to be an institution of the municipality that this member comes from: "
                "%(about)s"
            ),
        }
        return sentences[self.code] % {"about": self.about}


@dataclass(frozen=True)
class Address:
    street: str
    postal_code: str

    @cached_property
    def plain(self) -> tuple[tuple[str, ...], str]:
        return words(self.street), "".join(self.postal_code.split())


@dataclass(frozen=True)
class Association:
    """A group or an association; cvr is empty for one without."""

    name: str
    cvr: str = ""


@dataclass(frozen=True)
class Who:
    """What is known of a member. user and home are keys; posts: one line each."""

    user: int
    name: str
    email: str
    is_staff: bool
    home: int
    posts: tuple[str, ...] = ()
    addresses: tuple[Address, ...] = ()
    associations: tuple[Association, ...] = ()


@dataclass(frozen=True)
class Matter:
    """What is known of an application.

    users: those with a part in it. household: the names of those who may live at the address.
    association: who applies, unless it is one person. home: the key of the municipality.
    """

    users: frozenset[int] = frozenset()
    household: tuple[str, ...] = ()
    address: Address = field(default_factory=lambda: Address("", ""))
    emails: tuple[str, ...] = ()
    association: Association | None = None
    place: str = ""
    home: int | None = None
    home_name: str = ""
    is_protected: bool = False


def hints(who: Who, matter: Matter) -> list[Hint]:
    """What the member is told, the weightiest first. Nothing more where one has a part in it."""
    if who.user in matter.users:
        return [Hint("own_part")]
    if matter.is_protected:
        return []
    found = [
        _home(who, matter),
        _mail(who, matter),
        _association(who, matter) or _own_municipality(who, matter),
        _place(who, matter),
    ]
    return [hint for hint in found if hint]


def hints_to_others(who: Who, matter: Matter) -> list[Hint]:
    """What the chair is told about the member: nothing of an applicant whose name is protected."""
    return [] if matter.is_protected else hints(who, matter)


@lru_cache(maxsize=4096)
def words(text: str) -> tuple[str, ...]:
    """The words of a name or an address, however it is typed."""
    plain = normalize("NFKC", text).casefold().replace("aa", "å")
    return tuple(re.findall(r"\w+", plain))


def _home(who: Who, matter: Matter) -> Hint | None:
    street, postal_code = matter.address.plain
    if not street or not postal_code:
        return None
    lives_there = any(each.plain == matter.address.plain for each in who.addresses)
    surnames = {words(name)[-1] for name in matter.household if words(name)}
    if lives_there and surnames & set(words(who.name)[-1:]):
        return Hint("same_home")
    return None


def _mail(who: Who, matter: Matter) -> Hint | None:
    box, domain = _mailbox(who.email)
    theirs = {_mailbox(email) for email in matter.emails}
    if (box, domain) in theirs:
        return Hint("same_mailbox")
    is_anybodys = domain.partition(".")[0] in MAIL_PROVIDERS or domain.endswith(NOBODYS)
    if not is_anybodys and domain in {each for _box, each in theirs}:
        return Hint("same_domain", f"@{domain}")
    return None


def _mailbox(email: str) -> tuple[str, str]:
    """Anna+pool@example.org is anna's."""
    box, _at, domain = email.casefold().rpartition("@")
    return box.partition("+")[0], domain


def _association(who: Who, matter: Matter) -> Hint | None:
    theirs = matter.association
    if theirs is None:
        return None
    numbers = {each.cvr for each in who.associations} | _numbers(who.posts)
    names = [each.name for each in who.associations] + list(who.posts)
    by_number = bool(theirs.cvr) and theirs.cvr in numbers
    by_name = any(_holds(name, theirs.name) or _holds(theirs.name, name) for name in names)
    return Hint("same_association", theirs.name) if by_number or by_name else None


def _numbers(posts: tuple[str, ...]) -> set[str]:
    """The CVR numbers that stand in the lines."""
    found = [re.findall(r"(?<!\d)\d{8}(?!\d)", re.sub(r"\s", "", line)) for line in posts]
    return {number for line in found for number in line}


def _place(who: Who, matter: Matter) -> Hint | None:
    """The other way round every post in Roskilde would be in a place called Roskilde."""
    here = next((post for post in who.posts if _holds(matter.place, post)), "")
    return Hint("same_place", here) if here else None


def _own_municipality(who: Who, matter: Matter) -> Hint | None:
    """Culture staff, and what their employer seems to run."""
    theirs = matter.association
    if theirs is None or not who.is_staff or who.home != matter.home:
        return None
    is_institution = INSTITUTION.search(theirs.name.casefold())
    return Hint("own_municipality", matter.home_name) if is_institution else None


def _holds(text: str, name: str) -> bool:
    """Whether the whole name stands in the text, word by word."""
    outer, inner = words(text), words(name)
    if len("".join(inner)) < LEAST_LETTERS:
        return False
    starts = range(len(outer) - len(inner) + 1)
    return any(outer[start : start + len(inner)] == inner for start in starts)
