"""Every setting that the environment may give, with its type, its default and what it means.

`docs/reference/configuration.md` is written from the descriptions below, and so is the line that tells what is wrong
with a setting (`config.setting_words`). What a field with `repr=False` has is shown nowhere.
"""

import ipaddress
from collections.abc import Callable
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from config import setting_checks as checks
from config.password_files import readable

LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
MIN_SECRET_KEY_LENGTH = 32


def _checked(check: Callable[[Any], Any]) -> AfterValidator:
    """A check of what is set; nothing is."""
    return AfterValidator(lambda value: check(value) if value else value)


SecretName = Annotated[str, AfterValidator(checks.secret_name)]
Address = Annotated[str, _checked(checks.address)]
SecretFile = Annotated[str, _checked(readable)]
Port = Annotated[int, Field(ge=1, le=65_535)]
Days = Annotated[float, Field(gt=0, le=365_000)]


class Environment(BaseSettings):
    """What the environment says. An empty variable counts as not set."""

    model_config = SettingsConfigDict(env_ignore_empty=True, case_sensitive=True, extra="ignore")

    DEVELOPMENT: bool = Field(
        False, description="Allows an insecure SECRET_KEY, DEBUG and any host. For your own machine only."
    )
    SECRET_KEY: str = Field(
        "",
        description=f"Django's key for signing. At least {MIN_SECRET_KEY_LENGTH} random characters. Required.",
        repr=False,
    )
    SECRET_KEY_FILE: SecretFile = Field("", description="A file with the key, instead of SECRET_KEY.")
    DEBUG: bool = Field(False, description="Django's debug mode. Refused unless DEVELOPMENT=1.")
    ALLOWED_HOSTS: Annotated[list[str], NoDecode, _checked(checks.host_names)] = Field(
        LOCAL_HOSTS, description="Host names that callers may use, separated by commas. `*` is refused."
    )
    ALLOW_OPEN_ACCESS: bool = Field(
        False,
        description="Allows listening on addresses other than loopback, although there are no API keys yet.",
    )
    HOST: Address = Field("127.0.0.1", description="The address that web and Flower listen on.")
    PUBLISH_ADDRESS: Address = Field(
        "", description="In a container: the address of the machine on which HOST is published, if different."
    )
    TRUST_PROXY: bool = Field(
        False,
        description="Believe X-Forwarded-Proto, so that links are https, and the last address in X-Forwarded-For, "
        "so that slow callers are told apart. Only for a proxy that always sets both.",
    )
    PORT: Port = Field(8000, description="The port of the HTTP API.")
    FLOWER_PORT: Port = Field(5555, description="The port of Flower.")
    FLOWER: bool = Field(True, description="Run Flower, and make workers send the events it shows.")
    FLOWER_BASIC_AUTH: Annotated[str, _checked(checks.logins)] = Field(
        "",
        description="`name:password` of whoever may see Flower and use its buttons. Without it, everyone who reaches "
        "Flower can look, and nobody can change anything.",
        repr=False,
    )
    DATABASE_URL: str = Field(
        "postgres://punctual@127.0.0.1:5432/punctual",
        description="Postgres 18 or newer. Parameters of libpq may follow, such as `?sslmode=verify-full`.",
        repr=False,
    )
    DATABASE_PASSWORD_FILE: SecretFile = Field(
        "", description="A file with the database's password, instead of one in DATABASE_URL."
    )
    PREPARE_STATEMENTS: bool = Field(
        True,
        description="Whether workers and web send PREPARE, so that the database plans what they ask again and again "
        "only once a second. Not behind a pooler that forbids it.",
    )
    CELERY_BROKER_URL: str = Field(
        "redis://127.0.0.1:6379/0",
        description="Redis 7, Valkey 8 or RabbitMQ 3.10 (`amqp://`), or newer.",
        repr=False,
    )
    BROKER_PASSWORD_FILE: SecretFile = Field(
        "", description="A file with the broker's password, instead of one in CELERY_BROKER_URL."
    )
    WORKERS: Annotated[int, Field(ge=1, le=512)] = Field(
        2,
        description="Worker processes: how many tasks one worker service runs at once. Each uses a database "
        "connection, and a second one where operations use the database.",
    )
    WEB_PROCESSES: Annotated[int, Field(ge=1, le=64)] = Field(1, description="Processes of the web server.")
    WEB_THREADS: Annotated[int, Field(ge=2, le=512)] = Field(
        24,
        description="How many requests each web process handles at once; each uses a database connection.",
    )
    WEB_WAITING: Annotated[int, Field(ge=1, le=4096)] = Field(
        500,
        description="How many `?wait=` requests and event streams each web process also holds; each uses one thread.",
    )
    BODY_READERS: Annotated[int, Field(ge=1, le=512)] = Field(
        64,
        description="How many requests may wait for their bodies at a time in each web process, at most 16 of one "
        "address; each uses one thread.",
    )
    HEART_BEAT_SECONDS: Annotated[float, Field(ge=0.05, le=3600)] = Field(
        15, description="After how much silence an event stream sends a comment to show that it is alive."
    )
    APPS: Annotated[list[str], NoDecode] = Field(
        [],
        description="Django apps of your own, separated by commas, from the folder `apps` or wherever Python finds "
        "them; each may have a module `operations`, and pages in a module `urls`.",
    )
    SECRETS: Annotated[dict[SecretName, list[str]], NoDecode] = Field(
        {},
        description="Which operations may read which secrets: a JSON object of lists, "
        'such as `{"crm_token": ["http_request"]}`.',
        repr=False,
    )
    SECRETS_DIR: Annotated[str, _checked(checks.folder)] = Field(
        "/run/secrets",
        description="The folder with the values of secrets, one file each. "
        "A secret without a file is read from the variable `SECRET_<NAME>`. Only workers read them.",
    )
    EMAIL_URL: str = Field(
        "",
        description="Where mail goes: `smtp://user:password@host:587` (STARTTLS), `smtps://user:password@host:465` "
        "(TLS), `smtp+insecure://host:25`, or `file:///folder` to keep it in files.",
        repr=False,
    )
    EMAIL_PASSWORD_FILE: SecretFile = Field(
        "", description="A file with the mail server's password, instead of one in EMAIL_URL."
    )
    EMAIL_TIMEOUT_SECONDS: Annotated[float, Field(ge=1, le=60)] = Field(
        10, description="How long to wait for the mail server to answer."
    )
    DEFAULT_FROM_EMAIL: str = Field(
        "", description="The sender of mail, such as `Punctual <punctual@example.com>`."
    )
    EMAIL_ALLOWED_FROM: Annotated[list[str], NoDecode] = Field(
        [],
        description="Other senders a task may choose: addresses and domains (`@example.com`), separated by commas.",
    )
    HTTP_REQUEST_ALLOW: Annotated[list[str], NoDecode] = Field(
        [],
        description="Internal targets that `http_request` may reach: hosts, addresses and networks, each limited to "
        "one port if it ends like `:8443`, separated by commas.",
    )
    HTTP_REQUEST_REFUSE: Annotated[list[str], NoDecode] = Field(
        [],
        description="Public addresses and networks that `http_request` must not reach, separated by commas.",
    )
    HTTP_REQUEST_SECRET_HOSTS: Annotated[dict[SecretName, list[str]], NoDecode] = Field(
        {},
        description="The only hosts that `http_request` may send a secret to: a JSON object of lists, such as "
        '`{"crm_token": ["crm.example", "crm.example:8443"]}`. A secret that is not named may go to any host.',
        repr=False,
    )
    HTTP_REQUEST_CA_FILE: str = Field(
        "",
        description="A file of certificates (PEM) that `http_request` trusts in addition to the usual authorities.",
    )
    COMMANDS_FILE: str = Field(
        "",
        description="A file (`.toml` or `.json`) that lists the commands that `run_command` may run. "
        "Every part of the service reads it.",
    )
    LOG_LEVEL: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="What is logged: this and worse."
    )
    LOG_FORMAT: Literal["plain", "json"] = Field(
        "plain", description="`plain`, or `json` for an object per line, with [named events](logs.md)."
    )
    BATCH_MAX_TASKS: Annotated[int, Field(ge=1, le=100_000)] = Field(
        10_000, description="The most tasks that one batch request may contain."
    )
    MISFIRE_GRACE_SECONDS: Annotated[float, Field(ge=0, le=1_000_000_000)] = Field(
        5, description="An occurrence swept at most this late is on time, whatever its misfire policy."
    )
    MIN_INTERVAL_SECONDS: Annotated[int, Field(ge=1, le=366 * 86_400)] = Field(
        1,
        description="Rules whose instants are closer together than this are refused when somebody writes them. "
        "Schedules that have such a rule already go on, with a warning.",
    )
    RETENTION_SUCCESS_DAYS: Days = Field(
        30, description="How long successful tasks are kept after their end."
    )
    RETENTION_FAILURE_DAYS: Days = Field(
        90, description="How long failed and revoked tasks are kept after their end."
    )
    RETENTION_OCCURRENCE_DAYS: Days = Field(
        90, description="How long the outcomes of past occurrences are kept."
    )
    CATCHUP_BATCH: Annotated[int, Field(ge=1, le=10_000)] = Field(
        100, description="The most occurrences that one sweep creates for one schedule."
    )

    @field_validator(
        "ALLOWED_HOSTS",
        "APPS",
        "EMAIL_ALLOWED_FROM",
        "HTTP_REQUEST_ALLOW",
        "HTTP_REQUEST_REFUSE",
        mode="before",
    )
    @classmethod
    def _split(cls, value: Any) -> Any:
        return (
            [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
        )

    _lists = field_validator("SECRETS", "HTTP_REQUEST_SECRET_HOSTS", mode="before")(checks.lists_by_name)

    @field_validator("LOG_LEVEL", mode="before")
    @classmethod
    def _upper(cls, value: Any) -> Any:
        return value.upper() if isinstance(value, str) else value

    @cached_property
    def secret_key(self) -> str:
        """SECRET_KEY, or on a development machine a well-known one."""
        return self.SECRET_KEY or "development-only-" * 3


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
