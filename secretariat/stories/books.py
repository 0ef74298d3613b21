"""The story's books: its files, its figures, and whether the figures agree."""

import json
from collections import Counter
from datetime import UTC
from decimal import Decimal

from django.db.models import Sum
from lxml import etree

from grants.applications.models import Application
from grants.decisions.models import Decision, Grant, MunicipalShare
from grants.letters.models import Letter
from grants.payouts.models import PaymentBatch, Payout
from grants.statistics import queries, sheet
from workflows import audit
from workflows.models import LogEntry

PAIN = {"p": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}


class Books:
    """All that a call has left behind. Amounts in øre."""

    def __init__(self, call):
        self.call = call
        self.applications = Application.objects.filter(call=call)
        self.decisions = Decision.objects.filter(
            application__call=call, announced_at__isnull=False, withdrawn_at=None
        )
        self.grants = Grant.objects.filter(call=call, ended_at=None)
        self.payouts = Payout.objects.filter(instalment__grant__call=call)
        self.batches = PaymentBatch.objects.filter(payouts__in=self.payouts).distinct()
        self.letters = Letter.objects.filter(
            reference__in=self.applications.values("reference")
        ).order_by("reference")
        self.rows = queries.per_municipality(call.pool, call=call)

    def entries(self):
        """The log of the run: of its cases and its payment files."""
        streams = [case.stream for case in self.applications]
        streams += [batch.stream for batch in self.batches]
        return LogEntry.objects.filter(stream__in=streams).order_by("at", "stream", "number")

    def summary(self, *, seconds):
        """summary.json: what happened, in øre."""
        statuses = Counter(self.applications.values_list("status", flat=True))
        return {
            "applications": self.applications.count(),
            "by_status": dict(sorted(statuses.items())),
            "amount_awarded": _sum(self.decisions, "amount_awarded"),
            "amount_disbursed": _sum(self.payouts.filter(status="paid"), "amount"),
            "letters": self.letters.exclude(pdf=None).count(),
            "audit_entries": self.entries().count(),
            "audit_verified": audit.verify().fits,
            "municipalities": [
                {
                    "code": row.municipality.code,
                    "country": row.municipality.country,
                    "name": row.municipality.name,
                    "contributed": row.contributed,
                    "granted": row.granted,
                    "disbursed": row.disbursed,
                }
                for row in self.rows
            ],
            "seconds": seconds,
        }

    def disagreements(self, summary):
        """Every sum that differs, as a sentence; each is counted in two ways from other rows."""
        awarded, disbursed = summary["amount_awarded"], summary["amount_disbursed"]
        shares = MunicipalShare.objects.filter(grant__in=self.grants)
        sent = self.payouts.exclude(batch=None)
        told = [
            ("granted to municipalities", sum(row.granted for row in self.rows), awarded),
            ("grants", _sum(self.grants, "amount_awarded"), awarded),
            ("municipal shares", _sum(shares, "amount"), awarded),
            ("what letters award", self._awarded_in_letters(), awarded),
            ("disbursed to municipalities", sum(row.disbursed for row in self.rows), disbursed),
            ("what grants have been paid", self._disbursed_by_grants(), disbursed),
            ("payment files", self._sent_in_files(), _sum(sent, "amount")),
            ("applications by status", sum(summary["by_status"].values()), len(self.applications)),
            ("letters with bytes", summary["letters"], self.decisions.count()),
        ]
        yield from (f"{what}: {one} and not {other}" for what, one, other in told if one != other)
        if not summary["audit_verified"]:
            yield f"the audit trail does not fit: {audit.verify().misfit}"

    def write(self, folder, summary):
        """Letters, payment files, statistics, log and summary, into the folder."""
        for name in ("letters", "payments", "statistics"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        for letter in self.letters:
            (folder / "letters" / letter.file_name).write_bytes(letter.pdf)
        for batch in self.batches:
            (folder / "payments" / f"{batch.reference}.xml").write_bytes(batch.file)
        (folder / "statistics" / "municipalities.csv").write_bytes(sheet.municipalities(self.rows))
        lines = [json.dumps(_told(entry), ensure_ascii=False) for entry in self.entries()]
        (folder / "audit.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        text = json.dumps(summary, ensure_ascii=False, indent=2)
        (folder / "summary.json").write_text(text + "\n", encoding="utf-8")

    def _awarded_in_letters(self):
        facts = self.letters.values_list("facts", flat=True)
        return sum(letter.get("amount_awarded", 0) for letter in facts)

    def _disbursed_by_grants(self):
        return sum(grant.amount_disbursed() for grant in self.grants)

    def _sent_in_files(self):
        """What the banks read, added up from the files themselves."""
        files = [etree.fromstring(bytes(batch.file)) for batch in self.batches]
        amounts = [amount.text for file in files for amount in file.iterfind(".//p:InstdAmt", PAIN)]
        return int(sum(map(Decimal, amounts)) * 100)


def _sum(rows, name):
    return rows.aggregate(sum=Sum(name))["sum"] or 0


def _told(entry):
    return {
        "stream": entry.stream,
        "number": entry.number,
        "at": entry.at.astimezone(UTC).isoformat(),
        "actor": entry.actor,
        "subject": entry.subject,
        "event": entry.event,
        "from": entry.from_status,
        "to": entry.to_status,
        "facts": entry.facts,
        "previous_hash": entry.previous_hash,
        "hash": entry.hash,
    }
