"""Which applications the committee is asked about, and who of it may take part in each."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from applicants.models import User
from committee.seats.models import Committee, Member, Procedure
from grants.applications.models import Application
from grants.decisions.models import Recommendation
from workflows import clock, guards

__all__ = ["Declaration", "Recusal", "Ruling", "Substitution", "VoteWindow"]


class Ground(models.TextChoices):
    """Why somebody is disqualified (forvaltningsloven § 3)."""

    OWN_INTEREST = "own_interest", _("I have an interest in it myself")
    FAMILY = "family", _("Family or somebody close applies or takes part")
    ASSOCIATION = "association", _("I lead or work for an association in it")
    OTHER_DOUBT = "other_doubt", _("Something else could raise doubt about me")


class VoteWindow(models.Model):
    """The time in which the committee votes on one application, and how it ended.

    procedure and weights ({criterion: weight}) are the rules that it is counted by, frozen when it
    opens. counted, result and seal are written when it closes: all that the result depends on
    besides the votes, the result, and the SHA-256 that the log has too.
    """

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="vote_windows"
    )
    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="vote_windows")
    procedure = models.ForeignKey(Procedure, on_delete=models.PROTECT, related_name="vote_windows")
    weights = models.JSONField(default=dict)
    # A vote taken anew in a meeting: openly, and beginning with the votes of the one before.
    follows = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="followed_by"
    )
    opened_at = models.DateTimeField(default=clock.now)
    closes_at = models.DateTimeField(_("closes"))
    closed_at = models.DateTimeField(null=True)
    counted = models.JSONField(null=True)
    result = models.JSONField(null=True)
    # Random, drawn at closing and shown nowhere, so that nobody can guess ballots by the seal.
    salt = models.CharField(max_length=64, blank=True)
    seal = models.CharField(max_length=64, blank=True)
    recommendation = models.OneToOneField(
        Recommendation, on_delete=models.PROTECT, null=True, related_name="vote_window"
    )
    # Why so much, where a rule says so: code and facts of an allocation.Line. The money that was
    # left then is in it, so it cannot be found again later.
    reason = models.JSONField(null=True)
    # A meeting talked about it after it was closed: it waits for no other.
    met_at = models.DateTimeField(null=True)
    # Those who had not voted were reminded at this moment, once.
    reminded_at = models.DateTimeField(null=True)
    # What keeps it from closing was told at this moment, so that it is told once.
    escalated_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-opened_at", "-id"]
        verbose_name = _("vote window")
        verbose_name_plural = _("vote windows")
        constraints = [
            models.UniqueConstraint(
                fields=["application"], condition=Q(closed_at__isnull=True), name="one_open_window"
            ),
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opened_at")),
                name="a_window_closes_after_opening",
            ),
            models.CheckConstraint(
                condition=Q(recommendation__isnull=True) | Q(closed_at__isnull=False),
                name="only_a_closed_vote_recommends",
            ),
        ]
        triggers = [
            guards.frozen(
                *["application_id", "committee_id", "procedure_id", "weights", "follows_id"],
                name="a_vote_keeps_its_rules",
            ),
            guards.Guard(
                name="a_vote_closes_counted",
                operation=pgtrigger.Insert | pgtrigger.Update,
                func="IF NEW.closed_at IS NOT NULL AND"
                " (NEW.counted IS NULL OR NEW.result IS NULL OR NEW.seal = '') THEN"
                f" {guards.refuse('a vote closes with its count')} END IF; RETURN NEW;",
            ),
            guards.frozen(
                *["closed_at", "counted", "result", "salt", "seal"],
                once="OLD.closed_at IS NOT NULL",
                name="a_closed_vote_stays_closed",
            ),
            guards.frozen(
                *["recommendation_id", "reason"],
                once="OLD.recommendation_id IS NOT NULL",
                name="a_vote_recommends_once",
            ),
            guards.frozen("met_at", once="OLD.met_at IS NOT NULL", name="talked_about_once"),
            *guards.never_deleted(),
        ]

    def __str__(self):
        return f"{self.application.reference} {self.opened_at:%Y-%m-%d}"

    @property
    def is_in_a_meeting(self):
        """Whether it is taken anew in a meeting that goes on: those who are there vote there."""
        return self.follows_id is not None and self.met_at is None

    @property
    def is_over(self):
        """Whether its time is over; it can go on for want of a quorum."""
        return clock.now() >= self.closes_at


class Declaration(models.Model):
    """What a member says about an application before it opens; the newest counts."""

    class Answer(models.TextChoices):
        CLEAR = "clear", _("No conflict")
        CONFLICT = "conflict", _("Conflict")
        UNSURE = "unsure", _("Unsure")

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="declarations"
    )
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="declarations")
    answer = models.CharField(_("answer"), max_length=8, choices=Answer)
    # What makes the member unsure: for the chair, or the secretariat, who settles it.
    note = models.TextField(_("what makes you unsure"), max_length=1000, blank=True)
    declared_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-declared_at", "-id"]
        verbose_name = _("declaration")
        verbose_name_plural = _("declarations")
        indexes = [models.Index(fields=["application", "member", "-id"], name="newest_declaration")]
        triggers = guards.append_only()

    def __str__(self):
        return f"{self.application.reference} {self.member} {self.answer}"


class Ruling(models.Model):
    """Somebody else settles what a member is unsure of, with a reason."""

    declaration = models.OneToOneField(Declaration, on_delete=models.PROTECT, related_name="ruling")
    is_recused = models.BooleanField(_("stands aside"))
    reason = models.TextField(_("why"), max_length=1000)
    ruled_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ruled_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("ruling")
        verbose_name_plural = _("rulings")
        triggers = guards.append_only()

    def __str__(self):
        return f"{self.declaration}: {self.is_recused}"


class Recusal(models.Model):
    """A member stands aside from one application (forvaltningsloven §§ 3-6)."""

    Ground = Ground

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="recusals")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="recusals")
    ground = models.CharField(_("ground"), max_length=12, choices=Ground)
    declared_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("recusal")
        verbose_name_plural = _("recusals")
        constraints = [
            models.UniqueConstraint(fields=["application", "member"], name="recused_once")
        ]
        triggers = guards.append_only()

    def __str__(self):
        return f"{self.application.reference} {self.member}"


class Substitution(models.Model):
    """A substitute of the same kind of seat takes a member's place on one application."""

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="substitutions"
    )
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="substitutions")
    substitute = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="called_in")
    called_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    called_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("substitution")
        verbose_name_plural = _("substitutions")
        constraints = [
            models.UniqueConstraint(fields=["application", "substitute"], name="called_in_once"),
            models.CheckConstraint(
                condition=~Q(member=F("substitute")), name="nobody_substitutes_for_themselves"
            ),
        ]
        triggers = guards.append_only()

    def __str__(self):
        return f"{self.application.reference} {self.substitute}"
