"""The facts of three letters: an association gets all, gets less, gets nothing."""

SHARED = {
    "reference": "UP-2026-0042",
    "title": "Natteskrig på Søndre Havn",
    "applicant_name": "Foreningen Ølejr & Åløb",
    "recipient_address": ["Havnegade 12, 2. th.", "4600 Køge"],
    "plural": True,
    "pool_name": "Ungepuljen på tværs",
    "authority_name": "Kulturfællesskabet",
    "authority_address": ["Prøvestræde 1", "4600 Køge"],
    "caseworker_name": "Frida Holm",
    "caseworker_title": "Sagsbehandler",
    "issued_on": "2026-11-01",
    "amount_applied_for": 1_850_000,
    "currency": "DKK",
    "recommended": "full",
    "contact": {"email": "puljen@example.org", "phone": "12 34 56 78"},
    "code": "K7QF-3M9X-TB2A",
    "verify_url": "https://puljen.example.org/verify",
    "complaint_guidance": {
        "version": "2026-1",
        "paragraphs": ["Ingen anden myndighed kan ændre afgørelsen.", "Skriv til ombudsmanden."],
    },
}
MONEY = {
    "amount_awarded": 1_850_000,
    "conditions": ["Alle mellem 13 og 25 år kan være med.", "Puljens navn står på plakaten."],
    "accept_by": "2026-11-15",
    "instalments": [
        {"label": "Forskud", "amount": 1_480_000, "when": "når I har sagt ja tak"},
        {"label": "Slutrate", "amount": 370_000, "when": "2027-05-01"},
    ],
    "municipal_shares": [
        {"name": "Køge", "amount": 925_001},
        {"name": "Malmö", "amount": 924_999},
    ],
    "report_due_on": "2027-03-31",
}
REASON = {
    "guideline": {"number": "§ 4, stk. 2", "text": "Unge fra mindst to kommuner er med."},
    "criterion": {"name": "På tværs", "text": "Projektet når ud over én kommune."},
    "fact": "Alle i gruppen bor i Køge.\n\nDer er ikke aftalt noget med andre kommuner.",
}
LESS = {"amount_awarded": 1_000_000, "recommended": "less"}
FACTS = {
    "award": SHARED | MONEY,
    "partial_award": SHARED | MONEY | REASON | LESS,
    "rejection": SHARED | REASON | {"recommended": "none"},
}
