"""All settings, read once from the environment.

Every value a deployment may change is named ``GRIDMAP_*`` (or ``DATABASE_URL``) and has a row in
docs/settings.md; tests/test_docs.py holds the two together.
"""

import importlib.util
import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pghistory
from csp.constants import NONCE

from gridmap import cluster

ROOT = Path(__file__).resolve().parent.parent


def env(name: str, default: str | None = None) -> str:
    """Return ``GRIDMAP_<name>``; a value without default must be set.

    Raises:
        RuntimeError: the variable is missing and has no default.
    """
    value = os.environ.get(f"GRIDMAP_{name}", default)
    if value is None:
        raise RuntimeError(f"set GRIDMAP_{name} in the environment (see docs/settings.md)")
    return value


def wheel_library(package: str, pattern: str) -> str | None:
    """Return the shared library inside a wheel: newer than Debian's, nothing to install."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return None
    libraries = Path(spec.origin).parent.parent / f"{package}.libs"
    return next((str(path) for path in sorted(libraries.glob(pattern))), None)


def database(url: str) -> dict[str, object]:
    """Return Django's settings for ``postgis://user:password@host:port/name?host=…``."""
    parts = urlsplit(url)
    host = parse_qs(parts.query).get("host", [parts.hostname or ""])[0]
    return {
        "ENGINE": "django.contrib.gis.db.backends.postgis",
        "NAME": env("DB_NAME", unquote(parts.path.lstrip("/"))),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        # A restart of the database leaves dead connections in the pool: none is handed out.
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            # The first transformation in a connection costs 65-320 ms; a connection is kept.
            "pool": {"min_size": 1, "max_size": int(env("DB_POOL", "4")), "timeout": 10},
            # Parallel workers pay that price again each: they made tiles slower (docs/decisions).
            "options": "-c max_parallel_workers_per_gather=0 -c jit=off",
        },
        "TEST": {"NAME": env("TEST_DB", "test_gridmap")},
    }


def channels(value: str, *needed: str) -> list[dict[str, Any]]:
    """Return a list in JSON of objects that each have these fields.

    Raises:
        RuntimeError: it is none, or one lacks a field, or two have one name, or one wants a
            language or a form that there is not.
    """
    try:
        found = json.loads(value)
        names = [one["name"] for one in found if all(str(one[field]) for field in needed)]
    except (ValueError, TypeError, KeyError) as fault:
        # The value is not repeated: it holds secrets, and this is read in logs.
        told = f"robots and webhooks are a list in JSON, each with {', '.join(needed)}"
        raise RuntimeError(f"{told} (see docs/settings.md)") from fault
    if len(set(names)) != len(found):
        raise RuntimeError("each robot and webhook needs a name of its own (see docs/settings.md)")
    for field, known in (("language", ("zh-hans", "en")), ("format", ("markdown", "text"))):
        if any(field in one and one[field] not in known for one in found):
            told = f"{field} of a robot or webhook is one of {', '.join(known)}"
            raise RuntimeError(f"{told} (see docs/settings.md)")
    return list(found)


DEBUG = env("DEBUG", "0") == "1"
SECRET_KEY = env("SECRET_KEY", "development-only" if DEBUG else None)
ALLOWED_HOSTS = env("HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in env("ORIGINS", "").split(",") if origin]

if env("SYSTEM_GDAL", "0") != "1":
    GDAL_LIBRARY_PATH = wheel_library("pyogrio", "libgdal*")
    GEOS_LIBRARY_PATH = wheel_library("shapely", "libgeos_c*")
    _wheel = importlib.util.find_spec("pyogrio")
    if _wheel is not None and _wheel.origin is not None:
        os.environ.setdefault("GDAL_DATA", str(Path(_wheel.origin).parent / "gdal_data"))
        os.environ.setdefault("PROJ_DATA", str(Path(_wheel.origin).parent / "proj_data"))
os.environ.setdefault("PROJ_NETWORK", "OFF")

INSTALLED_APPS = [
    "gridmap.layers",
    "gridmap",
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.gis",
    "django.forms",
    "django.contrib.postgres",
    "pgtrigger",
    "pghistory",
    "procrastinate.contrib.django",
    "rest_framework",
    "rest_framework_gis",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]
# The worker's tasks; the web server meets them through the deeds that put them into the queue.
PROCRASTINATE_IMPORT_PATHS = ["gridmap.actions.proposals", "gridmap.management.commands.work"]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "gridmap.pages.static_files.StaticFiles",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "gridmap.pages.sitting.Sitting",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "gridmap.pages.database_away.DatabaseAway",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["gridmap.pages.name_filters"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
        },
    }
]

# Forms find the templates of widgets where the pages find theirs.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

DATABASES = {"default": database(os.environ.get("DATABASE_URL") or cluster.url())}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

ROOT_URLCONF = "gridmap.urls"
ASGI_APPLICATION = "gridmap.asgi.application"
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "map"
HTTPS = env("HTTPS", "0") == "1"
SESSION_ENGINE = "gridmap.layers.sessions"
SESSION_COOKIE_AGE = int(float(env("SESSION_HOURS", "12")) * 3600)  # however much it is used
IDLE_SECONDS = int(float(env("IDLE_MINUTES", "30")) * 60)  # of whoever sits at a desk; 0: never
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
# A browser takes a cookie named so only over TLS, from this host, for the whole of it: no neighbour
# under the same domain can set ours.
COOKIE_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}session"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrf"
CSRF_FAILURE_VIEW = "gridmap.pages.forgery.refused"
# The feeds' ticket goes to /feeds only, which the stricter name does not allow.
TICKET_COOKIE = "__Secure-gridmap_ticket" if HTTPS else "gridmap_ticket"
if HTTPS:
    SECURE_HSTS_SECONDS = int(env("HSTS_SECONDS", "31536000"))

# HSTS binds this host. Hosts below it and the browsers' own list are the domain owner's decision.
# W019: the light map stands in a frame of our own page; nobody else's page may hold ours.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021", "security.W019"]

PASSWORD_HASHERS = [
    "gridmap.layers.passwords.Argon2",
    # Known from before: renewed with Argon2 when its owner signs in.
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": int(env("PASSWORD_LENGTH", "10"))},
    },
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "gridmap.layers.passwords.NotCommon"},
]
if (_kinds := int(env("PASSWORD_KINDS", "1"))) > 1:
    AUTH_PASSWORD_VALIDATORS.append(
        {"NAME": "gridmap.layers.passwords.Kinds", "OPTIONS": {"least": _kinds}}
    )
# Roles that sign in with a second factor, and "admin" for whoever may enter the administration.
TWO_FACTOR_ROLES = frozenset(role for role in env("TWO_FACTOR_ROLES", "").split(",") if role)
# Outside identities that may open an account: none unless a provider is named here. What
# django-allauth needs is put in only then.
OUTSIDE: dict[str, dict[str, str]] = {}
if _client := env("OIDC_CLIENT", ""):
    OUTSIDE["oidc"] = {
        "client": _client, "secret": env("OIDC_SECRET"), "url": env("OIDC_URL"),
        "name": env("OIDC_NAME", ""),
    }  # fmt: skip
if _client := env("WECHAT_CLIENT", ""):
    OUTSIDE["wechat"] = {
        "client": _client, "secret": env("WECHAT_SECRET"), "name": "",
        "url": env("WECHAT_URL", "https://open.weixin.qq.com/connect/qrconnect"),
        "api": env("WECHAT_API", "https://api.weixin.qq.com"),
    }  # fmt: skip
for _known in OUTSIDE.values():
    for _place in (_known["url"], _known.get("api", _known["url"])):
        if urlsplit(_place).scheme != "https" and urlsplit(_place).hostname != "127.0.0.1":
            raise RuntimeError(f"{_place}: an outside identity is asked for over https only")
if OUTSIDE:
    INSTALLED_APPS += [
        "allauth",
        "allauth.account",
        "allauth.socialaccount",
        "allauth.socialaccount.providers.openid_connect",
        "allauth.socialaccount.providers.weixin",
    ]
    MIDDLEWARE.append("allauth.account.middleware.AccountMiddleware")
    SOCIALACCOUNT_ADAPTER = "gridmap.pages.outside_protocol.Apps"
    # Accounts and identities are ours (gridmap.layers.identities): its tables are never made.
    MIGRATION_MODULES = {"account": None, "socialaccount": None}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"

# Chinese is the language of the sources; English is complete in locale/en.
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [ROOT / "locale"]
USE_I18N = True
TIME_ZONE = env("TIME_ZONE", "Asia/Shanghai")
USE_TZ = True

# Photos: outside what is served as it lies; each goes out through a door that asks for a scope.
MEDIA_ROOT = Path(env("MEDIA", str(ROOT / ".gridmap" / "media")))
# Photos of one case, and reports without an account from one machine.
PHOTOS_OF_CASE = int(env("PHOTOS_OF_CASE", "9"))
REPORT_RATE = env("REPORT_RATE", "30/hour")

# Where notices go besides the inbox; secrets, kept nowhere else.
ROBOTS = channels(env("ROBOTS", "[]"), "name", "url")
WEBHOOKS = channels(env("WEBHOOKS", "[]"), "name", "url", "secret")
OUTSIDE_PROXY = env("OUTSIDE_PROXY", "")
EMAIL_HOST = env("EMAIL_HOST", "")  # empty: no mail
EMAIL_PORT = int(env("EMAIL_PORT", "25"))
EMAIL_HOST_USER = env("EMAIL_USER", "")
EMAIL_HOST_PASSWORD = env("EMAIL_PASSWORD", "")
EMAIL_USE_TLS = env("EMAIL_TLS", "0") == "1"
EMAIL_FROM = env("EMAIL_FROM", "gridmap@localhost")
EMAIL_TIMEOUT = 10

STATIC_URL = "/static/"
STATIC_ROOT = Path(env("STATIC_ROOT", str(ROOT / ".gridmap" / "static")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "gridmap.pages.static_storage.Storage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_ALLOW_ALL_ORIGINS = False  # no other site needs our files
WHITENOISE_AUTOREFRESH = DEBUG

# Versions of rows are looked up by their row only; the references they hold need no index.
PGHISTORY_FOREIGN_KEY_FIELD = pghistory.ForeignKey(db_index=False)

# The metric system of a new city; each city keeps its own. EPSG:4548 is CGCS2000 / 3-degree
# Gauss-Kruger, central meridian 117 E, where Sanming lies.
METRIC_SRID = int(env("METRIC_SRID", "4548"))
# Households of a basic cell: 300-500 by municipal rule (domain.md 3.3); other cities differ.
CELL_HOUSEHOLDS = tuple(int(part) for part in env("CELL_HOUSEHOLDS", "300-500").split("-"))
# What is wanting in the roster of chiefs: a term that ends within so many days and nobody follows,
# more objects of one office than this in one hand, a substitute for longer than so many days.
# The smallest figure of people or incidents that is published besides 0 (small-number guard).
SMALL_NUMBER = int(env("SMALL_NUMBER", "10"))
CHIEF_DAYS = int(env("CHIEF_DAYS", "30"))
CHIEF_OBJECTS = int(env("CHIEF_OBJECTS", "6"))
SUBSTITUTE_DAYS = int(env("SUBSTITUTE_DAYS", "60"))
# A raster base map is off until a provider's key is given; it is fetched by us, never by browsers.
TIANDITU_KEY = env("TIANDITU_KEY", "")
TIANDITU_URL = env("TIANDITU_URL", "https://t0.tianditu.gov.cn")
# A reporter's name and number go so many days after the case has ended.
CONTACT_DAYS = int(env("CONTACT_DAYS", "30"))
# Calls of the API by one person, and by one machine whose caller is not signed in; empty: no limit.
API_RATE = env("API_RATE", "1200/minute")
API_RATE_STRANGERS = env("API_RATE_STRANGERS", "60/minute")
# Signs: the address in QR codes ("" = that under which the site is called), and fonts with Chinese
# letters ("" = the Noto fonts where Debian keeps them).
PUBLIC_URL = env("PUBLIC_URL", "")
FONT = env("FONT", "")
FONT_BOLD = env("FONT_BOLD", "")
TICKET_SECONDS = int(env("TICKET_SECONDS", "600"))
# Of each server process: connections of the feeds, and maps that may listen for changes at a time.
FEED_POOL = int(env("FEED_POOL", "4"))
FEED_STREAMS = int(env("FEED_STREAMS", "1000"))

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'", NONCE],
        "worker-src": ["'self'"],
        "style-src": ["'self'", NONCE],
        "img-src": ["'self'", "data:", "blob:"],
        "connect-src": ["'self'"],
        "font-src": ["'self'"],
        "manifest-src": ["'self'"],
        "frame-src": ["'self'"],
        "frame-ancestors": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
    }
}
X_FRAME_OPTIONS = "SAMEORIGIN"

REST_FRAMEWORK = {
    "EXCEPTION_HANDLER": "gridmap.api.errors.respond",
    "DEFAULT_AUTHENTICATION_CLASSES": ["gridmap.api.caller.Session"],
    "DEFAULT_PARSER_CLASSES": ["gridmap.api.parsing.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": [
        "gridmap.api.parsing.JSONRenderer",
        "rest_framework.renderers.BrowsableAPIRenderer",
    ],
    "URL_FORMAT_OVERRIDE": None,
    "DEFAULT_METADATA_CLASS": None,  # /api/schema describes an address, OPTIONS does not
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["gridmap.api.throttle.CallRate"],
    "DEFAULT_SCHEMA_CLASS": "gridmap.api.schema.Schema",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "gridmap",
    "VERSION": "1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SCHEMA_PATH_PREFIX": "/api",
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    # The first tells of every piece of work, the others of every table of every font they read.
    "loggers": {name: {"level": "WARNING"} for name in ("procrastinate", "fontTools", "fpdf")},
}
