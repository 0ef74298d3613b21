"""What those entitled say to each other about an application, and ask the secretariat."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applicants.models import User
from grants.applications.models import Application
from workflows import clock, guards

__all__ = ["Remark"]


class Remark(models.Model):
    """One remark in the thread of an application; nobody takes it back.

    is_new_fact: it tells something that the case did not know, so it stands in the journal too
    (the duty to note, offentlighedsloven § 13).
    """

    class Kind(models.TextChoices):
        REMARK = "remark", _("To the committee")
        QUESTION = "question", _("A question to the secretariat")
        ANSWER = "answer", _("The secretariat's answer")

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="remarks")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("to whom"), max_length=8, choices=Kind, default=Kind.REMARK)
    text = models.TextField(_("text"), max_length=2000)
    is_new_fact = models.BooleanField(_("it is new to the case"), default=False)
    # The question that an answer belongs to.
    question = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="answer"
    )
    written_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["written_at", "id"]
        verbose_name = _("remark")
        verbose_name_plural = _("remarks")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="answer", question__isnull=False)
                | (~Q(kind="answer") & Q(question__isnull=True)),
                name="an_answer_has_a_question",
            )
        ]
        triggers = guards.append_only()

    def __str__(self):
        return f"{self.application.reference} {self.written_at:%Y-%m-%d}"
