"""Masks the secrets that this process has read in everything that it logs and prints."""

import logging
import sys
import threading
from collections.abc import Iterable
from typing import Any

from operations.secrets import Mask

MOST_VALUES = 50
"""The latest of them: a worker lives long, and secrets change."""


class _Secrets:
    """The secrets that this process has read, the latest last, and the mask that hides them."""

    def __init__(self) -> None:
        self._changing = threading.Lock()
        self._values: dict[str, None] = {}
        self.mask = Mask()

    def add(self, value: str) -> None:
        with self._changing:
            if value in self._values:
                return
            self._values[value] = None
            if len(self._values) > MOST_VALUES:
                del self._values[next(iter(self._values))]
            self.mask = Mask(self._values)
            _watch()


_secrets = _Secrets()


def keep_private(value: str) -> None:
    """From now on `value` is hidden in log records, whoever writes them where, and on standard output and error."""
    _secrets.add(value)


def hidden(text: str) -> str:
    """The text without the secrets that this process has read."""
    return _secrets.mask.text(text)


class PrivateRecord(logging.LogRecord):
    """A record that hides secrets before any handler sees its text."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.exc_info:
            self.exc_text = hidden(logging.Formatter().formatException(self.exc_info))

    def getMessage(self) -> str:  # noqa: N802 (logging's name)
        return hidden(super().getMessage())


class PrivateStream:
    """A stream that hides secrets."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Say that all of it was written, as `print` expects."""
        self._stream.write(hidden(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """As a file does, without line ends of its own."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _watch() -> None:
    """What has replaced the streams or the records meanwhile is wrapped anew."""
    logging.setLogRecordFactory(PrivateRecord)
    if not isinstance(sys.stdout, PrivateStream):
        sys.stdout = PrivateStream(sys.stdout)
    if not isinstance(sys.stderr, PrivateStream):
        sys.stderr = PrivateStream(sys.stderr)
