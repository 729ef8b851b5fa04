"""Every setting that the environment may give, with its type, its default and what it means.

`docs/reference/configuration.md` is written from the descriptions below, and so is the line that tells what is wrong
with a setting (`config.setting_words`). What a field with `repr=False` has is shown nowhere.
"""

import ipaddress
from collections.abc import Callable
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from config import setting_checks as checks
from config.credentials import Credentials
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
    SECRET_KEY_FILE: SecretFile = Field(
        "",
        description="A file with the key, instead of SECRET_KEY. With systemd, the credential `secret_key`.",
    )
    DEBUG: bool = Field(False, description="Django's debug mode. Refused unless DEVELOPMENT=1.")
    ALLOWED_HOSTS: Annotated[list[str], NoDecode, _checked(checks.host_names)] = Field(
        LOCAL_HOSTS, description="Host names that callers may use, separated by commas. `*` is refused."
    )
    CORS_ALLOWED_ORIGINS: Annotated[list[str], NoDecode, _checked(checks.origins)] = Field(
        [],
        description="Sites whose pages may use the API in browsers, such as `https://app.example`, separated by "
        "commas. To change something they need a key.",
    )
    ALLOW_OPEN_ACCESS: bool = Field(
        False,
        description="While there is no key: whoever reaches this service may do everything, on addresses other than "
        "loopback, too. Without it, nobody can do anything there until there is a key.",
    )
    BOOTSTRAP_KEY_FILE: SecretFile = Field(
        "",
        description="A file with the text of a key, which `manage.py migrate` makes if there is no key yet: the first "
        "one, for everything. `misc/make-env.sh` writes one for containers.",
    )
    HOST: Address = Field("127.0.0.1", description="The address that web and Flower listen on.")
    PUBLISH_ADDRESS: Address = Field(
        "", description="In a container: the address of the machine on which HOST is published, if different."
    )
    TRUST_PROXY: bool = Field(
        False,
        description="Believe X-Forwarded-Proto, so that links are https, and the last address in X-Forwarded-For, "
        "so that callers are told apart by their addresses. Only for a proxy that always sets both.",
    )
    PORT: Port = Field(8000, description="The port of the HTTP API.")
    FLOWER_PORT: Port = Field(5555, description="The port of Flower.")
    FLOWER: bool = Field(True, description="Run Flower, and make workers send the events it shows.")
    FLOWER_BASIC_AUTH: Annotated[str, _checked(checks.logins)] = Field(
        "",
        description="`name:password` of whoever may see Flower and use its buttons. Without it, everyone who reaches "
        "Flower can look, and nobody can change anything; and once there is a key or a person, it shows nothing.",
        repr=False,
    )
    SESSION_IDLE_HOURS: Annotated[float, Field(gt=0, le=8_760)] = Field(
        8, description="After how long without a request somebody who logged in must do so again."
    )
    SESSION_HOURS: Annotated[float, Field(gt=0, le=8_760)] = Field(
        168, description="After how long somebody who logged in must do so again, whatever they do."
    )
    KEY_RATE_LIMIT: Annotated[str, _checked(checks.rate)] = Field(
        "",
        description="How many requests each key may send in how many seconds, such as `600/60`, unless it has a `rate` "
        "of its own. Default: as many as it likes.",
    )
    PROJECT_RATE_LIMIT: Annotated[str, _checked(checks.rate)] = Field(
        "", description="The same for all requests in one project together."
    )
    ADDRESS_RATE_LIMIT: Annotated[str, _checked(checks.rate)] = Field(
        "",
        description="The same for all requests from one address, also those with a wrong key or none. Of IPv6, a "
        "/64 network counts as one.",
    )
    DATABASE_URL: str = Field(
        "postgres://punctual@127.0.0.1:5432/punctual",
        description="Postgres 18 or newer. Parameters of libpq may follow, such as `?sslmode=verify-full`.",
        repr=False,
    )
    DATABASE_PASSWORD_FILE: SecretFile = Field(
        "",
        description="A file with the database's password, instead of one in DATABASE_URL. With systemd, the "
        "credential `database_password`.",
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
        "",
        description="A file with the broker's password, instead of one in CELERY_BROKER_URL. With systemd, the "
        "credential `broker_password`.",
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
    KEY_WAITING_LIMIT: Annotated[int, Field(ge=1, le=4096)] = Field(
        100, description="How many of these may be of one key, or of one person. Without keys, nobody counts."
    )
    UI: bool = Field(
        True, description="Serve pages for people below `/ui/`. Without them, nobody can log in either."
    )
    UI_STREAMS: Annotated[int, Field(ge=0, le=4096)] = Field(
        200,
        description="How many open pages each web process tells of changes as they happen; each uses one thread. The "
        "others ask every five seconds.",
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
        description="The folder with the values of secrets, one file each; with systemd, that of the credentials. "
        "A secret without a file is read from the variable `SECRET_<NAME>`. Only workers read them.",
    )
    EMAIL_URL: str = Field(
        "",
        description="Where mail goes: `smtp://user:password@host:587` (STARTTLS), `smtps://user:password@host:465` "
        "(TLS), `smtp+insecure://host:25`, or `file:///folder` to keep it in files.",
        repr=False,
    )
    EMAIL_PASSWORD_FILE: SecretFile = Field(
        "",
        description="A file with the mail server's password, instead of one in EMAIL_URL. With systemd, the "
        "credential `email_password`.",
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
    FILES_DIR: Annotated[str, _checked(checks.folder)] = Field(
        "",
        description="The folder for the bytes of files, which web, workers and sweeper share. Default: `files` in "
        "STATE_DIRECTORY, which systemd sets, or in DATA_DIR.",
    )
    FILES_STORAGE: Annotated[dict[str, Any], NoDecode] = Field(
        {},
        description="Instead of a folder, any storage of Django's: a JSON object with `BACKEND`, such as "
        "`storages.backends.s3.S3Storage`, and `OPTIONS`.",
        repr=False,
    )
    FILES_MAX_MIB: Annotated[int, Field(ge=1, le=1_048_576)] = Field(
        2_048, description="How large one file may be, in MiB."
    )
    FILES_KEEP_FREE_MIB: Annotated[int, Field(ge=0, le=1_048_576)] = Field(
        256, description="No file is taken that would leave less free on the disk, in MiB."
    )
    FILES_UPLOADS: Annotated[int, Field(ge=1, le=512)] = Field(
        32,
        description="How many files may be on their way at a time in each web process, at most 16 of one address; each "
        "uses one thread.",
    )
    FILES_MIN_BYTES_PER_SECOND: Annotated[int, Field(ge=1, le=10_000_000)] = Field(
        4_096, description="An upload that is slower for 30 seconds is broken off."
    )
    LOAD_TARGETS_FILE: str = Field(
        "",
        description="A file (`.toml` or `.json`) that lists the databases that `load_csv` may load and `query_to_csv` "
        "may ask. Every part of the service reads it.",
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
    RETENTION_STATS_MINUTE_DAYS: Days = Field(
        7, description="How long `GET /stats/` knows of each minute; of what is older, it knows of each hour."
    )
    RETENTION_STATS_DAYS: Days = Field(400, description="How long `GET /stats/` knows of what ended.")
    RETENTION_FILE_DAYS: Days = Field(
        30, description="How long files are kept after their upload, and after each task that reads them."
    )
    RETENTION_AUDIT_DAYS: Days = Field(400, description="How long events of the audit log are kept.")
    CATCHUP_BATCH: Annotated[int, Field(ge=1, le=10_000)] = Field(
        100, description="The most occurrences that one sweep creates for one schedule."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 (pydantic's signature)
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Pydantic's: where settings come from, those that count first."""
        return init_settings, env_settings, Credentials(settings_cls)

    @field_validator(
        "ALLOWED_HOSTS",
        "APPS",
        "CORS_ALLOWED_ORIGINS",
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

    _storage = field_validator("FILES_STORAGE", mode="before")(checks.storage)

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
