"""The rows of a file as compressed parts in a bucket, each with its line first, and a manifest that lists them."""

import csv
import gzip
import io
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, BinaryIO, Protocol
from uuid import uuid4

from operations.errors import permanent
from operations.load.columns import Placing
from operations.load.definition import RedshiftStaging
from operations.load.order import Bad
from operations.load.rows import BLOCK, Row

ROWS_PER_PART = 500_000
HOW = (
    "install the packages of requirements-redshift.txt: `.venv/bin/python -m pip install --require-hashes -r "
)
HOW += "requirements-redshift.txt`"


class Bucket(Protocol):
    """What is used of boto3's client for S3."""

    def upload_fileobj(self, Fileobj: BinaryIO, Bucket: str, Key: str) -> None: ...  # noqa: N803 (boto3's names)

    def download_fileobj(self, Bucket: str, Key: str, Fileobj: BinaryIO) -> None: ...  # noqa: N803

    def delete_object(self, *, Bucket: str, Key: str) -> Any: ...  # noqa: N803


def bucket_of(staging: RedshiftStaging) -> Bucket:
    """A client, with the credentials that boto3 finds. Raises OperationError, for good, where boto3 is missing."""
    try:
        import boto3
    except ImportError:
        raise permanent("not_installed", f"boto3 is not installed: {HOW}") from None
    client: Bucket = boto3.client("s3", region_name=staging.region)
    return client


class Parts:
    """Those of one load. What was uploaded is deleted by `clear`."""

    def __init__(
        self, bucket: Bucket, staging: RedshiftStaging, placing: Placing, null: Sequence[str]
    ) -> None:
        self.count = 0
        self.bad: list[Bad] = []
        self._bucket = bucket
        self._name = staging.bucket
        self._prefix = f"{staging.prefix}{uuid4()}/"
        self._placing = placing
        self._null = set(null)
        self._pick = placing.picker()
        self._keys: list[str] = []

    def upload(self, rows: Iterator[Row], tell: Callable[[int], None]) -> str:
        """The address of the manifest. `tell` gets how many rows there are so far."""
        addresses: list[dict[str, object]] = []
        while first := list(islice(rows, 1)):
            key = f"{self._prefix}{len(addresses):05}.csv.gz"
            with tempfile.TemporaryFile() as file:
                self._write(file, first, rows, tell)
                self._put(file, key)
            addresses.append({"url": self._address(key), "mandatory": True})
        key = f"{self._prefix}manifest"
        self._put(io.BytesIO(json.dumps({"entries": addresses}).encode()), key)
        return self._address(key)

    def line_of(self, address: str, number: int) -> int:
        """The line of the file whose row is number `number` of a part."""
        with tempfile.TemporaryFile() as file:
            self._bucket.download_fileobj(self._name, address.removeprefix(self._address("")), file)
            file.seek(0)
            with gzip.open(file, "rt", encoding="utf-8", newline="") as text:
                row = next(islice(csv.reader(text), number - 1, None), ["0"])
                return int(row[0])

    def clear(self) -> None:
        """Delete all of it."""
        for key in self._keys:
            self._bucket.delete_object(Bucket=self._name, Key=key)

    def _write(
        self, file: BinaryIO, first: list[Row], rows: Iterator[Row], tell: Callable[[int], None]
    ) -> None:
        with gzip.open(file, "wt", encoding="utf-8", newline="", compresslevel=3) as text:
            writer = csv.writer(text, lineterminator="\n")
            block, left = first, ROWS_PER_PART
            while block:
                writer.writerows(each for row in block if (each := self._staged(row)) is not None)
                self.count += len(block)
                tell(self.count)
                left -= len(block)
                block = list(islice(rows, min(BLOCK, left)))
        file.seek(0)

    def _staged(self, row: Row) -> Sequence[object] | None:
        line, cells, reason = row
        if reason is None and len(cells) != self._placing.width:
            reason = self._placing.reason(cells)
        if reason is not None:
            self.bad.append(Bad(line, None, None, reason))
            return None
        return (line, *("" if cell in self._null else cell for cell in self._pick(cells)))

    def _put(self, file: BinaryIO, key: str) -> None:
        self._keys.append(key)  # first: what was uploaded in part is deleted, too
        self._bucket.upload_fileobj(file, self._name, key)

    def _address(self, key: str) -> str:
        return f"s3://{self._name}/{key}"
