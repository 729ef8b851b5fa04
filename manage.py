#!/usr/bin/env python3
"""The one entry point: `python manage.py up` runs everything; `python manage.py help` lists the rest."""

import os
import signal
import sys

if sys.version_info < (3, 11):  # noqa: UP036 (whoever starts this with an old Python is to be told so)
    sys.exit("Punctual needs Python 3.11 or newer; this is Python %d.%d." % sys.version_info[:2])  # noqa: UP031 (must parse on old Pythons)


def main() -> None:
    if sys.argv[1:2] == ["up"]:
        # Before it has started anything, Ctrl-C just ends it, without a traceback.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        from config.stack import own_key, sourced

        if names := sourced.forget(os.environ):
            print(f"punctual: these settings come from a stack.env, and are left out: {', '.join(names)}")
        # All that it starts serves as in production, and is checked so from here on.
        os.environ["DEVELOPMENT"] = ""
        own_key.reserve(os.environ)
    needs_none = {"help", "--help", "-h", "install-systemd"}
    if set(sys.argv[1:2]) <= needs_none or sys.argv[2:3] in (["--help"], ["-h"]):
        # Whoever looks for a command, or for what it takes, need not have set anything yet. What is installed has its
        # settings in a file.
        os.environ.setdefault("DEVELOPMENT", "1")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit("\n".join(f"punctual: {line}" for line in str(error).splitlines()))


if __name__ == "__main__":
    main()
