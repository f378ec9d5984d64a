"""Castboard's settings: one file, driven by the environment (see README, "Settings")."""

from __future__ import annotations

import os
from pathlib import Path

from csp.constants import NONE, SELF

from apiframe_site import environment as env

# Every process of ours comes by here. What it writes holds sessions, prompts and films: no other account of the machine
# reads it, nor may a group.
os.umask(0o077)

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = env.writable_directory("DATA_DIR", BASE_DIR / "var")

# --- where we are served -------------------------------------------------------------------------------------------
PORT = env.whole_number("PORT", 8000, at_least=1, at_most=65534)
PUBLIC_URL = env.web_address("PUBLIC_URL", may_have_path=False)  # webhooks are asked for only when this is set
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS")
ON_LOOPBACK_ONLY = set(ALLOWED_HOSTS) <= set(env.LOOPBACK_HOSTS) and env.is_loopback(PUBLIC_URL)
# A watchdog on the machine asks for /healthz by a loopback name. Where others reach us by names that only their
# requests tell, it gets no more than that: links would be made of the name, and whoever asks may give any.
HEALTH_ONLY_HOSTS = [
    host for host in env.LOOPBACK_HOSTS if not PUBLIC_URL and host not in ALLOWED_HOSTS and "*" not in ALLOWED_HOSTS
]
ALLOWED_HOSTS += [host for host in (*env.hosts_of(PUBLIC_URL), *env.LOOPBACK_HOSTS) if host not in ALLOWED_HOSTS]
BEHIND_HTTPS = PUBLIC_URL.startswith("https://")
DEBUG = False
SECRET_KEY = env.secret_key("SECRET_KEY", DATA_DIR, on_loopback_only=ON_LOOPBACK_ONLY)

# --- the provider of the first team ----------------------------------------------------------------------------------
SANDBOX_URL = f"http://127.0.0.1:{PORT + 1}"
APIFRAME_API_KEY = env.api_key("APIFRAME_API_KEY")
APIFRAME_BASE_URL = env.web_address("APIFRAME_BASE_URL", "https://api.apiframe.ai" if APIFRAME_API_KEY else SANDBOX_URL)
APIFRAME_REQUESTS_PER_MINUTE = env.whole_number("APIFRAME_REQUESTS_PER_MINUTE", 500, at_least=1, at_most=1_000_000)

# --- Django ----------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "csp",
    "django_htmx",
    "assets_app",  # before django_q, whose `qcluster` it makes its own
    "django_q",
    "template_partials",
]

MIDDLEWARE = [
    "assets_app.middleware.HeadersAloneMiddleware",
    "assets_app.middleware.OwnNameMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "assets_app.middleware.CompressedPages",
    "assets_app.middleware.PrivatePagesMiddleware",
    "csp.middleware.CSPMiddleware",
    "assets_app.middleware.NoNulMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "assets_app.views.whose_page.WhosePageMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "assets_app.sessions.SessionEndsMiddleware",
    "assets_app.middleware.SignInFirstMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "assets_app.middleware.TeamMiddleware",
    "assets_app.middleware.NoVisitsMiddleware",
]

ROOT_URLCONF = "apiframe_site.urls"
WSGI_APPLICATION = "apiframe_site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["assets_app.templatetags.shown_to"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "assets_app.views.context.shell",
            ],
        },
    },
]

DATABASES = {"default": env.database("DATABASE_URL", DATA_DIR / "castboard.sqlite3")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # WAL lets pages read while the engine writes; IMMEDIATE makes a second writer wait instead of failing at once.
    # synchronous=FULL: a paid submission that was written down survives a power cut.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY; "
            "PRAGMA journal_size_limit=67108864; PRAGMA cache_size=-8000"
        ),
    }
else:
    DATABASES["default"].setdefault("CONN_HEALTH_CHECKS", True)
DATABASES["default"]["CONN_MAX_AGE"] = 60
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.redis("REDIS_URL")
CACHES = {
    # Holds how often one address asks for what is not guessed at, as links to films: in memory for one process, with
    # REDIS_URL for all.
    "default": {"BACKEND": "apiframe_site.redis_server.Cache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "apiframe_site.memory.Memory", "LOCATION": "castboard"},
    "django_q": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "django_q"},
}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in {
        "UserAttributeSimilarityValidator": {},
        "MinimumLengthValidator": {"min_length": 12},  # OWASP ASVS 4.0.3, 2.1.1
        "CommonPasswordValidator": {},
        "NumericPasswordValidator": {},
    }.items()
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

# --- people (django-allauth) -----------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_ADAPTER = "assets_app.accounts.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "assets_app.forms.account.SignInForm",
    "reset_password": "assets_app.forms.account.ForgottenPasswordForm",
    "reset_password_from_key": "assets_app.forms.passwords.ReplacePasswordForm",
    "change_password": "assets_app.forms.passwords.ChangePasswordForm",
    "set_password": "assets_app.forms.passwords.SetPasswordForm",
    "reauthenticate": "assets_app.forms.passwords.ConfirmPasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_EMAIL_VERIFICATION = "none"  # whoever is here was invited by somebody who knows them
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Castboard: "
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # nobody can have us write to strangers
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if BEHIND_HTTPS else "http"
# Beside allauth's own limits. What guards passwords and codes are not these but `sign_in_limits.py`, in the database. A
# whole office signs in from one address, so signing in well may happen more often. "share" is all that links to films
# open, for whoever has one.
ACCOUNT_RATE_LIMITS = {"login": "120/m/ip", "login_failed": "", "share": "600/m/ip"}
# How many proxies in front of us add to X-Forwarded-For: whom the limits count depends on it.
ALLAUTH_TRUSTED_PROXY_COUNT = env.whole_number("TRUSTED_PROXIES", int(BEHIND_HTTPS), at_least=0, at_most=10)

MFA_ADAPTER = "assets_app.accounts.SecondFactorAdapter"
MFA_FORMS = {
    "activate_totp": "assets_app.forms.account.AuthenticatorAppForm",
    "add_webauthn": "assets_app.forms.account.PasskeyForm",
    "authenticate": "assets_app.forms.account.SecondStepForm",
    "reauthenticate": "assets_app.forms.account.ConfirmWithCodeForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Castboard"
# A code that was right when it was typed counts although the half minute has ended since (RFC 6238 §5.2 allows one).
MFA_TOTP_TOLERANCE = 1

OIDC_SERVER_URL = env.web_address("OIDC_SERVER_URL")
OIDC_NAME = env.text("OIDC_NAME", "your organisation")
SOCIALACCOUNT_FORMS = {"signup": "assets_app.forms.passwords.OrganisationJoinForm"}
SOCIALACCOUNT_ADAPTER = "assets_app.accounts.OrganisationAdapter"
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": env.openid_connect("oidc", OIDC_NAME, OIDC_SERVER_URL),
    }
}

EMAIL_URL = env.text("EMAIL_URL")
globals().update(env.email("EMAIL_URL"))
if EMAIL_URL and not PUBLIC_URL and "*" in ALLOWED_HOSTS:
    env.refuse(
        "EMAIL_URL needs PUBLIC_URL where ALLOWED_HOSTS is *: links in mails would lead wherever a request says."
    )
EMAIL_TIMEOUT = 10  # seconds, for a whole conversation with the mail server
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", f"castboard@{env.mail_domain_of(PUBLIC_URL)}")

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True

# --- files -----------------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = DATA_DIR / "media"  # private: served by views that know the team, never by the web server
TEAM_MEDIA_GB = env.whole_number("TEAM_MEDIA_GB", 0, at_least=0, at_most=1_000_000)  # of each team; 0: no bound
STORAGES = {
    "default": {"BACKEND": "assets_app.media.storage.MediaStorage"},
    "staticfiles": {"BACKEND": "apiframe_site.static_files.HashedFiles"},
}
# 5,000 pasted lines of 2,000 characters fit, with room for the rest of the form.
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_HANDLERS = ["apiframe_site.no_files.NoFiles"]

# --- safety ----------------------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "media-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = BEHIND_HTTPS
CSRF_FAILURE_VIEW = "assets_app.views.session.csrf_failure"
CSRF_COOKIE_SECURE = BEHIND_HTTPS
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL else []
SECURE_SSL_REDIRECT = BEHIND_HTTPS
SECURE_SSL_HOST = PUBLIC_URL.removeprefix("https://") if BEHIND_HTTPS else None
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # asked by a watchdog on the machine itself
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_HTTPS else 0
# Not for the neighbours under the same domain, nor for a list in every browser: that is for its owner to ask.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

# --- the worker (the reasons are in assets_app/tasks.py) --------------------------------------------------------------
ENGINE_RUN_SECONDS = 45  # one engine task talks to the provider for this long, then hands over to the next
Q_CLUSTER = {
    "name": "castboard",
    "label": "Worker",
    "workers": 3,
    "queue_limit": 3,
    "bulk": 1,
    "timeout": 360,  # whole seconds: the hard kill compares with exactly zero
    # > timeout × (1 + ⌈(queue_limit + 1) / workers⌉) + margin, for the clock runs while a message waits in memory
    "retry": 1300,
    "max_attempts": 1,
    "ack_failures": True,  # our rows do the retrying
    "save_limit": -1,
    "catch_up": False,
    "poll": 0.5,
    "recycle": 200,
    "cache": "django_q",
    **({"broker_class": "apiframe_site.redis_server.Queue"} if REDIS_URL else {"orm": "default"}),
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "apiframe_site.logs.Line", "format": "{asctime} {levelname} {name}: {message}", "style": "{"}
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "assets_app": {"level": "INFO"},
        "django-q": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "gunicorn.error": {"handlers": ["console"], "level": "WARNING", "propagate": False},
    },
}
