"""The places on the applicant's pages where files lie, and where more can be sent."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from grants.applications import attaching, files
from grants.applications.models import Application, Attachment
from workflows.lifecycle import Role

Purpose = Attachment.Purpose
# In MB. Less than config.limits takes in one go: the form has a weight too.
MOST_AT_ONCE = 23


@dataclass(frozen=True)
class Place:
    """One place for files. question: the code of the question that its files answer, if any.

    room: how many more the call allows. is_changeable: whether files can come and go now.
    """

    application: Application
    purpose: str
    question: str
    heading: str
    help: str
    attachments: list[Attachment]
    room: int
    is_changeable: bool

    largest_at_once = MOST_AT_ONCE
    accept = ",".join(files.SUFFIXES)

    @property
    def anchor(self):
        return "-".join(filter(None, ["files", self.purpose, self.question]))

    @property
    def is_open(self):
        return self.is_changeable and self.room > 0

    @property
    def is_full(self):
        return self.is_changeable and self.room <= 0

    @property
    def largest(self):
        """In MB."""
        return self.application.call.largest_file

    @property
    def largest_bytes(self):
        return self.largest * attaching.MB


def place(application, purpose, *, by):
    """The place for the photos or for the receipts of the report."""
    headings = {Purpose.PHOTO: _("Photos"), Purpose.RECEIPT: _("Receipts")}
    there = list(attaching.standing(application, purpose))
    return _place(application, purpose, there, there, by=by, heading=headings[purpose])


def written(application, *, by):
    """The places of the application itself: one for each file question, and one for the rest.

    An answer to what is no longer asked lies among the rest, so that it can be removed.
    """
    there = list(attaching.standing(application, *attaching.WRITTEN))
    questions = attaching.file_questions(application)
    shown = [
        _place(
            application,
            Purpose.ANSWER,
            [each for each in there if each.question == question.code],
            there,
            by=by,
            question=question.code,
            heading=question.text_shown,
            help_=question.help_shown,
        )
        for question in questions
    ]
    codes = {question.code for question in questions}
    rest = [each for each in there if each.question not in codes]
    heading = _("Other attachments") if questions else _("Attachments")
    return [*shown, _place(application, Purpose.APPLICATION, rest, there, by=by, heading=heading)]


def one(application, purpose, question, *, by):
    """The one place for files of this purpose that answer this question; StopIteration if none."""
    if purpose in attaching.REPORTED:
        return place(application, purpose, by=by)
    found = written(application, by=by)
    return next(each for each in found if (each.purpose, each.question) == (purpose, question))


def _place(application, purpose, attachments, counted, *, by, heading, question="", help_=""):
    writes = Role.APPLICANT in application.roles_of(by)
    return Place(
        application=application,
        purpose=purpose,
        question=question,
        heading=heading,
        help=help_,
        attachments=attachments,
        room=application.call.most_files - len(counted),
        is_changeable=writes and not attaching.obstacle(application, purpose),
    )
