"""Pools, their calls, and what a pool says and asks in its own words.

Those words are in Danish and English; who reads Swedish or Norwegian reads the Danish ones.
"""

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from applicants.models import Applicant, User
from workflows import clock, guards
from workflows.lifecycle import Role

__all__ = [
    "BlackOut",
    "Call",
    "ComplaintGuidance",
    "Consultant",
    "Contribution",
    "Criterion",
    "Example",
    "Guideline",
    "Municipality",
    "Pool",
    "PoolRole",
    "Question",
]


def every_kind():
    return list(Applicant.Kind.values)


class Municipality(models.Model):
    """With its official code, country and an approximate population."""

    class Country(models.TextChoices):
        DENMARK = "DK", _("Denmark")
        SWEDEN = "SE", _("Sweden")
        NORWAY = "NO", _("Norway")

    country = models.CharField(_("country"), max_length=2, choices=Country)
    code = models.CharField(_("code"), max_length=4)
    name = models.CharField(_("name"), max_length=60)
    # In Danish order (æ, ø, å last, Aa as Å): the embedded PostgreSQL has no ICU.
    place = models.PositiveIntegerField(_("place in Danish order"))
    longitude = models.DecimalField(max_digits=8, decimal_places=5)
    latitude = models.DecimalField(max_digits=8, decimal_places=5)
    population = models.PositiveIntegerField(_("population"), null=True, blank=True)

    class Meta:
        ordering = ["place"]
        verbose_name = _("municipality")
        verbose_name_plural = _("municipalities")
        constraints = [
            models.UniqueConstraint(fields=["country", "code"], name="one_municipality_per_code")
        ]

    def __str__(self):
        return self.name

    @property
    def key(self):
        """(country, code): what ties are settled by."""
        return (self.country, self.code)

    @property
    def key_text(self):
        """ "DK-0101": the key where it has to be one word."""
        return f"{self.country}-{self.code}"


class Pool(models.Model):
    """Money set aside by several municipalities for a purpose, for an agreement period."""

    code = models.SlugField(_("code"), max_length=8, unique=True)
    name = models.CharField(_("name"), max_length=80)
    purpose = models.TextField(_("purpose"))
    currency = models.CharField(_("currency"), max_length=3, default="DKK")
    authority = models.CharField(_("authority"), max_length=120)
    street = models.CharField(_("street and number"), max_length=140)
    postal_code = models.CharField(_("postal code"), max_length=10)
    town = models.CharField(_("town"), max_length=80)
    email = models.EmailField(_("e-mail"))
    phone = models.CharField(_("phone"), max_length=20)
    # The account that the pool pays from.
    iban = models.CharField("IBAN", max_length=34)
    bic = models.CharField("BIC", max_length=11, blank=True)
    last_number = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("pool")
        verbose_name_plural = _("pools")

    def __str__(self):
        return self.name

    @property
    def stream(self):
        return f"pool:{self.code}"

    def municipality_keys(self):
        """The keys of those that pay or have paid into it, as a frozenset."""
        paying = self.contributions.values_list("municipality__country", "municipality__code")
        return frozenset(paying.distinct())


class PoolRole(models.Model):
    """What a person is to one pool, and from when to when."""

    class Name(models.TextChoices):
        MEMBER = Role.MEMBER.value, Role.MEMBER.label
        CHAIR = Role.CHAIR.value, Role.CHAIR.label
        CASEWORKER = Role.CASEWORKER.value, Role.CASEWORKER.label
        APPROVER = Role.APPROVER.value, Role.APPROVER.label
        POOL_ADMIN = Role.POOL_ADMIN.value, Role.POOL_ADMIN.label
        MUNICIPALITY_READER = Role.MUNICIPALITY_READER.value, Role.MUNICIPALITY_READER.label
        AUDITOR = Role.AUDITOR.value, Role.AUDITOR.label

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="pool_roles")
    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="roles")
    role = models.CharField(_("role"), max_length=20, choices=Name)
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    title = models.CharField(_("title in letters"), max_length=80, blank=True)
    ends_on = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        constraints = [
            models.UniqueConstraint(fields=["user", "pool", "role"], name="a_role_once_per_pool"),
            models.CheckConstraint(
                condition=~Q(role="municipality_reader") | Q(municipality__isnull=False),
                name="a_municipality_reader_has_a_municipality",
            ),
        ]

    def __str__(self):
        return f"{self.user}: {self.get_role_display()}"


class Contribution(models.Model):
    """What a municipality pays into a pool for a year, in øre."""

    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="contributions")
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="contributions"
    )
    year = models.PositiveSmallIntegerField(_("year"))
    amount = models.BigIntegerField(_("amount in øre"), validators=[MinValueValidator(0)])

    class Meta:
        verbose_name = _("contribution")
        verbose_name_plural = _("contributions")
        constraints = [
            models.UniqueConstraint(
                fields=["pool", "municipality", "year"], name="one_contribution_per_year"
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0), name="a_contribution_is_not_negative"
            ),
        ]

    def __str__(self):
        return f"{self.municipality} {self.year}"


class Guideline(models.Model):
    """A paragraph of the pool's guidelines, which reasons refer to."""

    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="guidelines")
    paragraph = models.CharField(_("paragraph"), max_length=20)
    text = models.TextField(_("text"))
    text_en = models.TextField(_("text in English"))

    class Meta:
        ordering = ["pool", "paragraph"]
        verbose_name = _("guideline")
        verbose_name_plural = _("guidelines")
        constraints = [
            models.UniqueConstraint(fields=["pool", "paragraph"], name="a_paragraph_once_per_pool")
        ]

    def __str__(self):
        return f"{self.paragraph} {self.text}"

    def text_in(self, language):
        return self.text_en if language == "en" else self.text


class ComplaintGuidance(models.Model):
    """How one may complain about a decision: a text per kind, in versions that never change."""

    class Kind(models.TextChoices):
        AWARD = "award", _("Award")
        PARTIAL_AWARD = "partial_award", _("Partial award")
        REJECTION = "rejection", _("Rejection")

    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="complaint_guidances")
    kind = models.CharField(_("kind of decision"), max_length=14, choices=Kind)
    version = models.PositiveSmallIntegerField(_("version"))
    text = models.TextField(_("text"))
    text_en = models.TextField(_("text in English"))

    class Meta:
        verbose_name = _("complaint guidance")
        verbose_name_plural = _("complaint guidances")
        constraints = [
            models.UniqueConstraint(
                fields=["pool", "kind", "version"], name="one_guidance_per_version"
            )
        ]
        triggers = guards.append_only()

    def __str__(self):
        return f"{self.get_kind_display()} v{self.version}"

    def text_in(self, language):
        return self.text_en if language == "en" else self.text


class Call(models.Model):
    """One opening of a pool, with a deadline or rolling, and a budget in øre."""

    class Residence(models.TextChoices):
        ANYWHERE = "anywhere", _("No: anybody can apply")
        HOME = "home", _("The applicant lives in one")
        ACTIVITY = "activity", _("It happens in one")
        EITHER = "either", _("The applicant lives in one, or it happens in one")

    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="calls")
    slug = models.SlugField(_("address"), max_length=60, unique=True)
    title = models.CharField(_("title"), max_length=100)
    title_en = models.CharField(_("title in English"), max_length=100)
    summary = models.TextField(_("in short"))
    summary_en = models.TextField(_("in short, in English"))
    opens_at = models.DateTimeField(_("opens"))
    closes_at = models.DateTimeField(_("deadline"), null=True, blank=True)
    answer_by = models.DateField(_("answer at the latest"), null=True, blank=True)
    budget = models.BigIntegerField(_("budget in øre"))
    least_amount = models.BigIntegerField(_("least amount in øre"), default=50_000)
    greatest_amount = models.BigIntegerField(_("greatest amount in øre"))
    age_from = models.PositiveSmallIntegerField(_("age from"), default=13)
    age_to = models.PositiveSmallIntegerField(_("age to"), default=30)
    days_to_accept = models.PositiveSmallIntegerField(_("days to say yes"), default=21)
    days_to_report = models.PositiveSmallIntegerField(_("days to report"), default=30)
    # The rest is paid when the final report is approved.
    advance_percent = models.PositiveSmallIntegerField(
        _("percent paid in advance"),
        default=100,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )
    conditions = models.TextField(_("conditions, one a line"))
    conditions_en = models.TextField(_("conditions in English, one a line"))
    # A rolling call has no day for all: how long one waits for an answer.
    days_to_answer = models.PositiveSmallIntegerField(_("days to answer"), null=True, blank=True)
    # For drafts that were begun before the deadline.
    grace_minutes = models.PositiveSmallIntegerField(_("minutes of grace"), default=0)
    largest_file = models.PositiveSmallIntegerField(
        _("largest attachment in MB"),
        default=10,
        validators=[MinValueValidator(1), MaxValueValidator(20)],
    )
    most_files = models.PositiveSmallIntegerField(_("most attachments"), default=10)
    surplus_to_keep = models.BigIntegerField(_("surplus that may be kept, in øre"), default=50_000)
    free_change_percent = models.PositiveSmallIntegerField(
        _("percent of a budget line that may change without asking"), default=10
    )

    # Its rules. grants.pools.rules judges by them, with the ages and amounts above.
    residence = models.CharField(
        _("has to belong to the pool's municipalities"),
        max_length=8,
        choices=Residence,
        default=Residence.ANYWHERE,
    )
    days_before_start = models.PositiveSmallIntegerField(
        _("days between sending and beginning"), default=0
    )
    greatest_budget = models.BigIntegerField(
        _("greatest budget of a project in øre"), null=True, blank=True
    )
    awards_per_year = models.PositiveSmallIntegerField(
        _("grants per applicant and year"), null=True, blank=True
    )
    allows_own_wages = models.BooleanField(_("wages to oneself are allowed"), default=True)
    must_be_public = models.BooleanField(_("has to be open to the public"), default=False)
    least_municipalities = models.PositiveSmallIntegerField(
        _("least number of municipalities"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(20)],
    )
    kinds = ArrayField(
        models.CharField(max_length=12, choices=Applicant.Kind),
        verbose_name=_("who can apply"),
        default=every_kind,
    )

    class Meta:
        ordering = ["-opens_at"]
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        constraints = [
            models.CheckConstraint(condition=Q(budget__gte=0), name="a_budget_is_not_negative"),
            models.CheckConstraint(
                condition=Q(least_amount__gt=0) & Q(greatest_amount__gte=F("least_amount")),
                name="a_greatest_amount_is_not_below_the_least",
            ),
            models.CheckConstraint(
                condition=Q(closes_at__isnull=True) | Q(closes_at__gt=F("opens_at")),
                name="a_call_closes_after_it_opens",
            ),
            models.CheckConstraint(
                condition=Q(advance_percent__gte=1) & Q(advance_percent__lte=100),
                name="an_advance_is_a_percentage",
            ),
        ]
        triggers = [
            guards.children_within(
                "grants_within_the_budget",
                parent_amount="budget",
                child_sum="SELECT COALESCE(SUM(amount_awarded), 0) FROM grants_grant"
                " WHERE call_id = NEW.id AND ended_at IS NULL",
            )
        ]

    def __str__(self):
        return self.title

    @property
    def is_open(self):
        return self.opens_at <= clock.now() and (
            self.closes_at is None or clock.now() <= self.closes_at
        )

    def takes_a_draft_of(self, begun_at):
        """Whether a draft begun then can be sent now: by the server's clock, and in its grace."""
        if self.is_open:
            return True
        is_over = self.closes_at is not None and clock.now() > self.closes_at
        in_grace = is_over and clock.now() <= self.closes_at + timedelta(minutes=self.grace_minutes)
        return in_grace and begun_at <= self.closes_at

    @property
    def title_shown(self):
        return self.title_in(get_language())

    @property
    def summary_shown(self):
        return self.summary_en if get_language() == "en" else self.summary

    def title_in(self, language):
        return self.title_en if language == "en" else self.title

    def conditions_in(self, language):
        text = self.conditions_en if language == "en" else self.conditions
        return [line.strip() for line in text.splitlines() if line.strip()]


class Criterion(models.Model):
    """One of the things a call is judged by, published with it."""

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="criteria")
    position = models.PositiveSmallIntegerField(_("place"))
    name = models.CharField(_("name"), max_length=80)
    name_en = models.CharField(_("name in English"), max_length=80)
    text = models.TextField(_("text"))
    text_en = models.TextField(_("text in English"))
    weight = models.PositiveSmallIntegerField(
        _("weight"), default=1, validators=[MinValueValidator(1), MaxValueValidator(10)]
    )
    scale = models.TextField(_("what the scores mean, from 0 to 5, one a line"), blank=True)
    scale_en = models.TextField(_("the same in English"), blank=True)

    class Meta:
        ordering = ["call", "position"]
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria")
        constraints = [
            models.UniqueConstraint(fields=["call", "position"], name="one_criterion_per_place"),
            models.CheckConstraint(condition=Q(weight__gt=0), name="a_criterion_weighs"),
        ]

    def __str__(self):
        return self.name

    @property
    def name_shown(self):
        return self.name_in(get_language())

    @property
    def text_shown(self):
        return self.text_in(get_language())

    @property
    def scale_shown(self):
        """What the scores 0 to 5 mean, as six texts; empty ones where nothing is said."""
        text = self.scale_en if get_language() == "en" else self.scale
        lines = [line.strip() for line in text.splitlines()]
        return (lines + [""] * 6)[:6]

    def name_in(self, language):
        return self.name_en if language == "en" else self.name

    def text_in(self, language):
        return self.text_en if language == "en" else self.text


class BlackOut(models.Model):
    """Days on which nothing of a call may happen, both days included."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="black_outs")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    reason = models.CharField(_("why"), max_length=140)
    reason_en = models.CharField(_("why, in English"), max_length=140)

    class Meta:
        ordering = ["starts_on"]
        verbose_name = _("black-out period")
        verbose_name_plural = _("black-out periods")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="a_black_out_ends_after_it_begins"
            )
        ]

    def __str__(self):
        return self.reason

    @property
    def reason_shown(self):
        return self.reason_en if get_language() == "en" else self.reason


class Consultant(models.Model):
    """Whom one can ask in a municipality."""

    pool = models.ForeignKey(Pool, on_delete=models.CASCADE, related_name="consultants")
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=140)
    title = models.CharField(_("title"), max_length=80, blank=True)
    email = models.EmailField(_("e-mail"))
    phone = models.CharField(_("phone"), max_length=20, blank=True)

    class Meta:
        ordering = ["municipality__place", "name"]
        verbose_name = _("consultant")
        verbose_name_plural = _("consultants")

    def __str__(self):
        return f"{self.name}, {self.municipality}"


class Example(models.Model):
    """Something that got money before, told so that others see what is possible."""

    pool = models.ForeignKey(Pool, on_delete=models.CASCADE, related_name="examples")
    title = models.CharField(_("title"), max_length=100)
    text = models.TextField(_("text"), max_length=500)
    text_en = models.TextField(_("text in English"), max_length=500)
    amount = models.BigIntegerField(_("amount in øre"))
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField(_("year"))

    class Meta:
        ordering = ["-year", "title"]
        verbose_name = _("example")
        verbose_name_plural = _("examples")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="an_example_got_money")
        ]

    def __str__(self):
        return self.title

    @property
    def text_shown(self):
        return self.text_en if get_language() == "en" else self.text


class Question(models.Model):
    """A question that a call asks besides the standard ones, in versions that never change.

    The newest version of a code is what is asked now, unless it `is_retired`; an answer keeps the
    version that it was given to.
    """

    class Kind(models.TextChoices):
        TEXT = "text", _("Short text")
        LONG_TEXT = "long", _("Long text")
        NUMBER = "number", _("Number")
        DATE = "date", _("Date")
        CHOICE = "choice", _("One of several")
        SEVERAL = "several", _("Several of several")
        FILE = "file", _("A file")

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="questions")
    code = models.SlugField(_("code"), max_length=20)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    position = models.PositiveSmallIntegerField(_("place"), default=1)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.TEXT)
    text = models.CharField(_("question"), max_length=200)
    text_en = models.CharField(_("question in English"), max_length=200)
    help = models.CharField(_("help"), max_length=300, blank=True)
    help_en = models.CharField(_("help in English"), max_length=300, blank=True)
    # [[code, Danish, English]]: the codes are what is stored.
    options = models.JSONField(_("options"), default=list, blank=True)
    is_required = models.BooleanField(_("has to be answered"), default=False)
    most = models.PositiveSmallIntegerField(_("most characters"), default=1000)
    # Asked only if another question of the call, or kind, art_form or is_public, has this answer.
    ask_if = models.CharField(_("ask if this question"), max_length=20, blank=True)
    ask_if_answer = models.CharField(_("has this answer"), max_length=60, blank=True)
    is_retired = models.BooleanField(_("no longer asked"), default=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ["call", "position", "code", "version"]
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        constraints = [
            models.UniqueConstraint(
                fields=["call", "code", "version"], name="one_question_per_version"
            )
        ]
        triggers = guards.append_only()

    def __str__(self):
        return f"{self.text} v{self.version}"

    @property
    def pool(self):
        return self.call.pool

    @property
    def text_shown(self):
        return self.text_en if get_language() == "en" else self.text

    @property
    def help_shown(self):
        return self.help_en if get_language() == "en" else self.help

    @property
    def options_shown(self):
        """[(code, label)]"""
        place = 2 if get_language() == "en" else 1
        return [(option[0], option[place]) for option in self.options]
