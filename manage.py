#!/usr/bin/env python3
"""The one entry point: `python manage.py up` runs everything; `python manage.py help` lists the rest."""

import os
import signal
import sys

if sys.version_info < (3, 11):  # noqa: UP036 (whoever starts this with an old Python is to be told so)
    sys.exit("Punctual needs Python 3.11 or newer; this is Python %d.%d." % sys.version_info[:2])  # noqa: UP031 (must parse on old Pythons)


def main() -> None:
    if sys.argv[1:2] == ["up"]:
        # `up` is for one's own machine: it makes the secret key and starts the servers that the others require.
        os.environ["DEVELOPMENT"] = "1"
        # Before it has started anything, Ctrl-C just ends it, without a traceback.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        from config.stack import sourced

        if names := sourced.forget(os.environ):
            print(f"punctual: these settings come from a stack.env, and are left out: {', '.join(names)}")
    if set(sys.argv[1:2]) <= {"help", "--help", "-h"}:
        # Whoever looks for a command need not have set anything yet.
        os.environ.setdefault("DEVELOPMENT", "1")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit("punctual: " + str(error))


if __name__ == "__main__":
    main()
