"""The demo: one pool with calls in each phase, and cases in every status there is."""

from datetime import timedelta

from applicants.models import User
from grants.letters import outbox
from grants.letters.models import Letter, Mail
from grants.pools import reference
from secretariat.stories import setting
from secretariat.stories.cases import Because, Case, Change, Stage, Told
from secretariat.stories.diary import Calendar, Diary
from secretariat.stories.sittings import Sittings
from secretariat.stories.walk import Walk
from workflows import clock

CODE = "oup"
DOMAIN = "demo.ungepuljen.example"

# {key of the call: (days since it opened, the days on which it differs)}
CALLS = {
    "over-sundet": (
        400,
        {"report_begun": 225, "reported": 232, "report_approved": 244, "settled": 262}
        | {"completed": 265, "heard": 215, "hearing_answered": 224, "reclaimed": 240}
        | {"reclaim_settled": 268},
    ),
    "store-ideer": (170, {}),
    "nye-scener": (
        47,
        {"vote_closed": 45, "time_is_over": 45, "adopted": 45, "decided": 46, "announced": 46},
    ),
    "fri-fantasi": (
        16,
        {"drafted": 3, "submitted": 8, "asked": 12, "screened": 14, "closes": 35} | {"starts": 120},
    ),
    "smaapuljen": (
        220,
        {"drafted": 0, "submitted": 1, "asked": 3, "answered": 4, "screened": 4, "recused": 5}
        | {"review_opened": 5, "voted": 7, "vote_closed": 9, "decided": 10, "announced": 11}
        | {"accepted": 14, "planned": 15, "approved": 16, "sent": 17, "paid": 19, "starts": 25}
        | {"report_begun": 44, "reported": 47, "report_approved": 52, "settled": 56}
        | {"completed": 57},
    ),
    "naeste-boelge": (-24, {"closes": 42}),
}
ROLLING = {"smaapuljen"}
# What is recommended together, and what is talked about in a meeting before that.
ADOPTED = {"over-sundet": "", "store-ideer": "drag", "nye-scener": ""}
# The meeting that lies ahead.
NEXT_MEETING = {"nye-scener": "ljudpromenad"}

CASES = {
    "over-sundet": [
        Case(
            "kor",
            Stage.COMPLETED,
            votes=".FF.FFFF.",
            recused={"ellinor": "own_interest"},
            note="Ringede med Liv om øvelokalet i Malmö. Aftalen med Folkets Park er på plads.",
            told=Told(
                "Vi blev 34, flere end vi havde stole til. Koncerten i Malmö var udsolgt, selv om"
                " den var gratis, og i Hvidovre sang publikum med på den nye sang allerede anden"
                " gang. Vi fortsætter for egne penge, hver tredje søndag.",
                260,
                420,
            ),
        ),
        Case(
            "skatefilm",
            Stage.COMPLETED,
            votes="FFFF.FFNF",
            asked=(
                (
                    "I vil vise filmen udendørs. Har I fået lov af Herlevhallen, og hvad gør I,"
                    " hvis det regner?"
                ),
                (
                    "Ja, halinspektøren siger god for det, hvis vi fejer bagefter. Regner det,"
                    " flytter vi ind i cykelkælderen."
                ),
            ),
            told=Told(
                "Det regnede. Vi så filmen i cykelkælderen med 140 mennesker, og det var bedre end"
                " planlagt, for dér er ekko. Filmen ligger frit på nettet.",
                140,
                1850,
            ),
        ),
        Case(
            "zine",
            Stage.COMPLETED,
            votes="FF..FFF.F",
            caseworker="oluf",
            told=Told(
                "71 forskellige mennesker lavede et zine. Det yngste var 11 og havde løjet om sin"
                " alder. Fællesnummeret er trykt i 300, og biblioteket har spurgt, om vi kommer"
                " igen.",
                71,
            ),
        ),
        Case(
            "kimchi",
            Stage.COMPLETED,
            votes="F.FMFF.FA",
            caseworker="oluf",
            told=Told(
                "Vi lavede 212 glas. Ét eksploderede. Bordet foran stationen blev 34 meter, fordi"
                " der kom flere borde ud af opgangene.",
                320,
                180,
            ),
        ),
        Case(
            "lyshus",
            Stage.COMPLETED,
            votes="M.FMMML.N",
            because=Because(
                "§ 5",
                5,
                "I skriver, at huset kan bygges for 18.000 kr. Uden honorarerne og med en mindre"
                " styring, som I selv beskriver, koster det 27.000 kr.",
            ),
            told=Told(
                "Huset stod i sytten dage, for ingen ville have det ned. Vi målte: når der var"
                " elleve inde, kunne man se det fra den anden side af søen.",
                900,
            ),
        ),
        Case(
            "containerfest",
            Stage.PAID,
            votes="FF.FMFF..",
            ends="reclaimed",
            heard=(
                (
                    "Festivalen blev ikke afholdt på den dag, I har søgt til, og vi har ikke fået"
                    " en ny dato eller et regnskab. Vi overvejer at kræve pengene tilbage efter §"
                    " 7 og vilkårene i jeres tilsagn."
                ),
                (
                    "Det er rigtigt. Containeren kunne ikke stå på pladsen, og halvdelen af bandene"
                    " gik i opløsning. Vi har ikke brugt pengene og betaler dem tilbage."
                ),
            ),
        ),
        Case(
            "natbus",
            Stage.ANNOUNCED,
            votes="NNFNANNF.",
            caseworker="oluf",
            because=Because(
                "§ 4",
                5,
                "18.700 kr. af budgettet på 20.200 kr. går til optageudstyr og computer, som kan"
                " lånes på biblioteket.",
            ),
        ),
        Case("broderi", Stage.ANNOUNCED, votes="FF..FFF.F", ends="declined"),
    ],
    "store-ideer": [
        Case(
            "kpop",
            Stage.REPORT_BEGUN,
            votes="FFFFFFFFF",
            told=Told("Der kom 340, og vi løb tør for vand klokken 14.", 340),
        ),
        Case("digte", Stage.SENT, votes="FF.FFFMF.", paid_later=100),
        Case(
            "minecraft",
            Stage.PLANNED,
            votes="FFF.AFF.F",
            caseworker="oluf",
            note="Arkivet vil gerne have en kopi af serveren, når projektet er slut.",
            paid_later=105,
        ),
        Case("bropiller", Stage.APPROVED, votes="F.FFFFF.F", paid_later=103),
        Case(
            "folkmusik",
            Stage.REPORTED,
            votes="FFF.FFF.F",
            recused={"viktor": "association"},
            asked=(
                "Hvem betaler for lokalet i Køge? Det står ikke i budgettet.",
                "Tapperiet lånar ut lokalen gratis mot att vi spelar på deras sommarfest.",
            ),
            told=Told(
                "Tjugotvå ungdomar, elva nya låtar och en danskväll i varje stad. Skivan är tryckt"
                " i 300 exemplar. En polska heter nu Køge Station.",
                190,
            ),
        ),
        Case(
            "drag",
            Stage.REPORTED,
            votes="MMF.FMM.M",
            instead=(
                29000,
                (
                    "Udvalget har regnet med, at salen er gratis. Det er den kun om formiddagen, og"
                    " forløbet ligger om aftenen, så hele beløbet er nødvendigt."
                ),
            ),
            told=Told("Det gik fantastisk. Alle tolv stod på scenen begge aftener.", 160),
            sent_back="Det lyder som to dejlige aftener! Du har skrevet, hvor meget du brugte i"
            " alt, men hvor kom publikum fra, og hvad gik pengene til sminke til? Skriv et par"
            " linjer om det, og send igen.",
        ),
        Case(
            "skrotorkester",
            Stage.PAID,
            votes="FF.FFNF.A",
            trouble="returned",
            change=Change(
                "extension",
                45,
                "Værkstedet er lukket hele december, så vi kan først bygge de sidste instrumenter"
                " i det nye år.",
                "Det er i orden. Send gerne et billede af instrumenterne, når de er færdige.",
            ),
        ),
        Case(
            "vestvolden",
            Stage.COMPLETED,
            votes="FFFFFFFFF",
            caseworker="oluf",
            asked=(
                "Har I aftalt med kommunen, at I må hænge lærredet op mellem træerne?",
                "Ja, Vej og Park siger, at vi må, når vi bruger bånd og ikke søm.",
            ),
            told=Told(
                "61 film blev til 84. Fire fredage uden regn. En af instruktørerne er 14 og fik"
                " stående klapsalver af en hund.",
                410,
                300,
            ),
        ),
        Case(
            "strik",
            Stage.ANNOUNCED,
            votes="NNAF.NNN.",
            because=Because(
                "§ 3",
                2,
                "Du skriver, at klubben er for dig og dine venner i en privat kælder, og 36.500 kr."
                " ud af 38.000 kr. går til stole og skærme.",
            ),
        ),
        Case("modersmaal", Stage.ANNOUNCED, votes="F.FFFMF.F", ends="lapsed"),
        Case("sejl", Stage.SUBMITTED, ends="withdrawn"),
        Case(
            "tekno",
            Stage.PAID,
            votes="MMFM.MMF.",
            because=Because(
                "§ 5",
                5,
                "I skriver, at festen kan holdes for 48.000 kr. Værkstedet for vibrerende veste"
                " til 8.800 kr. kan holdes en anden gang, uden at festen bliver mindre.",
            ),
            trouble="cancelled",
            change=Change(
                "dates",
                70,
                "Salen er optaget af en kommunal høring den aften. Vi kan få den ti uger senere.",
            ),
        ),
    ],
    "nye-scener": [
        Case(
            "skygge",
            Stage.IN_REVIEW,
            votes="F.F...M..",
            remarks=(
                ("ellinor", "remark", "Jeg har set dem øve. De er ti, ikke seks, og de er gode."),
                ("henrik", "question", "Er salen i Ballerup booket, eller håber de på det?"),
            ),
        ),
        Case("ljudpromenad", Stage.IN_REVIEW, votes="FFFF.NNNF", is_closed=True),
        Case(
            "derby",
            Stage.IN_REVIEW,
            votes=".........",
            recused={"mads": "family"},
            unsure={"ida": "Jeg gik i klasse med en af dem, men vi har ikke set hinanden siden."},
        ),
        Case("iftar", Stage.IN_REVIEW, votes="F....F...", is_overdue=True, caseworker="oluf"),
        Case("madpakke", Stage.RECOMMENDED, votes="FFFFFFFFA"),
        Case("tegneserie", Stage.RECOMMENDED, votes="MFMMMMLM.", recused={"tove": "other_doubt"}),
        Case("parkour", Stage.DECIDED, votes="FFFFFFFFF"),
        Case(
            "strikdrage",
            Stage.DECIDED,
            votes="NNNFANNFN",
            caseworker="oluf",
            because=Because(
                "§ 4",
                1,
                "9.000 kr. af budgettet er løn til ansøgerne selv, og det fremgår ikke, hvilke unge"
                " der er med til at bestemme.",
            ),
        ),
        Case("musikvideo", Stage.SUBMITTED, ends="withdrawn"),
        Case(
            "garage",
            Stage.ANNOUNCED,
            ends="turned_down",
            caseworker="oluf",
            asked=(
                (
                    "Hvem ud over jer tre kan bruge studiet, og hvornår er det åbent for andre? Og"
                    " hvem ejer udstyret bagefter?"
                ),
                "",
            ),
            because=Because(
                "§ 6",
                2,
                "Vi har bedt om at få at vide, hvem ud over bandets medlemmer der kan bruge"
                " studiet, og hvornår. Det har vi ikke fået svar på inden fristen.",
            ),
        ),
    ],
    "fri-fantasi": [
        Case("sortsol", Stage.SUBMITTED),
        Case("prom", Stage.ELIGIBLE, note="Kulturhuset bekræfter datoen. Vagter er bestilt."),
        Case("stog", Stage.SUBMITTED),
        Case(
            "brevvenner",
            Stage.SUBMITTED,
            asked=(
                (
                    "Hvordan spørger I dem, der har skrevet et brev, om det må vises frem? Og hvad"
                    " gør I med de breve, der ikke må?"
                ),
                "",
            ),
        ),
        Case("skraldefest", Stage.DRAFT, later=6),
        Case("grandmother", Stage.ELIGIBLE, caseworker="oluf"),
        Case("vikingelyd", Stage.DRAFT, later=9),
        Case("tom", Stage.DRAFT, later=10),
        Case("rollespil", Stage.SUBMITTED, later=4),
    ],
    "smaapuljen": [
        Case(
            "malebod",
            Stage.COMPLETED,
            votes="FF.FF.FF.",
            later=20,
            told=Told("163 portrætter. To kærestepar mødtes ved bordet, tror vi nok.", 326, 90),
        ),
        Case("beatbattle", Stage.PAID, votes="FF.FFF.FF", later=150, caseworker="oluf"),
        Case("pancakes", Stage.ANNOUNCED, votes="FF.FFFF..", later=205, has_consent=False),
        Case("plakater", Stage.SUBMITTED, later=217),
        Case("braetspil", Stage.IN_REVIEW, votes="FFF..F...", later=212, caseworker="oluf"),
        Case(
            "halfpipe",
            Stage.ANNOUNCED,
            votes="NF.NNNN..",
            later=100,
            because=Because(
                "§ 4",
                2,
                "Halfpipen står i en privat have, og ansøgningen siger, at den er for dig og dine"
                " venner.",
            ),
        ),
    ],
    "naeste-boelge": [],
}


def tell():
    """Make the demo, seen from today. Every date follows from the day on which it is made."""
    today = clock.today()
    diary = Diary()
    first_day = Calendar(today - timedelta(days=430)).moment("drafted")
    with clock.at(first_day):
        reference.load_municipalities()
        reference.load_illustrative_populations()
        place = setting.pool_of(CODE, domain=DOMAIN, years=[today.year - 1, today.year])
    for key, cases in CASES.items():
        _plan(place, key, cases, today, diary)
    for _done in diary.live():
        pass
    _deliver(place)
    # Django's admin is where a pool is set up.
    admins = place.pool.roles.filter(role="pool_admin").values("user")
    User.objects.filter(pk__in=admins).update(is_staff=True, is_superuser=True)


def _plan(place, key, cases, today, diary):
    """A call and its cases."""
    since, other_days = CALLS[key]
    calendar = Calendar(today - timedelta(days=since), **other_days)
    opens_at = calendar.moment("closes", later=-calendar.days["closes"])
    call = setting.open_call(
        place,
        key,
        slug=key,
        opens_at=opens_at,
        closes_at=None if key in ROLLING else calendar.moment("closes", minutes=15 * 60 - 1),
    )
    Walk(place, call, calendar, spread=1 if key in ROLLING else 6).plan(cases, diary)
    sittings, case_of = Sittings(place, call, calendar), {case.idea: case for case in cases}
    if key in ADOPTED:
        sittings.plan(diary, talks_about=case_of.get(ADOPTED[key]))
    if key in NEXT_MEETING:
        sittings.plan_the_next(diary, talks_about=case_of[NEXT_MEETING[key]], days=3)


def _deliver(place):
    """What the worker does: bytes for the letters, then the mails, each a minute after its row."""
    for letter in Letter.objects.filter(pool=place.pool, rendered_at=None).order_by("pk"):
        with clock.at(letter.issued_at + timedelta(minutes=1)):
            outbox.make_bytes(letter.pk)
    mails = Mail.objects.filter(to__email__endswith=f"@{place.domain}", claimed_at=None)
    for mail in mails.order_by("pk"):
        with clock.at(mail.created_at + timedelta(minutes=2)):
            outbox.send(mail.pk)
