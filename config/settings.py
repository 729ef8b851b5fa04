"""Django's settings. What differs between installations comes from the environment (`config.environment`)."""

from pathlib import Path

import dj_database_url

from access.rates.gcra import rate_of
from config import cross_origin
from config.checked_environment import read_environment
from config.environment import is_loopback
from config.files_folder import files_folder
from config.logs import levels
from config.own_apps import own_apps

BASE_DIR = Path(__file__).resolve().parent.parent
ENVIRONMENT = read_environment()

SECRET_KEY = ENVIRONMENT.secret_key
DEBUG = ENVIRONMENT.DEBUG
ALLOWED_HOSTS = ENVIRONMENT.ALLOWED_HOSTS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENVIRONMENT.TRUST_PROXY else None

# No django.contrib.auth and sessions: the API knows no cookies, and the pages for people do with less
# (`access.people`).
INSTALLED_APPS = [
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_yasg",
    "rest",
    "access",
    "files",
    "tasks_api",
    "schedules",
    "dashboard",
    *own_apps(ENVIRONMENT.APPS),
    "config",
]
MIDDLEWARE = [
    "rest.middleware.RequestIdMiddleware",
    "rest.error_forms.ErrorFormMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "rest.static_files.StaticFiles",
    "django.middleware.common.CommonMiddleware",
    "rest.same_origin.SameOriginMiddleware",
    "rest.utf8_urls.TextAddressMiddleware",
    "rest.middleware.OptionalSlashMiddleware",
    "rest.database_away.DatabaseAwayMiddleware",
]
# Pages of other sites. While none is named, nothing of it is there.
CORS_ALLOWED_ORIGINS = ENVIRONMENT.CORS_ALLOWED_ORIGINS
CORS_URLS_REGEX = cross_origin.PATHS
CORS_ALLOW_METHODS = cross_origin.METHODS
CORS_ALLOW_HEADERS = cross_origin.SENT_HEADERS
CORS_EXPOSE_HEADERS = cross_origin.SHOWN_HEADERS
CORS_PREFLIGHT_MAX_AGE = cross_origin.PREFLIGHT_SECONDS
if CORS_ALLOWED_ORIGINS:
    MIDDLEWARE.insert(1, "corsheaders.middleware.CorsMiddleware")

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]

_DATABASE = dj_database_url.parse(ENVIRONMENT.DATABASE_URL)
DATABASES = {
    "default": {
        **_DATABASE,
        "ENGINE": "tasks_api.postgres",
        # Kept for ever: a new connection costs more than everything else in a request. A dead one is noticed.
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "OPTIONS": {
            "connect_timeout": 5,
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            "tcp_user_timeout": 10_000,
            "application_name": "punctual",
            **_DATABASE.get("OPTIONS", {}),
        },
    }
}
PREPARE_STATEMENTS = ENVIRONMENT.PREPARE_STATEMENTS
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "access.Person"
PASSWORD_HASHERS = ["access.people.passwords.Argon2"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# Secure is added where a request is https (`access.pages.page`).
CSRF_COOKIE_NAME = "punctual_csrf"
CSRF_COOKIE_PATH = "/ui/"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_AGE = None
CSRF_FAILURE_VIEW = "dashboard.shell.refused.csrf_failure"
SESSION_IDLE_SECONDS = ENVIRONMENT.SESSION_IDLE_HOURS * 3600
SESSION_SECONDS = ENVIRONMENT.SESSION_HOURS * 3600

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False

# A redirect would lose a POST's body; OptionalSlashMiddleware makes both spellings work.
APPEND_SLASH = False
STATIC_URL = "/static/"
# Files are served from the installed packages, so there is nothing to collect.
WHITENOISE_USE_FINDERS = True
STORAGES = {
    "staticfiles": {"BACKEND": "rest.static_files.HashedFiles"},
    "files": ENVIRONMENT.FILES_STORAGE
    or {"BACKEND": "files.storage.Folder", "OPTIONS": {"location": files_folder(ENVIRONMENT, BASE_DIR)}},
}
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024

REST_FRAMEWORK = {
    "EXCEPTION_HANDLER": "access.audit.refusals.exception_handler",
    "DEFAULT_AUTHENTICATION_CLASSES": ["access.door.Door"],
    "DEFAULT_PERMISSION_CLASSES": ["access.door.Guard"],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_PARSER_CLASSES": ["rest.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest.renderers.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "rest.negotiation.Negotiation",
    "URL_FORMAT_OVERRIDE": None,
}
SWAGGER_USE_COMPAT_RENDERERS = False
SWAGGER_SETTINGS = {
    "DEFAULT_GENERATOR_CLASS": "config.openapi.PunctualGenerator",
    "DEFAULT_AUTO_SCHEMA_CLASS": "rest.openapi.inspector.EndpointInspector",
    "SPEC_URL": "/swagger.json",
    # Null, for without a setting Swagger UI sends the document's address to a validator on the internet.
    "VALIDATOR_URL": None,
    "USE_SESSION_AUTH": False,
    # What "Authorize" asks for. A Bearer token is more than Swagger 2.0 can say.
    "SECURITY_DEFINITIONS": {
        "key": {"type": "apiKey", "in": "header", "name": "X-Api-Key", "description": "A key: `pct_...`."}
    },
    "DEEP_LINKING": True,
    "DEFAULT_MODEL_RENDERING": "example",
    # Folded: below the calls are more models than calls.
    "DEFAULT_MODEL_DEPTH": 0,
    "DISPLAY_OPERATION_ID": False,
    "SHOW_EXTENSIONS": False,
    "FETCH_SCHEMA_WITH_QUERY": False,
}
REDOC_SETTINGS = {
    "SPEC_URL": "/swagger.json",
    "FETCH_SCHEMA_WITH_QUERY": False,
    "PATH_IN_MIDDLE": True,
    "EXPAND_RESPONSES": "200,201,202",
    "HIDE_HOSTNAME": True,
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "refusal": {"()": "config.logs.RefusalFilter"},
        "harmless": {"()": "log_lines.harmless.HarmlessFilter"},
    },
    "formatters": {"console": {"()": "log_lines.formatting.formatter", "form": ENVIRONMENT.LOG_FORMAT}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "console",
            "filters": ["refusal", "harmless"],
        }
    },
    "root": {"handlers": ["console"], "level": ENVIRONMENT.LOG_LEVEL},
    "loggers": {
        # A 4xx is the caller's matter, and its answer tells it.
        "django.request": {"level": "ERROR"},
        **levels(ENVIRONMENT.LOG_LEVEL),
        # Of the pool's processes; Celery's does not hand its lines on.
        "multiprocessing": {"level": "ERROR", "handlers": ["console"], "propagate": False},
    },
}

# While there is no key: whether whoever reaches this service may do everything. If not, nobody may do anything.
OPEN_ACCESS = ENVIRONMENT.ALLOW_OPEN_ACCESS or is_loopback(ENVIRONMENT.PUBLISH_ADDRESS or ENVIRONMENT.HOST)

# The usual rate of each key, project and address; None: no limit.
RATE_LIMITS = {
    "key": rate_of(ENVIRONMENT.KEY_RATE_LIMIT) if ENVIRONMENT.KEY_RATE_LIMIT else None,
    "project": rate_of(ENVIRONMENT.PROJECT_RATE_LIMIT) if ENVIRONMENT.PROJECT_RATE_LIMIT else None,
    "address": rate_of(ENVIRONMENT.ADDRESS_RATE_LIMIT) if ENVIRONMENT.ADDRESS_RATE_LIMIT else None,
}

DEFAULT_FROM_EMAIL = ENVIRONMENT.DEFAULT_FROM_EMAIL
BATCH_MAX_TASKS = ENVIRONMENT.BATCH_MAX_TASKS
MISFIRE_GRACE_SECONDS = ENVIRONMENT.MISFIRE_GRACE_SECONDS
MIN_INTERVAL_SECONDS = ENVIRONMENT.MIN_INTERVAL_SECONDS
CATCHUP_BATCH = ENVIRONMENT.CATCHUP_BATCH
RETENTION_SUCCESS_DAYS = ENVIRONMENT.RETENTION_SUCCESS_DAYS
RETENTION_FAILURE_DAYS = ENVIRONMENT.RETENTION_FAILURE_DAYS
RETENTION_OCCURRENCE_DAYS = ENVIRONMENT.RETENTION_OCCURRENCE_DAYS
RETENTION_STATS_MINUTE_DAYS = ENVIRONMENT.RETENTION_STATS_MINUTE_DAYS
RETENTION_STATS_DAYS = ENVIRONMENT.RETENTION_STATS_DAYS
RETENTION_FILE_DAYS = ENVIRONMENT.RETENTION_FILE_DAYS
FILES_MAX_BYTES = ENVIRONMENT.FILES_MAX_MIB * 1024 * 1024
FILES_KEEP_FREE_BYTES = ENVIRONMENT.FILES_KEEP_FREE_MIB * 1024 * 1024
FILES_MIN_BYTES_PER_SECOND = ENVIRONMENT.FILES_MIN_BYTES_PER_SECOND
RETENTION_AUDIT_DAYS = ENVIRONMENT.RETENTION_AUDIT_DAYS
