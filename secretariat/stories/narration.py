"""The story: one call from opening to completion, twelve applications, twelve people."""

from datetime import timedelta

from grants.applications.models import Application
from grants.letters import outbox
from grants.letters.models import Letter
from grants.pools.models import Call
from secretariat.stories import setting
from secretariat.stories.cases import Because, Case, Stage, Told
from secretariat.stories.diary import Calendar, Diary
from secretariat.stories.sittings import Sittings
from secretariat.stories.walk import Walk
from workflows import clock

CODE = "story"
DOMAIN = "story.ungepuljen.example"
KEY = "store-ideer"
# The last thing happens 165 days after the opening, which is then the day before yesterday.
DAYS_AGO = 167
SPREAD = 6


def cases():
    """The twelve: made anew for each run."""
    return [
        Case(
            "kor",  # shared by two municipalities, and a member stands aside
            Stage.COMPLETED,
            votes=".FFFFFFFF",
            recused={"ellinor": "own_interest"},
            told=Told("Vi blev 34. Koncerten i Malmö var fuld, og i Hvidovre sang alle med.", 260),
        ),
        Case(
            "skatefilm",  # asked for more
            Stage.COMPLETED,
            votes="FFFF.FFNF",
            asked=(
                "I vil vise filmen udendørs. Har I fået lov af hallen?",
                "Ja, halinspektøren siger god for det, hvis vi fejer bagefter.",
            ),
            told=Told("Det regnede, så vi så filmen i cykelkælderen, 140 mennesker.", 140, 1850),
        ),
        Case(
            "minecraft",  # a seventeen-year-old, with his mother's consent
            Stage.COMPLETED,
            votes="FFF.AFF.F",
            caseworker="oluf",
            told=Told("Byen står. Der mangler kun rådhusets nordfløj.", 48, 120),
        ),
        Case(
            "lyshus",  # a part of what was applied for
            Stage.COMPLETED,
            votes="M.FMMML.N",
            because=Because(
                "§ 5",
                5,
                "I skriver, at huset kan bygges for 18.000 kr. Uden honorarerne og med en mindre"
                " styring, som I selv beskriver, koster det 27.000 kr.",
            ),
            told=Told("Huset stod i sytten dage, for ingen ville have det ned.", 900),
        ),
        Case(
            "skrotorkester",  # returned by the bank, and paid again
            Stage.COMPLETED,
            votes="FF.FFNF.A",
            trouble="returned",
            told=Told("Tyve instrumenter, 40 minutter, ét brækket nedløbsrør.", 350, 260),
        ),
        Case(
            "tegneserie",  # shared by three municipalities, and another member stands aside
            Stage.COMPLETED,
            votes="FFFFFFFF.",
            recused={"tove": "other_doubt"},
            told=Told("Bogen ligger i 41 venteværelser. Der er allerede en, der er stjålet.", 400),
        ),
        Case(
            "grandmother",  # in English
            Stage.COMPLETED,
            votes="FFF.FFF.F",
            told=Told("Six grandmothers, six dishes, two full church halls.", 230, 75),
        ),
        Case(
            "bropiller",
            Stage.COMPLETED,
            votes="F.FFFFF.F",
            caseworker="oluf",
            told=Told("Ti piller, ti navne. Kommunen har sat lamperne op.", 130, 440),
        ),
        Case(
            "natbus",  # rejected by the committee
            Stage.ANNOUNCED,
            votes="NNFNANNF.",
            because=Because(
                "§ 4",
                5,
                "18.700 kr. af budgettet på 20.200 kr. går til optageudstyr og computer, som kan"
                " lånes på biblioteket.",
            ),
        ),
        Case(
            "strik",  # and another one
            Stage.ANNOUNCED,
            votes="NNAF.NNN.",
            because=Because(
                "§ 3",
                2,
                "Du skriver, at klubben er for dig og dine venner i en privat kælder.",
            ),
        ),
        Case(
            "garage",  # rejected on formal grounds, without the committee
            Stage.ANNOUNCED,
            ends="turned_down",
            asked=("Hvem ud over jer tre kan bruge studiet, og hvornår?", ""),
            because=Because(
                "§ 6",
                2,
                "Vi har bedt om at få at vide, hvem ud over bandet der kan bruge studiet. Det har"
                " vi ikke fået svar på inden fristen.",
            ),
        ),
        Case("sejl", Stage.SUBMITTED, ends="withdrawn"),
    ]


def begin():
    """Open the story's next call. Returns it, and the diary of what will happen.

    The pool, its committee and its office are made by the first run; call and applicants are new
    in every run.
    """
    today = clock.today()
    calendar = Calendar(today - timedelta(days=DAYS_AGO))
    opens_at = calendar.moment("closes", later=-calendar.days["closes"])
    with clock.at(opens_at):
        place = setting.pool_of(CODE, domain=DOMAIN, years=[today.year - 1, today.year])
        number = Call.objects.filter(pool=place.pool).count() + 1
        call = setting.open_call(
            place,
            KEY,
            slug=f"{CODE}-{number}",
            title=f"Fortælling {number}",
            opens_at=opens_at,
            closes_at=calendar.moment("closes"),
        )
    diary = Diary()
    Walk(place, call, calendar, spread=SPREAD, run=f".{number}").plan(cases(), diary)
    Sittings(place, call, calendar).plan(diary)
    return call, diary


def make_letters(call):
    """The bytes of the call's letters, as the worker would make them; says each that is done."""
    references = Application.objects.filter(call=call).values("reference")
    for letter in Letter.objects.filter(reference__in=references).order_by("pk"):
        with clock.at(letter.issued_at + timedelta(minutes=1)):
            outbox.make_bytes(letter.pk)
        yield
