"""When the committee meets, about what, who was there, and what was written down."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from applicants.models import User
from committee.review.models import VoteWindow
from committee.seats.models import Committee, Member
from grants.applications.models import Application
from grants.letters.models import Letter
from workflows import clock, guards

__all__ = ["AgendaItem", "Attendance", "Meeting"]


class Meeting(models.Model):
    """A meeting: called, opened, ended; its minutes are a draft until they are approved."""

    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="meetings")
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    place = models.CharField(_("place"), max_length=140, blank=True)
    link = models.URLField(_("link to the online meeting"), max_length=300, blank=True)
    called_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    called_at = models.DateTimeField(default=clock.now)
    # How many times it was moved: calendars take the newest.
    sequence = models.PositiveSmallIntegerField(default=0)
    cancelled_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    # What the draft of the minutes says besides what the system knows.
    minutes = models.TextField(_("minutes"), max_length=10_000, blank=True)
    approved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    # The approved minutes, as PDF.
    letter = models.OneToOneField(
        Letter, on_delete=models.PROTECT, null=True, related_name="meeting"
    )

    class Meta:
        ordering = ["-starts_at", "-id"]
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="a_meeting_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True, letter__isnull=True)
                | Q(approved_at__isnull=False, ended_at__isnull=False, letter__isnull=False),
                name="minutes_are_approved_after_the_meeting",
            ),
        ]
        triggers = [
            guards.frozen(
                *["committee_id", "starts_at", "ends_at", "place", "link", "cancelled_at"],
                *["opened_at", "ended_at", "minutes", "approved_at", "approved_by_id"],
                "letter_id",
                once="OLD.approved_at IS NOT NULL",
                name="approved_minutes_never_change",
            ),
            *guards.never_deleted(),
        ]

    def __str__(self):
        return f"{self.committee} {self.starts_at:%Y-%m-%d}"

    @property
    def pool(self):
        return self.committee.pool

    @property
    def stream(self):
        return self.pool.stream


class AgendaItem(models.Model):
    """One application on the agenda, why it is there, and the vote that was taken anew."""

    class Why(models.TextChoices):
        OPINIONS_PART = "opinions_part", _("Young members and staff see it differently")
        NEAR_THE_LINE = "near_the_line", _("It is close to the line")
        DEMANDED = "demanded", _("A member has demanded a meeting")
        CHOSEN = "chosen", _("The chair has put it on")

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="items")
    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="agenda_items"
    )
    position = models.PositiveSmallIntegerField(_("place"))
    why = models.CharField(_("why"), max_length=13, choices=Why)
    note = models.TextField(_("what was said"), max_length=3000, blank=True)
    window = models.OneToOneField(
        VoteWindow, on_delete=models.PROTECT, null=True, related_name="agenda_item"
    )

    class Meta:
        ordering = ["meeting", "position"]
        verbose_name = _("agenda item")
        verbose_name_plural = _("agenda items")
        constraints = [
            models.UniqueConstraint(fields=["meeting", "application"], name="once_on_the_agenda"),
        ]
        triggers = [
            guards.closed_with(
                "the_agenda_ends_with_the_minutes",
                parent="committee_meeting WHERE id = NEW.meeting_id AND approved_at IS NOT NULL",
            ),
            *guards.never_deleted(),
        ]

    def __str__(self):
        return f"{self.meeting} {self.position}"


class Attendance(models.Model):
    """Whether a member was there."""

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="attendances")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="attendances")
    is_present = models.BooleanField(_("present"))

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendances")
        constraints = [models.UniqueConstraint(fields=["meeting", "member"], name="attends_once")]
        triggers = [
            guards.closed_with(
                "attendance_ends_with_the_minutes",
                parent="committee_meeting WHERE id = NEW.meeting_id AND approved_at IS NOT NULL",
            ),
            *guards.never_deleted(),
        ]

    def __str__(self):
        return f"{self.meeting} {self.member}"
