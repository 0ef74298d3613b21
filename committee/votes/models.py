"""What members think of an application, and how they vote on it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from committee.review.models import VoteWindow
from committee.seats.models import Member
from workflows import clock, guards

__all__ = ["Assessment", "Demand", "Vote"]


class Choice(models.TextChoices):
    FOR = "for", _("For")
    AGAINST = "against", _("Against")
    ABSTAIN = "abstain", _("Abstain")


class Assessment(models.Model):
    """A member's own paper on one application, saved as it is written; nobody else reads it.

    scores: {criterion: 0 to 5}. notes: {criterion: text}. amount: øre. What is cast is a Vote.
    """

    window = models.ForeignKey(VoteWindow, on_delete=models.PROTECT, related_name="assessments")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="assessments")
    scores = models.JSONField(default=dict)
    notes = models.JSONField(default=dict)
    choice = models.CharField(_("vote"), max_length=7, choices=Choice, blank=True)
    amount = models.BigIntegerField(_("amount"), null=True)
    saved_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        constraints = [
            models.UniqueConstraint(fields=["window", "member"], name="one_assessment_per_member"),
        ]
        triggers = [
            guards.closed_with(
                "assessments_close_with_the_window",
                parent="committee_votewindow WHERE id = NEW.window_id AND closed_at IS NOT NULL",
            ),
            guards.scores("assessments_score_from_0_to_5"),
            guards.frozen("window_id", "member_id", name="a_paper_stays_its_members"),
            *guards.never_deleted(),
        ]

    def __str__(self):
        return f"{self.window} {self.member}"


class Vote(models.Model):
    """One member's vote on one application. May be changed until the vote closes.

    scores: {criterion: 0 to 5}, none for an abstention. The vote of somebody who stands aside
    later is kept, and not counted.
    """

    Choice = Choice

    window = models.ForeignKey(VoteWindow, on_delete=models.PROTECT, related_name="votes")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="votes")
    choice = models.CharField(_("vote"), max_length=7, choices=Choice)
    # What the member would give, in øre; 0 is nothing.
    amount = models.BigIntegerField(_("amount"), default=0)
    scores = models.JSONField(default=dict)
    cast_at = models.DateTimeField(default=clock.now)
    # Taken over from the vote before the meeting, and not changed in it.
    is_taken_over = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("vote")
        verbose_name_plural = _("votes")
        constraints = [
            models.UniqueConstraint(fields=["window", "member"], name="one_vote_per_member"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="a_vote_names_zero_or_more"),
        ]
        triggers = [
            guards.closed_with(
                "votes_close_with_the_window",
                parent="committee_votewindow WHERE id = NEW.window_id AND closed_at IS NOT NULL",
            ),
            guards.scores("votes_score_from_0_to_5"),
            guards.frozen("window_id", "member_id", name="a_vote_stays_its_members"),
            *guards.never_deleted(),
        ]

    def __str__(self):
        return f"{self.window} {self.member}"


class Demand(models.Model):
    """A member wants the application to be talked about in a meeting before it is recommended."""

    window = models.ForeignKey(VoteWindow, on_delete=models.PROTECT, related_name="demands")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="demands")
    reason = models.TextField(_("what has to be talked about"), max_length=1000)
    demanded_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["demanded_at"]
        verbose_name = _("demand for a meeting")
        verbose_name_plural = _("demands for a meeting")
        constraints = [
            models.UniqueConstraint(fields=["window", "member"], name="one_demand_per_member")
        ]
        triggers = guards.append_only()

    def __str__(self):
        return f"{self.window} {self.member}"
