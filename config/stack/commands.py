"""The command line of each role. `manage.py up` and `manage.py start` (compose) take them from here."""

import os
import secrets
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from config.connections import FILE_SENDERS, most_connections
from config.environment import Environment, is_loopback

WEB_KILL_SECONDS = 10
GRANIAN_LOGGING = Path(__file__).with_name("granian_logging.json")
# For glibc, and for the jemalloc in granian: else each thread would keep memory of the largest that it ever had.
MEMORY = {
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": str(128 * 1024),
    "_RJEM_MALLOC_CONF": "narenas:1,dirty_decay_ms:200,muzzy_decay_ms:0",
}
HEALTH_THREADS = 8
"""Beyond those that work and those that wait: whether a web process is well can always be asked."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command line, and what its environment needs besides."""

    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


def command_for(role: str, environment: Environment) -> Command:
    """How to run `role`. Ask anew for every start: a node's name is never used twice."""
    return ROLES[role](environment)


def _web(environment: Environment) -> Command:
    options = {
        "interface": "wsgi",
        "http": "1",
        "host": environment.HOST,
        "port": environment.PORT,
        "workers": environment.WEB_PROCESSES,
        # Threads come as they are needed; `rest.connection_turns` lets WEB_THREADS of them work, and others wait.
        "blocking-threads": _web_threads(environment),
        # Granian counts connections here, idle ones too.
        "backpressure": most_connections(),
        # A head is far smaller. Each connection may hold as much.
        "http1-buffer-size": 64 * 1024,
        "backlog": 2048,
        "workers-kill-timeout": WEB_KILL_SECONDS,
        "respawn-interval": 1,
        "log-level": environment.LOG_LEVEL.lower(),
        "log-config": GRANIAN_LOGGING,
    }
    arguments = [f"--{name}={value}" for name, value in options.items()]
    command = _python(
        _web_module(), *arguments, "--no-ws", "--respawn-failed-workers", "config.wsgi:application"
    )
    return Command(command.argv, MEMORY)


def _web_module() -> str:
    return "config.web_process" if os.environ.get("NOTIFY_SOCKET") else "granian"


def _web_threads(environment: Environment) -> int:
    """As many as can wait for something, and those who work."""
    waiting = environment.WEB_WAITING + environment.UI_STREAMS + environment.BODY_READERS + FILE_SENDERS
    return environment.WEB_THREADS + waiting + environment.FILES_UPLOADS + HEALTH_THREADS


def _worker(environment: Environment) -> Command:
    events = ["-E"] if environment.FLOWER else []
    return _node(environment, "worker", "-Q", "tasks", "-c", str(environment.WORKERS), "-O", "fair", *events)


def _sweeper(environment: Environment) -> Command:
    return _node(environment, "sweeper", "-Q", "sweep", "-P", "solo")


def _beat(environment: Environment) -> Command:
    return _celery(
        "beat", "-S", "schedules.sweep.beat:DueScheduler", "--pidfile=", "-l", environment.LOG_LEVEL
    )


def _flower(environment: Environment) -> Command:
    """Flower shows and changes nothing, unless FLOWER_BASIC_AUTH, which it reads itself, says who may."""
    guarded = bool(environment.FLOWER_BASIC_AUTH)
    refuse_open_flower(environment)
    options = [
        f"--address={environment.HOST}",
        f"--port={environment.FLOWER_PORT}",
        f"--read_only={not guarded}",
        "--tasks_columns=name,uuid,args,state,received,runtime,worker",
        "--purge_offline_workers=60",
        "--max_tasks=10000",
        # Tornado would set up a log of its own.
        "--logging=none",
    ]
    open_to_reading = not guarded and is_loopback(environment.PUBLISH_ADDRESS or environment.HOST)
    return Command(
        _celery("flower", *options, module="config.flower_process").argv,
        {"FLOWER_UNAUTHENTICATED_API": "true"} if open_to_reading else {},
    )


def refuse_open_flower(environment: Environment) -> None:
    """Keys do not guard Flower. Raises ImproperlyConfigured where others than this machine could look."""
    name = "PUBLISH_ADDRESS" if environment.PUBLISH_ADDRESS else "HOST"
    address = getattr(environment, name)
    if environment.FLOWER_BASIC_AUTH or environment.ALLOW_OPEN_ACCESS or is_loopback(address):
        return
    raise ImproperlyConfigured(
        f"{name}={address} would let anybody look at Flower, which knows no keys: set FLOWER_BASIC_AUTH=name:password, "
        "or leave Flower out with FLOWER=0"
    )


def _node(environment: Environment, name: str, *options: str) -> Command:
    # A restarted node must not pass for the one whose tasks are to be rescued.
    unique_name = f"{name}-{secrets.token_hex(2)}@%h"
    # Flower alone hears them: each would wake up this node and the broker every two seconds.
    heartbeat = [] if environment.FLOWER else ["--without-heartbeat"]
    quiet = ["--without-gossip", "--without-mingle", *heartbeat]
    return _celery("worker", "-n", unique_name, *options, *quiet, "-l", environment.LOG_LEVEL)


def _celery(*arguments: str, module: str = "celery") -> Command:
    return _python(module, "--quiet", "--app=config", *arguments)


def _python(module: str, *arguments: str) -> Command:
    return Command((sys.executable, "-m", module, *arguments))


ROLES: dict[str, Callable[[Environment], Command]] = {
    "web": _web,
    "worker": _worker,
    "sweeper": _sweeper,
    "beat": _beat,
    "flower": _flower,
}
