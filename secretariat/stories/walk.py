"""A case walks its way, day by day, by the same actions as the pages call."""

from collections import defaultdict
from datetime import timedelta

from applicants import actions as applicants
from committee.discussion import actions as discussion
from committee.review import actions as review
from committee.votes import actions as voting
from grants.applications import actions as applications
from grants.applications import guardians, team
from grants.decisions import actions as decisions
from grants.decisions import changes
from grants.decisions.budgets import balance
from grants.decisions.changes import what_is_agreed
from grants.payouts import actions as payouts
from grants.payouts.accounts import Told
from grants.pools.shares import split
from secretariat.stories import material, setting
from secretariat.stories.cases import Stage
from workflows import clock
from workflows.audit import SYSTEM
from workflows.lifecycle import PayoutStatus

BANK_SAYS = "AC04 Kontoen er lukket"
MINUTES_BETWEEN_CASES = 7
# Who comes to such things, by the bands of a final report.
HOW_OLD_THEY_ARE = {"0-12": 1, "13-17": 4, "18-24": 4, "25-30": 2, "31-": 1}
# How somebody scores who votes so; each member begins with another criterion.
SCORES = {"F": (5, 4, 4, 5, 4), "M": (4, 3, 4, 3, 4), "L": (3, 3, 2, 4, 3), "N": (1, 2, 1, 2, 0)}


class Walk:
    """All cases of one call, written into a diary."""

    def __init__(self, pool_setting, call, calendar, *, spread=1, run=""):
        """spread: over how many days people write and send. run: what sets their mail addresses
        apart from those of another run."""
        self.setting = pool_setting
        self.call = call
        self.calendar = calendar
        self.spread = spread
        self.run = run

    def plan(self, cases, diary):
        """Write what happens to the cases; what the office does in one go is one act."""
        together = defaultdict(list)
        for place, case in enumerate(cases):
            case.place = place
            for day, act in self.days_of(case):
                later = case.later + self.delay(case, act)
                if act in self.in_one_go:
                    together[act, self.calendar.moment(day, later=later)].append(case)
                else:
                    minutes = place * MINUTES_BETWEEN_CASES
                    moment = self.calendar.moment(day, later=later, minutes=minutes)
                    diary.write(moment, act, case)
        for (act, moment), those in together.items():
            diary.write(moment, act, those)

    def delay(self, case, act):
        """Days by which an act of this case is later than the calendar's."""
        if act in {self.draft, self.submit, self.consent}:
            return case.place % self.spread
        return case.paid_later if act in self.after_acceptance else 0

    @property
    def in_one_go(self):
        return {self.open_review, self.announce, self.release}

    @property
    def after_acceptance(self):
        return {
            *[self.plan_payout, self.cancel, self.approve, self.release, self.confirm],
            *[self.bounce, self.name_account, self.begin_report, self.submit_report],
            *[self.return_report, self.approve_report, self.settle, self.complete],
            *[self.hear, self.answer_hearing, self.reclaim],
        }

    # --- which days a case has ------------------------------------------------------------------

    def days_of(self, case):
        """(day, act) of everything that happens to the case."""
        yield "drafted", self.draft
        if case.until >= Stage.SUBMITTED:
            yield "submitted", self.submit
            if case.has_consent:
                yield "submitted", self.consent
        if case.ends == "withdrawn":
            yield "withdrawn", self.withdraw
        if case.asked:
            yield "asked", self.ask
            if case.asked[1]:
                yield "answered", self.answer
        if case.ends == "turned_down":
            yield "turned_down", self.decide
        elif case.until >= Stage.ELIGIBLE:
            yield from self.days_with_the_committee(case)
        if case.until >= Stage.ANNOUNCED:
            yield "announced", self.announce
        if case.ends in {"declined", "lapsed"}:
            yield case.ends, {"declined": self.decline, "lapsed": self.lapse}[case.ends]
        if case.until >= Stage.ACCEPTED:
            yield "accepted", self.accept
            yield from self.days_with_the_bank(case)
            if case.change:
                yield "change_asked", self.ask_for_change
                if case.change.answer:
                    yield "change_answered", self.answer_change
            yield from self.days_after_the_project(case)
        if case.ends == "reclaimed":
            yield "heard", self.hear
            yield "hearing_answered", self.answer_hearing
            yield "reclaimed", self.reclaim
            yield "reclaim_settled", self.settle

    def days_with_the_committee(self, case):
        yield "screened", self.screen
        if case.recused:
            yield "recused", self.recuse
        if case.until >= Stage.IN_REVIEW:
            yield "review_opened", self.open_review
            yield "voted", self.vote
        if case.is_overdue:
            yield "time_is_over", self.close_what_is_due
            yield "voted", self.discuss
        if case.is_closed:
            yield "closed_later", self.close_what_is_due
        if case.until >= Stage.RECOMMENDED:
            yield "vote_closed", self.close_what_is_due
        if case.until >= Stage.DECIDED:
            yield "decided", self.decide

    def days_with_the_bank(self, case):
        if case.trouble == "cancelled":
            yield "planned", self.plan_payout
            yield "cancelled", self.cancel
            yield "account_named", self.name_account
        if case.trouble == "returned":
            yield from self.one_payout(case, "")
            yield "bounced", self.bounce
            yield "account_named", self.name_account
        yield from self.one_payout(case, "_again" if case.trouble else "")

    def one_payout(self, case, again):
        acts = [
            (Stage.PLANNED, "planned", self.plan_payout),
            (Stage.APPROVED, "approved", self.approve),
            (Stage.SENT, "sent", self.release),
            (Stage.PAID, "paid", self.confirm),
        ]
        yield from ((day + again, act) for stage, day, act in acts if case.until >= stage)

    def days_after_the_project(self, case):
        if case.until >= Stage.REPORT_BEGUN:
            yield "report_begun", self.begin_report
        if case.until >= Stage.REPORTED:
            yield "reported", self.submit_report
        if case.sent_back:
            yield "report_returned", self.return_report
        if case.until >= Stage.REPORT_APPROVED:
            if case.sent_back:
                yield "reported_again", self.submit_report
            yield "report_approved", self.approve_report
        if case.until >= Stage.COMPLETED:
            if self.call.advance_percent < 100:
                yield "final_planned", self.plan_payout
                yield "final_approved", self.approve
                yield "final_sent", self.release
                yield "final_paid", self.confirm
            yield "settled", self.settle
            yield "completed", self.complete

    # --- the applicant --------------------------------------------------------------------------

    def draft(self, case):
        idea = material.ideas()[case.idea]
        person = material.people()[idea.by]
        spread = sorted(material.people()).index(person.key)
        user = self.user(person.key, person.name, person.language)
        case.application = applications.apply(
            self.call,
            by=user,
            language=idea.language,
            kind=person.kind,
            name=person.group or person.name,
            birth_date=setting.born(person.age, spread=spread),
            contact_name=person.name,
            cvr=person.cvr,
            phone=person.phone,
            street=person.street,
            postal_code=person.postal_code,
            town=person.town,
            is_protected=person.is_protected,
        )
        self._gather(case.application, person, user)
        if idea.title:
            self._write(case, idea, person, user)

    def submit(self, case):
        applications.submit(case.application, by=case.application.contact)

    def consent(self, case):
        for guardian in case.application.applicant.guardians.select_related("user"):
            guardians.give_consent(
                case.application,
                guardian=guardian,
                by=guardian.user,
                name=guardian.user.name,
                relation=guardian.relation,
            )

    def withdraw(self, case):
        applications.withdraw(case.application, by=case.application.contact)

    def answer(self, case):
        applications.resubmit(case.application, by=case.application.contact, answer=case.asked[1])

    def accept(self, case):
        self.name_account(case)
        payouts.accept_grant(case.application, by=case.application.contact)

    def name_account(self, case):
        """The first account; after trouble with it, another one."""
        applicant = case.application.applicant
        person = material.people()[material.ideas()[case.idea].by]
        versions = applicant.bank_accounts.count()
        number = 10_000 * applicant.pk % 900_000_000 + versions
        applicants.name_account(
            applicant,
            holder=applicant.name,
            iban=setting.invented_iban(person.account, number),
            by=case.application.contact,
            row=case.application,
        )

    def decline(self, case):
        decisions.decline_grant(case.application, by=case.application.contact)

    def begin_report(self, case):
        payouts.save_report(
            case.application,
            by=case.application.contact,
            happened=case.told.happened,
            participants=case.told.participants,
            ages=split(case.told.participants, HOW_OLD_THEY_ARE),
            lines=self._accounts(case),
        )

    def _accounts(self, case):
        """Every line of the budget, the expenses cheaper by as much as was left."""
        grant = case.application.current_grant()
        lines = what_is_agreed(grant).lines
        expenses = {line.key: line.amount for line in lines if line.kind == "expense"}
        saved = case.told.left_kroner * 100 - balance(lines, grant.amount_awarded)
        less = split(saved, expenses)
        return [
            Told(line.key, line.kind, line.text, line.amount - less.get(line.key, 0))
            for line in lines
        ]

    def ask_for_change(self, case):
        agreed = what_is_agreed(case.application.current_grant())
        later = timedelta(days=case.change.days)
        wished = {
            "dates": {"starts_on": agreed.starts_on + later, "ends_on": agreed.ends_on + later},
            "extension": {"report_by": agreed.report_by + later},
        }
        changes.ask_for_change(
            case.application,
            by=case.application.contact,
            kind=case.change.kind,
            reason=case.change.reason,
            **wished[case.change.kind],
        )

    def answer_change(self, case):
        changes.answer_change(
            case.application.change_requests.get(),
            is_granted=True,
            answer=case.change.answer,
            by=self._caseworker(case),
        )

    def submit_report(self, case):
        payouts.submit_report(self._report(case), by=case.application.contact)

    def answer_hearing(self, case):
        hearing = case.application.hearings.get()
        decisions.answer_hearing(hearing, by=case.application.contact, answer=case.heard[1])

    # --- the secretariat ------------------------------------------------------------------------

    def ask(self, case):
        applications.ask_for_more(
            case.application,
            by=self._caseworker(case),
            question=case.asked[0],
            answer_by=self.calendar.day("asked", later=case.later + 10),
        )

    def screen(self, case):
        if case.note:
            applications.note(case.application, by=self._caseworker(case), text=case.note)
        applications.accept_for_review(case.application, by=self._caseworker(case))

    def open_review(self, cases):
        """What is counted by today closes on its day; the rest has the days of the procedure."""
        ends = defaultdict(list)
        for case in cases:
            ends[self._closing_day(case)].append(case)
        for day, those in ends.items():
            closes_at = self.calendar.moment(day, later=those[0].later) if day else None
            review.open_review(
                _applications(those), by=self._caseworker(those[0]), closes_at=closes_at
            )

    def _closing_day(self, case):
        if case.is_overdue:
            return "time_is_over"
        if case.is_closed:
            return "closed_later"
        return "vote_closed" if case.until >= Stage.RECOMMENDED else ""

    def decide(self, case):
        case.application.refresh_from_db()
        recommendation = case.application.recommendations.first()
        amount = recommendation.amount if recommendation else 0
        reason = {}
        if case.instead:
            amount, reason["deviation_reason"] = case.instead[0] * 100, case.instead[1]
        if case.because:
            reason["guideline"] = self.setting.guidelines[case.because.paragraph]
            reason["criterion"] = self.call.criteria.get(position=case.because.criterion)
            reason["fact"] = case.because.fact
        decisions.decide(case.application, by=self._caseworker(case), amount=amount, **reason)

    def announce(self, cases):
        decisions.announce(_applications(cases), by=self._caseworker(cases[0]))

    def lapse(self, case):
        decisions.lapse(case.application, by=SYSTEM)

    def plan_payout(self, case):
        part = self._grant(case).instalments.exclude(
            payouts__status__in=set(PayoutStatus) - {"returned", "cancelled"}
        )
        payouts.plan(part.order_by("kind").first(), by=self._caseworker(case))

    def cancel(self, case):
        payouts.cancel(self._payout(case), by=self._caseworker(case))

    def approve(self, case):
        payouts.approve(self._payout(case), by=self.setting.office["gitte"])

    def release(self, cases):
        payouts.release([self._payout(case) for case in cases], by=self.setting.office["gitte"])

    def confirm(self, case):
        payouts.confirm(self._payout(case), by=self._caseworker(case))

    def bounce(self, case):
        payouts.bounce(self._payout(case), by=self._caseworker(case), reason=BANK_SAYS)

    def return_report(self, case):
        payouts.return_report(self._report(case), by=self._caseworker(case), note=case.sent_back)

    def approve_report(self, case):
        report = self._report(case)
        payouts.approve_report(report, by=self._caseworker(case), seen=report.submitted_at)

    def settle(self, case):
        for repayment in case.application.repayments.filter(paid_on=None):
            payouts.settle(repayment, by=self._caseworker(case), paid_on=clock.today())

    def complete(self, case):
        payouts.complete(self._fresh(case), by=self._caseworker(case))

    def hear(self, case):
        decisions.hear(self._fresh(case), by=self._caseworker(case), text=case.heard[0])

    def reclaim(self, case):
        payouts.reclaim(
            self._fresh(case), by=self._caseworker(case), amount=case.application.amount_paid()
        )

    # --- the committee --------------------------------------------------------------------------

    def recuse(self, case):
        for member in self.setting.members:
            if ground := case.recused.get(self._key(member)):
                review.declare_recusal(
                    case.application, member=member, ground=ground, by=member.user
                )

    def vote(self, case):
        idea = material.ideas()[case.idea]
        midway = (idea.kroner + idea.least) // 2 // 500 * 500
        kroner = {"F": idea.kroner, "M": midway, "L": idea.least}
        choices = {"N": "against", "A": "abstain"}
        stays_open = case.until == Stage.IN_REVIEW and not case.is_closed
        criteria = list(case.application.call.criteria.all())
        for place, (member, letter) in enumerate(
            zip(self.setting.members, case.votes, strict=True)
        ):
            if self._key(member) in case.recused:
                continue
            if note := case.unsure.get(self._key(member)):
                review.declare(
                    case.application, member=member, answer="unsure", note=note, by=member.user
                )
                continue
            if letter == "." and stays_open:
                continue
            review.declare(case.application, member=member, answer="clear", by=member.user)
            if letter == ".":
                continue
            scores = SCORES.get(letter, ())
            voting.cast_vote(
                case.application,
                member=member,
                choice=choices.get(letter, "for"),
                amount=kroner.get(letter, 0) * 100,
                scores={
                    str(criterion.pk): scores[(place + number) % len(scores)]
                    for number, criterion in enumerate(criteria)
                    if scores
                },
                by=member.user,
            )

    def discuss(self, case):
        members = {self._key(member): member for member in self.setting.members}
        for key, kind, text in case.remarks:
            discussion.write_remark(
                case.application, member=members[key], kind=kind, text=text, by=members[key].user
            )

    def _key(self, member):
        return member.user.email.partition("@")[0]

    def close_what_is_due(self, case):
        """What beat does each minute. Where it finds no quorum, it tells the secretariat."""
        voting.close_due_votes()
        case.application.refresh_from_db()

    # --- what the acts share --------------------------------------------------------------------

    def user(self, key, name, language="da"):
        return self.setting.user(key + self.run, name, language)

    def _gather(self, application, person, user):
        """Those around the applicant: friends on the team, an adult helper, a guardian."""
        for key in person.team:
            friend = material.people()[key]
            address = self.user(key, friend.name).email
            team.invite(application, name=friend.name, email=address, access="write", by=user)
        if person.helper:
            key, name = person.helper
            address = self.user(key, name).email
            team.invite(application, name=name, email=address, access="helper", by=user)
        if person.guardian and application.wants_consent:
            key, name, relation = person.guardian
            guardian = self.user(key, name)
            guardians.invite_guardian(
                application, name=name, email=guardian.email, relation=relation, by=user
            )

    def _write(self, case, idea, person, user):
        places = self.setting.municipalities
        later = case.later + 2 * (case.place % self.spread)
        applications.save_answers(
            case.application,
            by=user,
            given={
                "title": idea.title,
                "summary": idea.summary,
                "activity": idea.activity.strip(),
                "audience": idea.audience,
                "newness": idea.newness,
                "art_form": idea.art_form,
                "place": idea.place,
                "starts_on": self.calendar.day("starts", later=later),
                "ends_on": self.calendar.day("starts", later=later + idea.days - 1),
                "amount_applied_for": idea.kroner * 100 if idea.kroner else None,
                "least_workable": idea.least * 100 if idea.least else None,
                "is_public": True,
                "home": places[person.home],
                "parts": [(places[name], percent) for name, percent in idea.places.items()],
            }
            | {
                f"line-{kind}{number}": {
                    "kind": kind,
                    "text": text,
                    "amount": kroner * 100,
                    "nature": "",
                }
                for kind, lines in (("expense", idea.expenses), ("income", idea.income))
                for number, (text, kroner) in enumerate(lines)
            },
        )

    def _fresh(self, case):
        case.application.refresh_from_db()
        return case.application

    def _grant(self, case):
        return case.application.current_grant()

    def _payout(self, case):
        """The newest attempt to pay."""
        newest = self._grant(case).instalments.filter(payouts__isnull=False).latest("payouts__pk")
        return newest.payouts.latest("pk")

    def _report(self, case):
        return case.application.final_reports.get()

    def _caseworker(self, case):
        return self.setting.office[case.caseworker]


def _applications(cases):
    for case in cases:
        case.application.refresh_from_db()
    return [case.application for case in cases]
