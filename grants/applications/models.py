import secrets

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q, Sum
from django.urls import reverse
from django.utils.timesince import timeuntil
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from applicants.dates import age_on, is_minor
from applicants.models import Applicant, Guardian, User
from grants.applications import readiness
from grants.pools.models import Call, Municipality
from grants.pools.permissions import pool_roles
from workflows import clock, guards
from workflows.lifecycle import ApplicationLifecycle, ApplicationStatus, Role

__all__ = [
    "Application",
    "Attachment",
    "BudgetLine",
    "Consent",
    "ConsentLink",
    "InformationRequest",
    "MunicipalPart",
    "Note",
    "Reminder",
    "TeamMember",
]

UNDER_REVIEW = {
    ApplicationStatus.ELIGIBLE,
    ApplicationStatus.IN_REVIEW,
    ApplicationStatus.RECOMMENDED,
    ApplicationStatus.DECIDED,
}


@guards.lifecycle
class Application(ApplicationLifecycle):
    """A young person's, a group's or an association's idea, and the money asked for."""

    class ArtForm(models.TextChoices):
        CRAFTS = "crafts", _("Crafts and folk art")
        MEDIA = "media", _("Media arts")
        FILM = "film", _("Film")
        DESIGN = "design", _("Design")
        GASTRONOMY = "gastronomy", _("Gastronomy")
        LITERATURE = "literature", _("Literature")
        MUSIC = "music", _("Music")
        STAGE = "stage", _("Theatre and dance")
        VISUAL = "visual", _("Visual art")
        STREET = "street", _("Street sport and subculture")
        OTHER = "other", _("Something else")

    reference = models.CharField(_("reference"), max_length=20, unique=True, editable=False)
    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="applications")
    applicant = models.ForeignKey(Applicant, on_delete=models.PROTECT, related_name="applications")
    contact = models.ForeignKey(User, on_delete=models.PROTECT, related_name="applications")
    language = models.CharField(
        _("language"), max_length=5, choices=User.Language, default=User.Language.DANISH
    )
    home = models.ForeignKey(
        Municipality,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("home municipality"),
    )

    title = models.CharField(_("title"), max_length=100, blank=True)
    summary = models.CharField(_("the idea in short"), max_length=300, blank=True)
    activity = models.TextField(_("what will happen"), max_length=3000, blank=True)
    audience = models.TextField(
        _("who it is for, and how others can join"), max_length=1500, blank=True
    )
    newness = models.TextField(_("why it is new or needed"), max_length=1500, blank=True)
    art_form = models.CharField(_("art form"), max_length=12, choices=ArtForm, blank=True)
    starts_on = models.DateField(_("begins"), null=True, blank=True)
    ends_on = models.DateField(_("ends"), null=True, blank=True)
    place = models.CharField(_("place"), max_length=140, blank=True)
    amount_applied_for = models.BigIntegerField(_("amount applied for"), null=True, blank=True)
    # The least amount, in øre, with which the project still works: never recommended below it.
    least_workable = models.BigIntegerField(_("the least that still works"), null=True, blank=True)
    is_public = models.BooleanField(_("open to the public"), null=True, blank=True)
    # {code: {"question": pk, "value": ...}}: what the call itself asks, with the version asked.
    own_answers = models.JSONField(default=dict, editable=False)
    # Each save of answers adds one; `versions` says at which of them each field was last saved,
    # so that nothing is overwritten unseen.
    version = models.PositiveIntegerField(default=0, editable=False)
    versions = models.JSONField(default=dict, editable=False)
    written_at = models.DateTimeField(default=clock.now, editable=False)
    # When the words of a draft that was never sent were taken out of it.
    emptied_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    submitted_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_applied_for__isnull=True) | Q(amount_applied_for__gt=0),
                name="an_amount_applied_for_is_above_zero",
            ),
            # While it is written its answers come one by one; readiness tells what does not fit.
            models.CheckConstraint(
                condition=Q(status__in=["draft", "incomplete", "withdrawn"])
                | Q(least_workable__gt=0, least_workable__lte=F("amount_applied_for")),
                name="the_least_workable_is_at_most_what_is_applied_for",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "incomplete", "withdrawn"])
                | Q(ends_on__gte=F("starts_on")),
                name="an_application_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "withdrawn"]) | Q(submitted_at__isnull=False),
                name="what_is_sent_has_a_moment",
            ),
        ]
        indexes = [
            models.Index(fields=["call", "status"], name="applications_of_a_call"),
            models.Index(fields=["contact", "-created_at"], name="applications_of_a_person"),
        ]
        triggers = [guards.frozen("reference", "call_id", "applicant_id")]

    def __str__(self):
        return f"{self.reference} {self.title}".strip()

    def get_absolute_url(self):
        return reverse("portal:application", args=[self.reference])

    @property
    def stream(self):
        return f"application:{self.reference}"

    @property
    def pool(self):
        return self.call.pool

    @property
    def currency(self):
        return self.call.pool.currency

    @property
    def status_shown(self):
        """The status's code as the applicant may know it: never more than was announced."""
        return "under_review" if self.status in UNDER_REVIEW else self.status

    @property
    def status_shown_label(self):
        if self.status in UNDER_REVIEW:
            return gettext("Under review")
        return self.get_status_display()

    @property
    def applied_on(self):
        """The day on which ages count: the day of sending, today while it is a draft."""
        return (self.submitted_at or clock.now()).astimezone(clock.LOCAL).date()

    @property
    def time_left(self):
        """How long it is to the deadline, in words, by the server's clock."""
        return timeuntil(self.call.closes_at, clock.now())

    @property
    def minor_when_applying(self):
        return is_minor(self.applicant.birth_date, self.applied_on)

    @property
    def age_when_applying(self):
        return age_on(self.applicant.birth_date, self.applied_on)

    @property
    def name_shown(self):
        """The applicant's name for those who read a case; a protected one stays hidden."""
        return gettext("Protected name") if self.applicant.is_protected else self.applicant.name

    def municipal_weights(self):
        """{(country, code): percent}, as the applicant stated it; adds up to 100."""
        return {part.municipality.key: part.percent for part in self.municipal_parts.all()}

    # --- what the lifecycle asks ------------------------------------------------------------

    def roles_of(self, user):
        """What the user is to this application, as a set. Stops at the pool's border."""
        if not user.is_authenticated:
            return set()
        roles = set()
        if self.contact_id == user.pk:
            roles.add(Role.APPLICANT)
        for member in self.team.filter(user=user):
            roles.add(Role.APPLICANT if member.can_write else Role.HELPER)
        if self._is_guarded_by(user):
            roles.add(Role.GUARDIAN)
        # Nobody works on a case of their own, or of their child's. To be named as a guardian
        # takes nothing from anybody, or an applicant could send the office out of the room.
        is_own = Role.APPLICANT in roles or self.has_answer_of(user)
        return roles if is_own else roles | pool_roles(user, self.call.pool_id)

    def has_answer_of(self, user):
        """Whether the user has said yes to it as a guardian, also if it was taken back."""
        return self.consents.filter(guardian__user=user).exists()

    def _is_guarded_by(self, user):
        """As guardian: from when they were asked about this case."""
        asked = self.consent_links.filter(guardian__user=user)
        return asked.exists() or self.has_answer_of(user)

    def has_recommendation(self):
        return self.recommendations.exists()

    def submit_obstacle(self, by):
        if not self.call.takes_a_draft_of(self.created_at):
            return gettext("The deadline has passed, so it can no longer be sent.")
        return self._missing_answers()

    def resubmit_obstacle(self, by):
        asked = self.information_requests.order_by("-asked_at").first()
        if asked and not asked.answer.strip():
            return gettext("Answer what the secretariat asks for, then send again.")
        return self._missing_answers()

    def recommend_obstacle(self, by):
        if not self.has_recommendation():
            return gettext("The committee has not voted with a quorum yet.")
        return None

    def decide_obstacle(self, by):
        decision = self.current_decision()
        if decision is None:
            return gettext("Fill in the decision first.")
        if self.status != ApplicationStatus.RECOMMENDED and decision.amount_awarded:
            return gettext("Without a recommendation it can only be rejected, on formal grounds.")
        return None

    def award_obstacle(self, by):
        decision = self.current_decision()
        if decision is None or not decision.amount_awarded:
            return gettext("The decision is a rejection.")
        return None

    def reject_obstacle(self, by):
        decision = self.current_decision()
        if decision is None or decision.amount_awarded:
            return gettext("The decision is a grant.")
        return None

    def accept_grant_obstacle(self, by):
        grant = self.current_grant()
        if grant.accept_by < clock.today():
            return gettext("The deadline for saying yes has passed. Write to the secretariat.")
        if sentence := self.consent_obstacle():
            return sentence
        if self.applicant.bank_account() is None:
            return gettext("Tell us which bank account the money goes to first.")
        return None

    def lapse_obstacle(self, by):
        grant = self.current_grant()
        if self.status == ApplicationStatus.AWARDED and grant.accept_by >= clock.today():
            return gettext("There is still time to say yes.")
        if self.status == ApplicationStatus.ACCEPTED and grant.has_live_payouts():
            return gettext("Money is on its way or has been paid out.")
        return None

    def complete_obstacle(self, by):
        grant = self.current_grant()
        # A surplus in the report may have made the final one smaller.
        if grant.amount_disbursed() < sum(part.to_pay for part in grant.instalments.counted()):
            return gettext("The whole grant has not been paid out yet.")
        if not grant.final_reports.filter(status="approved").exists():
            return gettext("The final report has not been approved yet.")
        if self.repayments.filter(paid_on=None).exists():
            return gettext("Money is still owed to the pool.")
        return None

    def reclaim_obstacle(self, by):
        # A case that was taken up again and granted anew is heard about anew.
        about_this = self.hearings.filter(opened_at__gte=self.current_grant().accepted_at)
        hearing = about_this.order_by("-opened_at").first()
        if hearing is None:
            return gettext("Hear the applicant first.")
        if hearing.answered_at is None and hearing.answer_by >= clock.today():
            return gettext("The applicant can still answer the hearing.")
        return None

    def reopen_obstacle(self, by):
        if self.status != ApplicationStatus.REJECTED and self.amount_paid():
            return gettext("Money has been paid out. Settle that first.")
        if self.grants.filter(instalments__payouts__status="sent").exists():
            return gettext("Money is on its way or has been paid out.")
        return None

    # --- what the obstacles read ------------------------------------------------------------

    def current_decision(self):
        """The decision that stands, or None."""
        return self.decisions.filter(withdrawn_at=None).first()

    def current_grant(self):
        """The grant that counts, or None."""
        return self.grants.filter(ended_at=None).first()

    def amount_paid(self):
        """What has been paid out and not returned, in øre, over all grants of the case."""
        paid = self.grants.filter(instalments__payouts__status="paid")
        return paid.aggregate(sum=Sum("instalments__payouts__amount"))["sum"] or 0

    @property
    def wants_consent(self):
        """Whether a parent or guardian has to say yes today: the birthday decides.

        An association with a CVR number answers for itself (docs/decisions/0055).
        """
        applicant = self.applicant
        is_a_legal_person = applicant.kind == Applicant.Kind.ASSOCIATION and applicant.cvr
        return not is_a_legal_person and is_minor(applicant.birth_date, clock.today())

    def consents_wanted(self):
        """From how many: two where the custody is joint."""
        return 2 if self.applicant.custody_is_joint else 1

    def has_consent(self):
        """Whether a yes stands from each guardian that it takes."""
        return self.consents.filter(withdrawn_at=None).count() >= self.consents_wanted()

    def consent_obstacle(self):
        """What keeps somebody under 18 from the money today, or None."""
        if not self.wants_consent or self.has_consent():
            return None
        if self.consents.filter(withdrawn_at=None).exists():
            return gettext("Two share the custody, so one more has to give consent first.")
        return gettext("A parent or guardian has to give consent first, since you are under 18.")

    def _missing_answers(self):
        missing = readiness.missing(self)
        return missing[0].sentence if missing else None


class TeamMember(models.Model):
    """Somebody who edits or reads one application besides its contact."""

    class Access(models.TextChoices):
        WRITE = "write", _("Writes, sends and answers")
        READ = "read", _("Reads everything")
        HELPER = "helper", _("Adult helper: reads everything")

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="team")
    user = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="memberships"
    )
    name = models.CharField(_("name"), max_length=140)
    is_helper = models.BooleanField(_("adult helper"), default=False)
    # Writes, sends and answers like the contact; else reads only, as an adult helper does.
    can_write = models.BooleanField(_("can write"), default=True)
    # The contact wants to hand over to them, and they have not answered yet.
    is_offered_contact = models.BooleanField(default=False, editable=False)
    invited_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ["id"]
        verbose_name = _("team member")
        verbose_name_plural = _("team members")
        constraints = [
            models.UniqueConstraint(fields=["application", "user"], name="a_team_member_once"),
            models.CheckConstraint(
                condition=Q(is_helper=False) | Q(can_write=False), name="a_helper_reads"
            ),
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(is_offered_contact=True),
                name="the_contact_is_offered_to_one",
            ),
            models.CheckConstraint(
                condition=Q(is_offered_contact=False) | Q(can_write=True),
                name="a_contact_can_write",
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def access(self):
        if self.is_helper:
            return self.Access.HELPER
        return self.Access.WRITE if self.can_write else self.Access.READ


class MunicipalPart(models.Model):
    """How much of the project belongs to one municipality, in percent."""

    application = models.ForeignKey(
        Application, on_delete=models.CASCADE, related_name="municipal_parts"
    )
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="+")
    percent = models.PositiveSmallIntegerField(
        _("percent"), validators=[MinValueValidator(1), MaxValueValidator(100)]
    )

    class Meta:
        ordering = ["-percent", "municipality"]
        verbose_name = _("municipal part")
        verbose_name_plural = _("municipal parts")
        constraints = [
            models.UniqueConstraint(
                fields=["application", "municipality"], name="a_municipality_once_per_application"
            ),
            models.CheckConstraint(
                condition=Q(percent__gte=1) & Q(percent__lte=100), name="a_part_is_a_percentage"
            ),
        ]

    def __str__(self):
        return f"{self.municipality} {self.percent} %"


def new_key():
    """What a row of the budget is known by, in the form as in the browser, before it is saved."""
    return secrets.token_hex(5)


class BudgetLine(models.Model):
    """One income or expense of the project, in øre. A draft's line can lack its amount."""

    class Kind(models.TextChoices):
        EXPENSE = "expense", _("Expense")
        INCOME = "income", _("Income")

    application = models.ForeignKey(
        Application, on_delete=models.CASCADE, related_name="budget_lines"
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)

    class Nature(models.TextChoices):
        OTHER = "", _("Something else")
        OWN_WAGE = "own_wage", _("Wages to ourselves")
        OWN_FUNDING = "own_funding", _("Our own money")
        SOUGHT = "sought", _("Another fund: applied for")
        PROMISED = "promised", _("Another fund: promised")
        SALES = "sales", _("Tickets and sales")

    EXPENSE_NATURES = (Nature.OTHER, Nature.OWN_WAGE)
    INCOME_NATURES = (
        *[Nature.OWN_FUNDING, Nature.SOUGHT, Nature.PROMISED, Nature.SALES, Nature.OTHER],
    )

    key = models.CharField(max_length=16, default=new_key, editable=False)
    text = models.CharField(_("what"), max_length=120, blank=True)
    amount = models.BigIntegerField(_("amount"), null=True, blank=True)
    nature = models.CharField(
        _("what kind of money"), max_length=12, choices=Nature, default=Nature.OTHER, blank=True
    )

    class Meta:
        ordering = ["id"]
        verbose_name = _("budget line")
        verbose_name_plural = _("budget lines")
        constraints = [
            models.UniqueConstraint(fields=["application", "key"], name="a_budget_line_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_budget_line_is_above_zero"),
        ]

    def __str__(self):
        return self.text


class InformationRequest(models.Model):
    """What the secretariat asks for when something is missing, and the answer."""

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="information_requests"
    )
    question = models.TextField(_("what is missing"), max_length=2000)
    answer = models.TextField(_("your answer"), max_length=3000, blank=True)
    answer_by = models.DateField(_("answer by"))
    # The sections that are open meanwhile (grants.applications.sections); none named: all.
    sections = ArrayField(models.CharField(max_length=8), default=list, blank=True)
    # Where the answers stood then: what has a later version was changed for this.
    version = models.PositiveIntegerField(default=0, editable=False)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=clock.now)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-asked_at"]
        verbose_name = _("request for information")
        verbose_name_plural = _("requests for information")

    def __str__(self):
        return f"{self.application.reference} {self.asked_at:%Y-%m-%d}"


class Consent(models.Model):
    """A guardian's yes to one application, with the hash of what was consented to."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="consents")
    guardian = models.ForeignKey(Guardian, on_delete=models.PROTECT, related_name="consents")
    document_hash = models.CharField(max_length=64)
    # As the guardian wrote them when saying yes.
    name = models.CharField(_("name"), max_length=140, blank=True)
    relation = models.CharField(_("relation"), max_length=60, blank=True)
    given_at = models.DateTimeField(default=clock.now)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = [
            models.UniqueConstraint(
                fields=["application", "guardian"],
                condition=Q(withdrawn_at__isnull=True),
                name="one_standing_consent_per_guardian",
            )
        ]
        triggers = [
            guards.frozen(
                *["application_id", "guardian_id", "document_hash", "name", "relation", "given_at"]
            ),
            *guards.never_deleted(),
        ]

    def __str__(self):
        return f"{self.application.reference} {self.guardian}"

    @property
    def came_by_link(self):
        """Whether it was given without logging in: at the moment at which a link was used up."""
        links = self.guardian.links.filter(application=self.application_id)
        return links.filter(used_at=self.given_at).exists()


class ConsentLink(models.Model):
    """The single-use link that a guardian is sent. Only a hash of its token is kept."""

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="consent_links"
    )
    guardian = models.ForeignKey(Guardian, on_delete=models.PROTECT, related_name="links")
    token_sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("link for consent")
        verbose_name_plural = _("links for consent")
        triggers = [
            guards.frozen(
                *["application_id", "guardian_id", "token_sha256", "created_at", "expires_at"],
            ),
            guards.frozen("used_at", once="OLD.used_at IS NOT NULL", name="a_link_is_used_once"),
        ]

    def __str__(self):
        return f"{self.application.reference} {self.guardian}"


class Attachment(models.Model):
    """A file that belongs to an application: stored privately, fetched through its door."""

    class Purpose(models.TextChoices):
        APPLICATION = "application", _("Attachment")
        ANSWER = "answer", _("Answer to a question")
        PHOTO = "photo", _("Photo")
        RECEIPT = "receipt", _("Receipt")

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="attachments"
    )
    purpose = models.CharField(
        _("purpose"), max_length=12, choices=Purpose, default=Purpose.APPLICATION
    )
    # The code of the call's question that it answers.
    question = models.SlugField(max_length=20, blank=True)
    name = models.CharField(_("name"), max_length=140)
    # By content and not by name.
    content_type = models.CharField(_("type"), max_length=100)
    size = models.PositiveIntegerField(_("bytes"))
    sha256 = models.CharField(max_length=64)
    # Where it lies in the private storage: random, and nothing that the sender chose.
    path = models.CharField(max_length=80, unique=True)
    # A small picture of a picture, without what the camera wrote into it.
    thumbnail = models.BinaryField(null=True)
    # Of a photo: everybody who can be recognised has said yes to its being shown.
    is_agreed = models.BooleanField(_("everybody in the photo has said yes"), default=False)
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=clock.now)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        triggers = [
            guards.frozen(
                *["application_id", "purpose", "question", "name", "content_type", "size"],
                *["sha256", "path", "added_by_id", "added_at"],
            )
        ]

    def __str__(self):
        return self.name


class Note(models.Model):
    """What the secretariat writes down in a case's journal (offentlighedsloven § 13)."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="notes")
    text = models.TextField(_("note"), max_length=4000)
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-written_at"]
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        triggers = guards.append_only()

    def __str__(self):
        return f"{self.application.reference} {self.written_at:%Y-%m-%d}"


class Reminder(models.Model):
    """Somebody was told that a day comes near: once for each thing and day."""

    class What(models.TextChoices):
        DRAFT = "draft", _("The draft has not been sent")
        ANSWER = "answer", _("The secretariat waits for an answer")
        ACCEPT = "accept", _("The grant waits for a yes")
        REPORT = "report", _("The report is due soon")
        OVERDUE = "overdue", _("The report is overdue")
        GOES = "goes", _("The draft is going to be deleted")

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="reminders")
    what = models.CharField(_("of what"), max_length=8, choices=What)
    due_on = models.DateField(_("due"))
    sent_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-sent_at"]
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        constraints = [
            models.UniqueConstraint(
                fields=["application", "what", "due_on"], name="one_reminder_per_thing_and_day"
            )
        ]

    def __str__(self):
        return f"{self.application.reference} {self.get_what_display()} {self.due_on}"
