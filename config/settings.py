"""Django's settings. What differs between installations comes from the environment (`config.environment`)."""

from pathlib import Path

import dj_database_url

from config.checked_environment import read_environment
from config.logs import levels
from config.own_apps import own_apps

BASE_DIR = Path(__file__).resolve().parent.parent
ENVIRONMENT = read_environment()

SECRET_KEY = ENVIRONMENT.secret_key
DEBUG = ENVIRONMENT.DEBUG
ALLOWED_HOSTS = ENVIRONMENT.ALLOWED_HOSTS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENVIRONMENT.TRUST_PROXY else None

# No sessions, users or cookies: the API knows none of them yet, and each costs every request.
INSTALLED_APPS = [
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_yasg",
    "rest",
    "tasks_api",
    "schedules",
    *own_apps(ENVIRONMENT.APPS),
    "config",
]
MIDDLEWARE = [
    "rest.middleware.RequestIdMiddleware",
    "rest.error_forms.ErrorFormMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.common.CommonMiddleware",
    "rest.same_origin.SameOriginMiddleware",
    "rest.utf8_urls.TextAddressMiddleware",
    "rest.middleware.OptionalSlashMiddleware",
    "rest.database_away.DatabaseAwayMiddleware",
]
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

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False

# A redirect would lose a POST's body; OptionalSlashMiddleware makes both spellings work.
APPEND_SLASH = False
STATIC_URL = "/static/"
# Swagger UI's files are served from the installed package, so there is nothing to collect.
WHITENOISE_USE_FINDERS = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024

REST_FRAMEWORK = {
    "EXCEPTION_HANDLER": "rest.handlers.exception_handler",
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_PARSER_CLASSES": ["rest.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest.renderers.JSONRenderer"],
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
    "SECURITY_DEFINITIONS": None,
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

DEFAULT_FROM_EMAIL = ENVIRONMENT.DEFAULT_FROM_EMAIL
BATCH_MAX_TASKS = ENVIRONMENT.BATCH_MAX_TASKS
MISFIRE_GRACE_SECONDS = ENVIRONMENT.MISFIRE_GRACE_SECONDS
MIN_INTERVAL_SECONDS = ENVIRONMENT.MIN_INTERVAL_SECONDS
CATCHUP_BATCH = ENVIRONMENT.CATCHUP_BATCH
RETENTION_SUCCESS_DAYS = ENVIRONMENT.RETENTION_SUCCESS_DAYS
RETENTION_FAILURE_DAYS = ENVIRONMENT.RETENTION_FAILURE_DAYS
RETENTION_OCCURRENCE_DAYS = ENVIRONMENT.RETENTION_OCCURRENCE_DAYS
