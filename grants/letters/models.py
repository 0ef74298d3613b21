from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applicants.models import User
from grants.pools.models import Pool
from workflows import clock, guards

__all__ = ["Letter", "Mail"]


class Letter(models.Model):
    """A letter: text and facts frozen when it is issued, bytes made from them by the worker."""

    class Kind(models.TextChoices):
        AWARD = "award", _("Grant letter")
        PARTIAL_AWARD = "partial_award", _("Grant letter, in part")
        REJECTION = "rejection", _("Rejection letter")
        CHANGE = "change", _("Answer about a change")
        MINUTES = "minutes", _("Minutes of a meeting")

    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="letters")
    kind = models.CharField(_("kind"), max_length=14, choices=Kind)
    language = models.CharField(_("language"), max_length=5)
    reference = models.CharField(_("reference"), max_length=20)
    title = models.CharField(_("title"), max_length=140)
    facts = models.JSONField(_("facts"))
    html = models.TextField(_("text"))
    code = models.CharField(_("code"), max_length=12, unique=True)
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="replaced_by"
    )
    issued_at = models.DateTimeField(default=clock.now)
    # A worker has begun to make the bytes: made again by the next one if this one is lost.
    claimed_at = models.DateTimeField(null=True)
    rendered_at = models.DateTimeField(null=True)
    pdf = models.BinaryField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    replaced_characters = models.JSONField(default=list)

    class Meta:
        ordering = ["-issued_at", "-id"]
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        constraints = [
            models.CheckConstraint(
                condition=Q(pdf__isnull=True, sha256="", rendered_at__isnull=True)
                | (Q(pdf__isnull=False, rendered_at__isnull=False) & ~Q(sha256="")),
                name="a_letter_has_bytes_and_their_hash_or_neither",
            )
        ]
        indexes = [
            models.Index(
                fields=["id"], name="letters_without_bytes", condition=Q(rendered_at__isnull=True)
            )
        ]
        triggers = [
            guards.frozen(
                *["pool_id", "kind", "language", "reference", "title", "facts", "html"],
                *["code", "replaces_id", "issued_at"],
                name="the_text_is_frozen_when_issued",
            ),
            guards.frozen(
                *["pdf", "sha256", "rendered_at", "replaced_characters"],
                once="OLD.pdf IS NOT NULL",
                name="the_bytes_are_final_once_made",
            ),
            *guards.never_deleted(),
        ]

    def __str__(self):
        return f"{self.reference} {self.get_kind_display()}"

    @property
    def file_name(self):
        return f"{self.reference}-{self.kind}.pdf"


class Mail(models.Model):
    """A mail: a row before it is sent. Claimed and sent are two moments.

    One that was claimed and never marked as sent is "maybe sent": a person looks at it, and it
    is never sent again by itself.
    """

    to = models.ForeignKey(User, on_delete=models.PROTECT, related_name="mails")
    subject = models.CharField(_("subject"), max_length=140)
    text = models.TextField(_("text"))
    # The path that it leads to, behind login.
    link = models.CharField(max_length=200, blank=True)
    # To somebody who is told once a day: it never goes out by itself, but in a digest.
    is_for_digest = models.BooleanField(default=False)
    digest = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="gathered")
    # The mail about a letter waits until the letter has its bytes.
    letter = models.OneToOneField(Letter, on_delete=models.PROTECT, null=True, related_name="mail")
    created_at = models.DateTimeField(default=clock.now)
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        constraints = [
            models.CheckConstraint(
                condition=Q(is_for_digest=False, digest__isnull=True)
                | Q(is_for_digest=True, claimed_at__isnull=True, letter__isnull=True),
                name="what_is_for_a_digest_is_not_sent_by_itself",
            )
        ]
        indexes = [
            models.Index(
                fields=["id"],
                name="mails_to_be_sent",
                condition=Q(claimed_at__isnull=True, is_for_digest=False),
            ),
            models.Index(
                fields=["to", "id"],
                name="mails_for_the_next_digest",
                condition=Q(is_for_digest=True, digest__isnull=True),
            ),
        ]
        triggers = [
            guards.frozen(
                *["to_id", "subject", "text", "link", "is_for_digest", "letter_id"],
                name="a_mail_never_changes",
            ),
            guards.frozen("digest_id", once="OLD.digest_id IS NOT NULL", name="in_one_digest"),
            guards.frozen("claimed_at", once="OLD.claimed_at IS NOT NULL", name="claimed_once"),
            guards.frozen("sent_at", once="OLD.sent_at IS NOT NULL", name="sent_once"),
        ]

    def __str__(self):
        return self.subject
