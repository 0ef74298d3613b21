"""The settings, read top to bottom. Outside development a missing secret stops the start."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from applicants import sealing

BASE_DIR = Path(__file__).resolve().parent.parent


def _flag(name):
    return os.environ.get(name, "") == "1"


def _wanted(name, instead):
    """The environment's value; `instead` in development and in the demo only."""
    value = os.environ.get(name, "")
    if not value and not (DEBUG or DEMO):
        raise ImproperlyConfigured(f"Set {name}: without it the system does not start.")
    return value or instead


# --- What this process is -------------------------------------------------------------------

DEBUG = _flag("DEBUG")
# Demo mode shows a bar that switches person and a page with the mails sent. Never in production.
DEMO = _flag("DEMO")
# The pool of database connections is for web processes: a worker closes it after each task.
IN_WEB = _flag("WEB")

SECRET_KEY = _wanted("SECRET_KEY", "only-for-development-on-ones-own-machine")
# What bank accounts are sealed with: "id:base64,id:base64", the current key first. The demo shares
# its database with development, and so the key, which everybody knows: its accounts are invented.
try:
    DATA_KEYS = sealing.read_keys(
        _wanted("DATA_KEYS", "development:b25seS1mb3ItZGV2ZWxvcG1lbnQtb24tb25lcy1vd24=")
    )
except sealing.SealError as error:
    raise ImproperlyConfigured(f"DATA_KEYS: {error}") from None
SITE_URL = os.environ.get("SITE_URL", "http://localhost:8000").rstrip("/")
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [SITE_URL]
HTTPS = SITE_URL.startswith("https://")
# SITE_URL too: behind a proxy that sends no host of its own, every request says "localhost".
_answers_as = {*ALLOWED_HOSTS, urlsplit(SITE_URL).hostname}
if (DEMO or DEBUG) and not {"localhost", "127.0.0.1", "[::1]", "::1"}.issuperset(_answers_as):
    raise ImproperlyConfigured("DEMO and DEBUG open every door: they answer on this machine only.")

# --- The house ------------------------------------------------------------------------------

INSTALLED_APPS = [
    "secretariat",
    "committee",
    "grants",
    "applicants",
    "workflows",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_htmx",
    "drf_spectacular",
    "pgtrigger",
    "rest_framework",
]

MIDDLEWARE = [
    "config.request_id.RequestId",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.language.ChosenLanguage",
    "config.limits.Limits",
    "config.limits.NothingKept",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "config.again.KeptOverLogin",
    "django_htmx.middleware.HtmxMiddleware",
    "config.refusals.Refusals",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "secretariat.navigation.navigation",
            ],
        },
    }
]

# --- Database, broker, worker ---------------------------------------------------------------

DATABASES = {
    "default": dj_database_url.parse(
        _wanted("DATABASE_URL", "postgresql:///ungepuljen"), conn_health_checks=True
    )
}
DATABASES["default"]["OPTIONS"] = DATABASES["default"].get("OPTIONS", {}) | (
    {"pool": {"min_size": 2, "max_size": 10, "timeout": 10}} if IN_WEB else {}
)

CELERY_BROKER_URL = _wanted("BROKER_URL", "redis://localhost:6379/0")
CELERY_TIMEZONE = "Europe/Copenhagen"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TIME_LIMIT = 120
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 600_000  # kB: a letter that grows without end stops here
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 1, "socket_timeout": 5}
CELERY_BEAT_SCHEDULE = {
    "sweep the outbox": {"task": "grants.letters.tasks.sweep", "schedule": 60},
    "close votes whose time is over": {"task": "committee.tasks.close_votes", "schedule": 60},
    "remind members of votes": {"task": "committee.tasks.remind_members", "schedule": 300},
    "forget who never came": {
        "task": "applicants.tasks.forget_who_never_came",
        "schedule": crontab(hour="4", minute="15"),
    },
    "delete files that belong to nothing": {
        "task": "grants.applications.tasks.sweep_files",
        "schedule": crontab(hour="4", minute="30"),
    },
    "let unanswered grants lapse": {
        "task": "grants.decisions.tasks.lapse_unanswered",
        "schedule": crontab(hour="5", minute="0"),
    },
    "let drafts that were never sent go": {
        "task": "secretariat.my_data.tasks.let_drafts_go",
        "schedule": crontab(hour="5", minute="15"),
    },
    "remind of drafts and answers": {
        "task": "grants.applications.tasks.remind",
        "schedule": crontab(hour="7", minute="0"),
    },
    "remind of grants that wait for a yes": {
        "task": "grants.decisions.tasks.remind",
        "schedule": crontab(hour="7", minute="10"),
    },
    "remind of reports": {
        "task": "grants.payouts.tasks.remind",
        "schedule": crontab(hour="7", minute="20"),
    },
    "gather the daily mails": {
        "task": "grants.letters.tasks.gather_digests",
        "schedule": crontab(hour="16", minute="0"),
    },
    "seal the audit trail": {"task": "workflows.tasks.checkpoint", "schedule": crontab(minute="0")},
}

# --- People ---------------------------------------------------------------------------------

AUTH_USER_MODEL = "applicants.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "desk:start"
LOGOUT_REDIRECT_URL = "portal:front"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # the code that lets in has shown whose address it is
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
# Somebody who waits for a mail on a bad network needs longer than allauth's three minutes.
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 900
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 3
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
# A whole class may sit behind one address of the net; nobody's mailbox is flooded, and nobody is
# locked out for long by somebody else who knows their address: docs/decisions/0054.
ACCOUNT_RATE_LIMITS = {"request_login_code": "60/m/ip,1000/d/ip,3/m/key,10/h/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if _flag("BEHIND_PROXY") else 0
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True  # of a passkey that is added or removed
ACCOUNT_ADAPTER = "applicants.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "request_login_code": "applicants.forms.AddressForm",
    "confirm_login_code": "applicants.forms.CodeForm",
}
MFA_SUPPORTED_TYPES = ["webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # nobody is logged in whose address was not shown to be theirs
MFA_ADAPTER = "applicants.adapter.PasskeyAdapter"
MFA_FORMS = {
    "add_webauthn": "applicants.forms.PasskeyForm",
    "edit_webauthn": "applicants.forms.PasskeyNameForm",
}

# --- Language, time, money ------------------------------------------------------------------

LANGUAGE_CODE = "da"
LANGUAGES = [
    ("da", _("Danish")),
    ("en", _("English")),
    ("sv", _("Swedish")),
    ("nb", _("Norwegian")),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_SAMESITE = "Lax"
USE_TZ = True
TIME_ZONE = "Europe/Copenhagen"
USE_THOUSAND_SEPARATOR = False  # it would turn ids into 12.345; money is formatted by Babel
FORMAT_MODULE_PATH = ["config.formats"]

# --- Files and mail -------------------------------------------------------------------------

LOCAL_DIR = Path(os.environ.get("LOCAL_DIR", BASE_DIR / ".local"))
FILES_DIR = Path(_wanted("FILES_DIR", LOCAL_DIR / "files"))
# The virus scanner that looks at attachments: a socket's path, or host:port; empty for none.
CLAMD = os.environ.get("CLAMD", "")
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Attachments: no address leads here, views hand them out.
    "files": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": FILES_DIR,
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    "staticfiles": {"BACKEND": "config.statics.Statics"},
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_MANIFEST_STRICT = not DEBUG

EMAIL_BACKEND = f"django.core.mail.backends.{'filebased' if DEMO or DEBUG else 'smtp'}.EmailBackend"
EMAIL_FILE_PATH = LOCAL_DIR / "mail"
EMAIL_HOST = os.environ.get("EMAIL_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = _flag("EMAIL_USE_TLS")
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "Ungepuljen <ungepuljen@localhost>")

# --- Doors and walls ------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _flag("BEHIND_PROXY") else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "config.again.csrf_failure"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000

# --- The API --------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "secretariat.api.errors.answer",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Ungepuljen",
    "DESCRIPTION": (
        "Calls, applications, their steps, and what each municipality got. Amounts are whole øre."
        " Log in on the pages: the session's cookie counts here too, and a POST sends the value of"
        " the cookie csrftoken in the header X-CSRFToken. Sentences are Danish, or in"
        " the language of the cookie django_language: en, sv or nb."
    ),
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
}

# --- Logging --------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "request_id": {"()": "config.request_id.AddRequestId"},
        "secret_paths": {"()": "config.request_id.HideSecretPaths"},
    },
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"}
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["request_id", "secret_paths"],
        }
    },
    "loggers": {"weasyprint.progress": {"level": "WARNING"}, "fontTools": {"level": "WARNING"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "INFO")},
}
