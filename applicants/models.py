from django.apps import apps
from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from applicants import accounts, sealing
from workflows import clock, guards


class UserManager(BaseUserManager):
    """People are known by their e-mail address."""

    use_in_migrations = True

    def create_user(self, email, password=None, **fields):
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save()
        self.let_in_by_code(user)
        return user

    def let_in_by_code(self, user):
        """The address is known, and proved by the first code that is sent to it."""
        EmailAddress = apps.get_model("account", "EmailAddress")  # loaded after us
        EmailAddress.objects.get_or_create(user=user, email=user.email, defaults={"primary": True})

    def create_superuser(self, email, password=None, **fields):
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractUser):
    """Someone who logs in; can be applicant, member and staff at once."""

    class Language(models.TextChoices):
        DANISH = "da", _("Danish")
        ENGLISH = "en", _("English")
        SWEDISH = "sv", _("Swedish")
        NORWEGIAN = "nb", _("Norwegian")

    class Told(models.TextChoices):
        AT_ONCE = "at_once", _("At once")
        DAILY = "daily", _("Once a day, all in one mail")

    username = None
    first_name = None
    last_name = None
    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=140, blank=True)
    language = models.CharField(
        _("language"), max_length=5, choices=Language, default=Language.DANISH
    )
    # What the law wants sent is sent at once all the same.
    told = models.CharField(_("how you are told"), max_length=8, choices=Told, default=Told.AT_ONCE)
    closed_at = models.DateTimeField(null=True, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []

    objects = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self):
        return self.name or self.email

    def get_full_name(self):
        return self.name

    def get_short_name(self):
        return self.name.split(" ")[0] if self.name else self.email

    @property
    def stream(self):
        """The log of what somebody did about oneself: data corrected, account closed."""
        return f"user:{self.pk}"


class Applicant(models.Model):
    """The person, informal group or association that applies."""

    class Kind(models.TextChoices):
        PERSON = "person", _("One person")
        GROUP = "group", _("A group of friends")
        ASSOCIATION = "association", _("An association")

    user = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="applicants", verbose_name=_("contact")
    )
    kind = models.CharField(_("who applies"), max_length=12, choices=Kind, default=Kind.PERSON)
    name = models.CharField(_("name"), max_length=140)
    cvr = models.CharField(_("CVR number"), max_length=8, blank=True)
    # The contact person's, also for groups and associations: a minor cannot take on debt alone.
    birth_date = models.DateField(_("birth date"))
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    street = models.CharField(_("street and number"), max_length=140, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=10, blank=True)
    town = models.CharField(_("town"), max_length=80, blank=True)
    is_protected = models.BooleanField(_("name and address are protected"), default=False)
    # Of somebody under 18: whether two parents or guardians have to say yes. None: not asked yet.
    custody_is_joint = models.BooleanField(_("two share the custody"), null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = _("applicant")
        verbose_name_plural = _("applicants")

    def __str__(self):
        return self.name

    @property
    def is_many(self):
        """Whether letters and pages say "I" (you all) and not "du"."""
        return self.kind != self.Kind.PERSON

    @property
    def address_lines(self):
        town = f"{self.postal_code} {self.town}".strip()
        return [line for line in (self.street, town) if line]

    def bank_account(self):
        """The account as it is now: the newest version, or None."""
        return self.bank_accounts.order_by("-version").first()


class Guardian(models.Model):
    """A parent or guardian of an applicant under 18."""

    applicant = models.ForeignKey(Applicant, on_delete=models.PROTECT, related_name="guardians")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="guardianships")
    relation = models.CharField(_("relation"), max_length=60)

    class Meta:
        verbose_name = _("guardian")
        verbose_name_plural = _("guardians")
        constraints = [
            models.UniqueConstraint(fields=["applicant", "user"], name="a_guardian_once")
        ]

    def __str__(self):
        return f"{self.user} ({self.relation})"


class Sealed(models.Model):
    """A row with something in it that only this system can open (applicants.sealing).

    A concrete model says `about`: which row it is, by columns that never change.
    """

    sealed = models.BinaryField()

    class Meta:
        abstract = True

    def seal(self, plain):
        """Seal these bytes into the row, which has its other columns by now."""
        self.sealed = sealing.seal(plain, self.about)

    def unseal(self):
        """The bytes. Raises sealing.SealError."""
        return sealing.unseal(bytes(self.sealed), self.about)


class BankAccount(Sealed):
    """One version of where an applicant's money goes. A change is a new version.

    The number is opened for the bank's file alone; whatever shows it has `masked`.
    """

    applicant = models.ForeignKey(Applicant, on_delete=models.PROTECT, related_name="bank_accounts")
    version = models.PositiveIntegerField()
    holder = models.CharField(_("account holder"), max_length=70)
    masked = models.CharField(_("account number"), max_length=42)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = _("bank account")
        verbose_name_plural = _("bank accounts")
        constraints = [
            models.UniqueConstraint(fields=["applicant", "version"], name="one_account_per_version")
        ]
        # The seal alone can be renewed, with another key: rotate_keys.
        triggers = [
            guards.frozen(
                *["applicant_id", "version", "holder", "masked", "created_by_id", "created_at"],
                name="an_account_never_changes",
            ),
            *guards.never_deleted(),
        ]

    def __str__(self):
        return f"{self.applicant} v{self.version}"

    @property
    def about(self):
        return f"bankaccount:{self.applicant_id}:{self.version}"

    @property
    def iban(self):
        return self.unseal().decode()

    @iban.setter
    def iban(self, iban):
        self.seal(iban.encode())
        self.masked = accounts.masked(iban)
