"""Bytes in the storage: each once, whole or not at all, and never under a name of the caller's making."""

import errno
import hashlib
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from pytest_django import Settings

from access.refusals import QuotaReached
from files import contents, retention
from files.actions.drafts import discard, publish
from files.actions.opening import BytesLost, NotComplete, open_content
from files.actions.storing import NewFile, store
from files.actions.uploading import WrongOffset, append, begin
from files.models import File, FileContent, FilePart, find_file
from files.names import NoName, file_name, media_type
from files.newest import newest
from files.receiving import Received, TooLarge, receiving
from files.storage import StorageFull
from files.uses import Direction, note
from testing.access import make_project
from testing.files import BYTES, age, stored

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files_folder")]


def on_disk(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def read(file: File) -> bytes:
    with open_content(file) as stream:
        return stream.read()


def never_failed(identity: object, error: Exception) -> None:
    raise AssertionError(f"{identity}: {error}")


def test_it_works(files_folder: Path) -> None:
    file = find_file(stored().id, 1)
    assert (file.size, file.sha256, file.is_complete) == (8, hashlib.sha256(BYTES).hexdigest(), True)
    assert read(file) == BYTES
    (path,) = on_disk(files_folder)
    assert path.name.startswith(hashlib.sha256(BYTES).hexdigest())


def test_a_stream_is_read_in_pieces(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(BYTES * 500_000)
    with source.open("rb") as stream:
        file = store(stream, "a.csv", "text/csv", 1)
    with open_content(file) as content:
        content.seek(len(BYTES) * 499_999)
        assert content.read() == BYTES


def test_the_same_bytes_are_stored_once(files_folder: Path) -> None:
    first, second = stored("a.csv"), stored("b.csv", project_id=make_project("other").id)
    assert first.content_id == second.content_id
    assert len(on_disk(files_folder)) == 1


def test_what_broke_off_leaves_nothing(files_folder: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield BYTES
        raise ConnectionError

    with pytest.raises(ConnectionError):
        store(broken(), "a.csv", "text/csv", 1)
    assert on_disk(files_folder) == []
    assert not File.objects.exists()


def test_too_many_bytes_are_refused(settings: Settings, files_folder: Path) -> None:
    settings.FILES_MAX_BYTES = 7
    with pytest.raises(TooLarge):
        stored()
    assert on_disk(files_folder) == []


def test_a_quota_holds() -> None:
    project = make_project("small", quotas={"file_mebibytes": 1})
    stored(content=b"x" * 1_000_000, project_id=project.id)
    with pytest.raises(QuotaReached) as refused:
        stored(content=b"y" * 100_000, project_id=project.id)
    assert refused.value.extra == {"quota": "file_mebibytes", "limit": 1, "used": 1}


def test_what_is_to_stay_free_stays_free(settings: Settings, files_folder: Path) -> None:
    settings.FILES_KEEP_FREE_BYTES = 2**62
    with pytest.raises(StorageFull):
        stored()
    assert on_disk(files_folder) == []


def test_a_full_disk_is_told_and_leaves_nothing(files_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Received, piece: bytes) -> int:
        from files.storage import full_disk_told

        with full_disk_told():
            raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(Received, "write", full)
    with pytest.raises(StorageFull):
        stored()
    assert on_disk(files_folder) == []


def test_lost_bytes_are_told_and_come_back_with_the_same_upload(files_folder: Path) -> None:
    file = stored()
    for path in on_disk(files_folder):
        path.unlink()
    with pytest.raises(BytesLost):
        open_content(file)
    stored("again.csv")
    assert read(file) == BYTES


class TestUploads:
    def part(self, file: File, start: int, content: bytes) -> File:
        with receiving(file.size) as received:
            return append(file, start, received.take([content]))

    def begun(self, size: int = len(BYTES)) -> File:
        return begin(NewFile(name="a.csv", media_type="text/csv", project_id=1), size)

    def test_pieces_become_a_file(self, files_folder: Path) -> None:
        file = self.begun()
        with pytest.raises(NotComplete):
            open_content(file)
        file = self.part(file, 0, BYTES[:3])
        assert (file.offset, file.is_complete) == (3, False)
        file = self.part(file, 3, BYTES[3:])
        assert (file.offset, file.is_complete, read(file)) == (None, True, BYTES)
        assert len(on_disk(files_folder)) == 1
        assert not FilePart.objects.exists()

    def test_a_piece_at_another_place_is_refused(self, files_folder: Path) -> None:
        file = self.begun()
        late = self.begun()
        late.id = file.id
        self.part(file, 0, BYTES[:3])
        with pytest.raises(WrongOffset) as refused:
            self.part(late, 0, BYTES[:4])
        assert refused.value.offset == 3
        assert len(on_disk(files_folder)) == 1

    def test_the_sweep_gives_up_after_a_day(self, files_folder: Path) -> None:
        self.part(self.begun(), 0, BYTES[:3])
        assert retention.forget_old_files(10) == 0
        age("file", "expires_at")
        age("file_part", "created_at")
        assert retention.forget_old_files(10) == 1
        assert retention.remove_bytes(10, never_failed) == 1
        assert on_disk(files_folder) == []


class TestRetention:
    def test_old_files_go_and_their_bytes_after_them(self, files_folder: Path) -> None:
        stored("a.csv")
        stored("b.csv")
        File.objects.filter(name="a.csv").update(expires_at="2026-01-01T00:00:00Z")
        age("file_content", "touched_at")
        assert retention.forget_old_files(10) == 1
        assert retention.remove_bytes(10, never_failed) == 0
        File.objects.update(expires_at="2026-01-01T00:00:00Z")
        assert retention.forget_old_files(10) == 1
        assert retention.remove_bytes(10, never_failed) == 1
        assert on_disk(files_folder) == []
        assert not FileContent.objects.exists()

    def test_bytes_that_somebody_is_about_to_have_stay(self) -> None:
        with receiving(100) as received:
            contents.keep(received.take([BYTES]))
        assert retention.remove_bytes(10, never_failed) == 0

    def test_a_file_that_is_read_is_kept_longer(self) -> None:
        file = stored()
        File.objects.update(expires_at="2026-01-01T00:00:00Z")
        note(Direction.IN, [(file.id, uuid4())])
        assert find_file(file.id, 1).expires_at > file.created_at


class TestDrafts:
    def test_they_are_shown_when_the_attempt_succeeds(self) -> None:
        token = uuid4()
        file = stored(draft_of=token, task_id=uuid4())
        with pytest.raises(File.DoesNotExist):
            find_file(file.id, 1)
        assert newest(1, "*") is None
        assert [each.id for each in publish(token)] == [file.id]
        assert find_file(file.id, 1).task_id == file.task_id

    def test_they_are_gone_when_it_fails(self) -> None:
        token = uuid4()
        stored(draft_of=token)
        other = stored(draft_of=uuid4())
        assert discard(token) == 1
        assert File.objects.get().id == other.id


class TestNewest:
    @pytest.mark.parametrize(
        ("pattern", "found"),
        [
            ("daily-*.csv", "daily-2.csv"),
            ("daily-?.csv", "daily-2.csv"),
            ("daily-1.csv", "daily-1.csv"),
            ("*_1%", None),
            ("daily", None),
        ],
    )
    def test_the_last_that_fits(self, pattern: str, found: str | None) -> None:
        for name in ("daily-1.csv", "daily-2.csv", "other.csv"):
            stored(name, name.encode())
        begin(NewFile(name="daily-3.csv", media_type="text/csv", project_id=1), 7)
        stored("daily-4.csv", project_id=make_project("foreign").id)
        file = newest(1, pattern)
        assert (file and file.name) == found

    def test_one_that_is_too_old_does_not_count(self) -> None:
        stored()
        assert newest(1, "*", 3_600) is not None
        age("file", "created_at", "2 hours")
        assert newest(1, "*", 3_600) is None


class TestNames:
    @pytest.mark.parametrize(
        "name", ["", "..", ".", "a/b", "../../etc/passwd", "a\\b", "a\0b", "a\nb", "x" * 256, "a\u2028b"]
    )
    def test_what_is_no_name(self, name: str) -> None:
        with pytest.raises(NoName):
            file_name(name)

    @pytest.mark.parametrize("name", ["a", "x" * 255, "ünï.csv", "..a", "con", "a b'\";$(x).pdf"])
    def test_what_is_one(self, name: str) -> None:
        assert file_name(name) == name

    @pytest.mark.parametrize(
        ("said", "name", "kind"),
        [
            ("text/csv; charset=utf-8", "a", "text/csv"),
            ("Application/PDF", "a", "application/pdf"),
            (None, "a.csv", "text/csv"),
            ("application/x-www-form-urlencoded", "a.PDF", "application/pdf"),
            ("", "a", "application/octet-stream"),
        ],
    )
    def test_types(self, said: str | None, name: str, kind: str) -> None:
        assert media_type(said, name) == kind

    def test_what_is_no_type(self) -> None:
        with pytest.raises(ValueError, match="must be a media type"):
            media_type("nonsense", "a")
