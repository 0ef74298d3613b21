"""The pool in which a story plays: rules, money, committee, secretariat."""

from dataclasses import dataclass
from datetime import date, timedelta

from schwifty import IBAN

from applicants.accounts import danish_iban
from applicants.models import User
from committee.seats.models import Committee, Member, Procedure
from grants.pools import reference
from grants.pools.models import (
    BlackOut,
    Call,
    ComplaintGuidance,
    Consultant,
    Contribution,
    Criterion,
    Example,
    Guideline,
    Municipality,
    Pool,
    PoolRole,
    Question,
)
from secretariat.stories import material
from workflows import clock

# No bank has this registration number, so no money could ever arrive.
NO_BANK = "9999"

# (key, name, role, title in letters)
OFFICE = [
    ("freja", "Freja Holm", "caseworker", "Kulturkonsulent"),
    ("oluf", "Oluf Mikkelsen", "caseworker", "Ungekonsulent"),
    ("gitte", "Gitte Vestergaard", "approver", "Økonomikonsulent"),
    ("rasmus", "Rasmus Dahl", "pool_admin", "Puljeleder"),
    ("bente", "Bente Skovgaard", "auditor", "Revisor"),
]
# (key, name, municipality)
READERS = [("anders", "Anders Nygaard", "Køge"), ("gunilla", "Gunilla Ström", "Malmö")]
# (key, name, seat, municipality); the chair is the first of the staff.
SEATS = [
    ("ellinor", "Ellinor Bergqvist", "young", "Malmö"),
    ("mads", "Mads Thorup", "young", "Herlev"),
    ("yasmin", "Yasmin El-Sayed", "young", "Albertslund"),
    ("viktor", "Viktor Hedlund", "young", "Lund"),
    ("ida", "Ida Krogh", "young", "Køge"),
    ("susanne", "Susanne Riis", "staff", "Hvidovre"),
    ("henrik", "Henrik Lauridsen", "staff", "Ballerup"),
    ("karin", "Karin Åkesson", "staff", "Malmö"),
    ("tove", "Tove Bisgaard", "staff", "Frederiksberg"),
]
CHAIR = "susanne"
SUBSTITUTES = [
    ("noor", "Noor Rahimi", "young", "Ballerup"),
    ("lise", "Lise Ankersen", "staff", "Furesø"),
]


@dataclass(frozen=True)
class Setting:
    """One pool, and whoever works for it."""

    pool: Pool
    domain: str
    municipalities: dict[str, Municipality]
    guidelines: dict[str, Guideline]
    # The regular ones, in the order of SEATS.
    members: list[Member]
    office: dict[str, User]

    def user(self, key, name, language="da"):
        """The user with that address; made now when there is none."""
        email = f"{key}@{self.domain}"
        found = User.objects.filter(email=email).first()
        return found or User.objects.create_user(
            email, name=name, language=language, date_joined=clock.now()
        )

    @property
    def chair(self):
        return next(member.user for member in self.members if member.is_chair)


def pool_of(code, *, domain, years):
    """The Setting of the pool with that code; made, with its people, when there is none.

    domain: what the mail addresses of its people end with. years: for which money is paid in.
    """
    reference.load_municipalities()
    pool = Pool.objects.filter(code=code).first() or _new_pool(code, domain)
    _contribute(pool, years)
    return Setting(
        pool=pool,
        domain=domain,
        municipalities=_municipalities(),
        guidelines={rule.paragraph: rule for rule in pool.guidelines.all()},
        members=list(pool.committee.members.filter(is_substitute=False).select_related("user")),
        office={role.user.email.partition("@")[0]: role.user for role in _office(pool)},
    )


def open_call(setting, key, *, slug, title="", opens_at, closes_at, answer_by=None):
    """A call of pool.toml with its rules, criteria and questions; title: another one than there."""
    told, conditions = material.call(key), material.pool()["conditions"]
    call = Call.objects.create(
        pool=setting.pool,
        slug=slug,
        title=title or told["title"],
        title_en=title or told["title_en"],
        summary=told["summary"],
        summary_en=told["summary_en"],
        opens_at=opens_at,
        closes_at=closes_at,
        answer_by=answer_by or (closes_at + timedelta(days=30)).date() if closes_at else None,
        budget=told["budget"] * 100,
        greatest_amount=told["greatest"] * 100,
        advance_percent=told["advance_percent"],
        conditions=conditions["da"].strip(),
        conditions_en=conditions["en"].strip(),
        **told["rules"] | {"greatest_budget": _oere(told["rules"].get("greatest_budget"))},
    )
    Criterion.objects.bulk_create(
        Criterion(
            call=call,
            position=position,
            **criterion
            | {"scale": criterion["scale"].strip(), "scale_en": criterion["scale_en"].strip()},
        )
        for position, criterion in enumerate(material.pool()["criterion"], start=1)
    )
    Question.objects.bulk_create(
        Question(call=call, position=position, **words)
        for position, words in enumerate(told.get("question", []), start=1)
    )
    for days in told.get("black_out", []):
        first = opens_at.date() + timedelta(days=days["from_day"])
        BlackOut.objects.create(
            call=call,
            starts_on=first,
            ends_on=first + timedelta(days=days["days"] - 1),
            reason=days["reason"],
            reason_en=days["reason_en"],
        )
    return call


def _oere(kroner):
    return None if kroner is None else kroner * 100


def invented_iban(country, number):
    """An account with the right check digits, in a bank that does not exist."""
    if country == "DK":
        return danish_iban(NO_BANK, str(number))
    return str(IBAN.from_bban(country, f"{999:03}{number:017}"))


def born(age, *, spread):
    """A birth date of somebody who turned `age` between two and seven months ago."""
    birthday = clock.today() - timedelta(days=60 + spread * 13 % 150)
    return date(birthday.year - age, birthday.month, min(birthday.day, 28))


def _new_pool(code, domain):
    pool = Pool.objects.create(
        code=code,
        email=f"sekretariatet@{domain}",
        iban=invented_iban("DK", 1_000_000_000),
        **material.pool()["pool"],
    )
    Guideline.objects.bulk_create(
        Guideline(pool=pool, **rule) for rule in material.pool()["guideline"]
    )
    ComplaintGuidance.objects.bulk_create(
        ComplaintGuidance(
            pool=pool,
            kind=guidance["kind"],
            version=1,
            text=guidance["text"].strip(),
            text_en=guidance["text_en"].strip(),
        )
        for guidance in material.pool()["guidance"]
    )
    setting = Setting(pool, domain, _municipalities(), {}, [], {})
    _hire(setting)
    _recommend(setting)
    return pool


def _recommend(setting):
    """Whom one can ask, and what got money before."""
    places, year = setting.municipalities, clock.today().year
    Consultant.objects.bulk_create(
        Consultant(
            pool=setting.pool,
            municipality=places[each["municipality"]],
            name=each["name"],
            title=each["title"],
            email=f"{each['key']}@{setting.domain}",
            phone=each.get("phone", ""),
        )
        for each in material.pool()["consultant"]
    )
    Example.objects.bulk_create(
        Example(
            pool=setting.pool,
            title=each["title"],
            text=each["text"],
            text_en=each["text_en"],
            amount=each["amount"] * 100,
            municipality=places[each["municipality"]],
            year=year - each["years_ago"],
        )
        for each in material.pool()["example"]
    )


def _hire(setting):
    pool, places = setting.pool, setting.municipalities
    for key, name, role, title in OFFICE:
        user = setting.user(key, name)
        PoolRole.objects.create(user=user, pool=pool, role=role, title=title)
    committee = Committee.objects.create(pool=pool, name="Bevillingsudvalget")
    Procedure.objects.create(committee=committee, recommends=Procedure.Recommends.TOGETHER)
    for key, name, seat, place in SEATS:
        user, is_chair = setting.user(key, name), key == CHAIR
        PoolRole.objects.create(user=user, pool=pool, role="chair" if is_chair else "member")
        Member.objects.create(
            committee=committee, user=user, seat=seat, is_chair=is_chair, home=places[place]
        )
    for key, name, seat, place in SUBSTITUTES:
        user = setting.user(key, name)
        PoolRole.objects.create(user=user, pool=pool, role="member")
        Member.objects.create(
            committee=committee, user=user, seat=seat, is_substitute=True, home=places[place]
        )
    for key, name, place in READERS:
        PoolRole.objects.create(
            user=setting.user(key, name),
            pool=pool,
            role="municipality_reader",
            municipality=places[place],
        )


def _office(pool):
    roles = {role for _key, _name, role, _title in OFFICE}
    return pool.roles.filter(role__in=roles).select_related("user")


def _contribute(pool, years):
    """What each municipality pays in for a year: a base, and an amount per inhabitant."""
    terms = material.pool()["contribution"]
    for place in _municipalities().values():
        kroner = terms["base"] + terms["per_inhabitant"] * (place.population or 0)
        for year in years:
            Contribution.objects.get_or_create(
                pool=pool, municipality=place, year=year, defaults={"amount": kroner * 100}
            )


def _municipalities():
    names = material.pool()["contribution"]["municipalities"]
    found = Municipality.objects.filter(name__in=names, country__in=["DK", "SE"])
    return {municipality.name: municipality for municipality in found}
