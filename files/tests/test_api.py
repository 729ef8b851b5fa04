"""`/files/` over HTTP: uploads of all kinds, downloads, and what is refused."""

import base64
import hashlib
from pathlib import Path
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from access.models import AuditEvent
from files import pdf_looks
from files.models import File, FileContent
from operations.pdf.tests.samples import sample
from testing.access import make_key, make_project
from testing.api import Answer, Api
from testing.files import BYTES, stored

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files_folder")]

SHA256 = hashlib.sha256(BYTES).hexdigest()
DIGEST = f"sha-256=:{base64.b64encode(hashlib.sha256(BYTES).digest()).decode()}:"
BOUNDARY = "multipart/form-data; boundary=xx"


def upload(api: Api, path: str = "/files/?name=a.csv", content: bytes = BYTES, **headers: str) -> Answer:
    return api.send("POST", path, content, headers.pop("content_type", "text/csv"), **headers)


def form(*parts: tuple[str, bytes]) -> bytes:
    written = [
        f'--xx\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        f"Content-Type: text/csv\r\n\r\n".encode()
        + content
        for name, content in parts
    ]
    return b"\r\n".join([*written, b"--xx--\r\n"])


def piece(
    api: Api,
    path: str,
    offset: object,
    content: bytes,
    kind: str = "application/octet-stream",
    **headers: str,
) -> Answer:
    return api.send("PATCH", path, content, kind, upload_offset=str(offset), **headers)


def test_it_works(api: Api) -> None:
    answer = upload(api)
    assert answer.status == 201
    told = answer.json
    assert answer.headers["Location"].endswith(f"/files/{told['id']}/")
    assert (told["name"], told["media_type"], told["size"], told["sha256"]) == (
        "a.csv",
        "text/csv",
        8,
        SHA256,
    )
    assert (told["is_complete"], told["offset"], told["task"], told["created_by"]) == (True, None, None, None)
    assert api.get(f"/files/{told['id']}/").json == told
    assert api.get("/files/").json["results"] == [told]
    content = api.get(f"/files/{told['id']}/content/")
    assert (content.status, content.content) == (200, BYTES)


def test_a_key_is_named_as_its_author() -> None:
    key = make_key("developer", make_project("acme"))
    assert upload(Api(key.text)).json["created_by"] == f"key:{key.id}"
    event = AuditEvent.objects.get(action="file.create")
    assert event.changes["name"] == {"after": "a.csv"}


def test_a_form_is_taken_too(api: Api) -> None:
    answer = upload(api, "/files/", form(("b.csv", BYTES)), content_type=BOUNDARY)
    assert (answer.status, answer.json["name"], answer.json["sha256"]) == (201, "b.csv", SHA256)
    named = upload(api, "/files/?name=c.csv", form(("b.csv", BYTES)), content_type=BOUNDARY)
    assert named.json["name"] == "c.csv"


def test_a_path_in_a_form_becomes_a_name(api: Api, files_folder: Path) -> None:
    answer = upload(api, "/files/", form(("../../etc/passwd", BYTES)), content_type=BOUNDARY)
    assert answer.json["name"] == "passwd"
    assert all(path.is_relative_to(files_folder) for path in files_folder.rglob("*"))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (form(), "no_file"),
        (form(("a", BYTES), ("b", BYTES)), "too_many_files"),
        (b"--xx\r\nnonsense", "no_file"),
        (b'--xx\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--xx--\r\n', "no_file"),
    ],
)
def test_forms_that_are_refused(api: Api, body: bytes, code: str) -> None:
    assert upload(api, "/files/", body, content_type=BOUNDARY).errors()[0][1] == code
    assert not File.objects.exists()


@pytest.mark.parametrize("name", ["..", "../a", "a%2Fb", "a%5Cb", "a%0Ab", "x" * 256, "", "a%00b"])
def test_names_that_are_refused(api: Api, name: str) -> None:
    assert upload(api, f"/files/?name={name}").errors()[0][0] == "name"


def test_a_name_is_needed(api: Api) -> None:
    assert upload(api, "/files/").errors() == [
        ("name", "missing", "must be given in the query, such as ?name=report.pdf")
    ]


def test_curls_own_type_says_nothing(api: Api) -> None:
    answer = upload(api, "/files/?name=a.pdf", content_type="application/x-www-form-urlencoded")
    assert answer.json["media_type"] == "application/pdf"
    assert upload(api, "/files/?name=a.pdf&media_type=text/plain").json["media_type"] == "text/plain"


def test_what_is_packed_is_refused(api: Api) -> None:
    upload(api, content_encoding="gzip").problem(415, "unsupported_media_type")


def test_nothing_is_no_file(api: Api) -> None:
    assert upload(api, content=b"").errors()[0][1] == "empty_body"


def test_a_digest_is_held_against_what_came(api: Api, files_folder: Path) -> None:
    assert upload(api, content_digest=DIGEST).status == 201
    upload(api, content=b"other", content_digest=DIGEST).problem(422, "digest_mismatch")
    assert upload(api, content_digest="sha-256=:nonsense:").errors()[0][0] == "Content-Digest"
    assert upload(api, content=b"other", content_digest="md5=:AAAA:").status == 201
    assert File.objects.count() == 2


def test_a_request_that_is_repeated_makes_one_file(api: Api) -> None:
    first = upload(api, idempotency_key="one")
    again = upload(api, idempotency_key="one")
    assert (again.status, again.json) == (201, first.json)
    assert again.headers["Idempotent-Replayed"] == "true"
    upload(api, content=b"other", idempotency_key="one").problem(422, "idempotency_key_reused")
    assert File.objects.count() == 1
    api.delete(f"/files/{first.json['id']}/")
    upload(api, idempotency_key="one").problem(410, "gone")


def test_what_is_too_large_is_refused(api: Api, settings: Settings, files_folder: Path) -> None:
    settings.FILES_MAX_BYTES = 7
    upload(api).problem(413, "content_too_large")
    upload(api, content=b"x" * 100_000).problem(413, "content_too_large")
    assert upload(api, "/files/?name=a&size=8", b"").errors()[0][0] == "size"
    assert [path for path in files_folder.rglob("*") if path.is_file()] == []


def test_a_full_disk_is_told(api: Api, settings: Settings) -> None:
    settings.FILES_KEEP_FREE_BYTES = 2**62
    upload(api).problem(507, "insufficient_storage")
    assert not FileContent.objects.exists()


def test_a_quota_holds() -> None:
    api = Api(make_key("developer", make_project("small", quotas={"file_mebibytes": 1})).text)
    assert upload(api, content=b"x" * 1_000_000).status == 201
    assert upload(api, content=b"x" * 100_000).problem(409, "quota_reached")["quota"] == "file_mebibytes"
    upload(api, "/files/?name=a&size=100000", b"").problem(409, "quota_reached")


class TestResumable:
    def begun(self, api: Api, size: int = 8) -> str:
        answer = upload(api, f"/files/?name=a.csv&size={size}", b"")
        assert (answer.status, answer.headers["Upload-Offset"]) == (201, "0")
        assert (answer.json["is_complete"], answer.json["sha256"]) == (False, None)
        return f"/files/{answer.json['id']}/"

    @pytest.mark.parametrize("kind", ["application/octet-stream", "application/offset+octet-stream"])
    def test_it_works(self, api: Api, kind: str) -> None:
        path = self.begun(api)
        answer = piece(api, path, 0, BYTES[:5], kind)
        assert (answer.status, answer.headers["Upload-Offset"], answer.json["offset"]) == (200, "5", 5)
        assert api.send("HEAD", path).headers["Upload-Offset"] == "5"
        api.get(f"{path}content/").problem(409, "upload_unfinished")
        answer = piece(api, path, 5, BYTES[5:], kind, content_digest="")
        assert (answer.json["is_complete"], answer.json["sha256"]) == (True, SHA256)
        assert answer.headers["Upload-Offset"] == "8"
        assert api.get(f"{path}content/").content == BYTES

    def test_it_goes_on_only_where_it_is(self, api: Api) -> None:
        path = self.begun(api)
        piece(api, path, 0, BYTES[:5])
        for offset in (0, 4, 6, 8):
            refused = piece(api, path, offset, b"x")
            assert refused.problem(409, "wrong_offset")["offset"] == 5
            assert refused.headers["Upload-Offset"] == "5"
        piece(api, path, 5, BYTES[5:])
        piece(api, path, 8, b"x").problem(409, "wrong_offset")

    def test_it_gets_no_more_than_was_announced(self, api: Api) -> None:
        path = self.begun(api)
        piece(api, path, 0, BYTES + b"x").problem(413, "content_too_large")
        assert api.send("HEAD", path).headers["Upload-Offset"] == "0"

    @pytest.mark.parametrize("offset", ["-1", "x", "1.5", "٣", "9" * 16, "+1"])
    def test_offsets_that_are_none(self, api: Api, offset: str) -> None:
        assert piece(api, self.begun(api), offset, b"x").errors()[0][0] == "Upload-Offset"

    def test_a_piece_with_other_bytes_is_not_kept(self, api: Api) -> None:
        path = self.begun(api)
        piece(api, path, 0, b"other", content_digest=DIGEST).problem(422, "digest_mismatch")
        assert api.send("HEAD", path).headers["Upload-Offset"] == "0"

    def test_it_can_be_given_up(self, api: Api, files_folder: Path) -> None:
        path = self.begun(api)
        piece(api, path, 0, BYTES[:5])
        assert api.delete(path).status == 204
        assert [found for found in files_folder.rglob("*") if found.is_file()] == []

    def test_a_beginning_that_is_repeated_is_one(self, api: Api) -> None:
        first = upload(api, "/files/?name=a&size=8", b"", idempotency_key="one")
        assert upload(api, "/files/?name=a&size=8", b"", idempotency_key="one").json == first.json

    def test_a_body_is_no_beginning(self, api: Api) -> None:
        assert upload(api, "/files/?name=a&size=8").errors()[0][1] == "unexpected_body"


class TestContent:
    @pytest.fixture
    def path(self) -> str:
        return f"/files/{stored('ä b.csv').id}/content/"

    def test_no_browser_runs_it(self, api: Api, path: str) -> None:
        headers = api.get(path).headers
        assert headers["Content-Disposition"] == "attachment; filename*=utf-8''%C3%A4%20b.csv"
        assert headers["Content-Security-Policy"].startswith("sandbox;")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert (headers["Content-Type"], headers["Content-Length"]) == ("text/csv", "8")

    @pytest.mark.parametrize(
        ("asked", "start", "end"),
        [
            ("bytes=0-3", 0, 4),
            ("bytes=4-", 4, 8),
            ("bytes=-2", 6, 8),
            ("bytes=0-99", 0, 8),
            ("bytes=-99", 0, 8),
        ],
    )
    def test_a_part(self, api: Api, path: str, asked: str, start: int, end: int) -> None:
        answer = api.get(path, range=asked)
        assert (answer.status, answer.content) == (206, BYTES[start:end])
        assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/8"
        assert answer.headers["Content-Length"] == str(end - start)

    @pytest.mark.parametrize("asked", ["bytes=8-", "bytes=99-100", "bytes=-0"])
    def test_a_part_that_is_not_there(self, api: Api, path: str, asked: str) -> None:
        answer = api.get(path, range=asked)
        answer.problem(416, "range_not_satisfiable")
        assert answer.headers["Content-Range"] == "bytes */8"

    @pytest.mark.parametrize("asked", ["bytes=0-1,3-4", "lines=1-2", "bytes=3-1", "bytes=-", "nonsense", ""])
    def test_what_is_no_range_is_all(self, api: Api, path: str, asked: str) -> None:
        answer = api.get(path, range=asked)
        assert (answer.status, answer.content) == (200, BYTES)

    def test_conditions(self, api: Api, path: str) -> None:
        tag = api.get(path).headers["ETag"]
        assert tag == f'"{SHA256}"'
        assert api.get(path, if_none_match=tag).status == 304
        assert api.get(path, if_none_match='"other"').status == 200
        assert api.get(path, range="bytes=0-3", if_range=tag).status == 206
        assert api.get(path, range="bytes=0-3", if_range='"other"').status == 200

    def test_lost_bytes_are_told(self, api: Api, path: str, files_folder: Path) -> None:
        for found in files_folder.rglob("*"):
            if found.is_file():
                found.unlink()
        api.get(path).problem(410, "bytes_gone")


class TestPreview:
    def preview(self, api: Api, name: str, content: bytes) -> Answer:
        told = upload(api, f"/files/?name={name}", content, content_type="").json
        return api.get(f"/files/{told['id']}/preview/")

    def test_rows(self, api: Api) -> None:
        told = self.preview(api, "a.csv", b'id;name\n1;"A;da"\n').json
        assert (told["kind"], told["delimiter"], told["is_cut"]) == ("csv", ";", False)
        assert told["rows"] == [["id", "name"], ["1", "A;da"]]

    def test_many_rows_are_cut(self, api: Api) -> None:
        told = self.preview(api, "a.csv", b"1,2\n" * 100_000).json
        assert (len(told["rows"]), told["is_cut"]) == (50, True)

    def test_hostile_rows(self, api: Api) -> None:
        told = self.preview(api, "a.csv", b'"' + b"\xff\x00" * 200_000).json
        assert (told["kind"], told["is_cut"]) == ("csv", True)

    def test_text(self, api: Api) -> None:
        told = self.preview(api, "a.txt", "\ufeffé\n".encode("utf-16-le")).json
        assert (told["kind"], told["text"], told["encoding"]) == ("text", "é\n", "utf-16")

    def test_pages(self, api: Api) -> None:
        told = self.preview(api, "a.pdf", sample(7, is_ruled=False).pdf).json
        assert (told["kind"], told["pages"], told["rows"], told["text"]) == ("pdf", 2, None, None)

    def test_a_pdf_that_cannot_be_read(self, api: Api) -> None:
        told = self.preview(api, "a.pdf", b"%PDF-1.7 nothing").json
        assert (told["kind"], told["pages"]) == ("none", None)

    def test_few_pdfs_at_a_time(self, api: Api) -> None:
        told = upload(api, "/files/?name=a.pdf", b"%PDF-1.7", content_type="").json
        for _ in range(pdf_looks.AT_A_TIME):
            assert pdf_looks.places.acquire(blocking=False)
        try:
            api.get(f"/files/{told['id']}/preview/").problem(503, "too_many_previews")
        finally:
            pdf_looks.places.release(pdf_looks.AT_A_TIME)

    def test_nothing(self, api: Api) -> None:
        assert self.preview(api, "a.bin", b"\x00\x01").json["kind"] == "none"


class TestList:
    def test_filters(self, api: Api) -> None:
        upload(api, "/files/?name=daily-1.csv")
        upload(api, "/files/?name=daily-2.csv", b"other")
        upload(api, "/files/?name=x.pdf&size=9", b"")

        def names(query: str) -> list[str]:
            return [file["name"] for file in api.get(f"/files/?{query}").json["results"]]

        assert names("") == ["x.pdf", "daily-2.csv", "daily-1.csv"]
        assert names("name=daily-*") == ["daily-2.csv", "daily-1.csv"]
        assert names("name=daily-1.csv") == ["daily-1.csv"]
        assert names(f"sha256={SHA256}") == ["daily-1.csv"]
        assert names("complete=false") == ["x.pdf"]
        assert names("media_type=application/pdf") == ["x.pdf"]
        assert names(f"task={uuid4()}") == []
        assert names("created_before=2026-01-01T00:00:00Z") == []

    def test_pages(self, api: Api, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        for number in range(3):
            stored(f"{number}")
        with django_assert_num_queries(1):
            page = api.get("/files/?limit=2").json
        assert [file["name"] for file in page["results"]] == ["2", "1"]
        assert [file["name"] for file in api.get(page["next"]).json["results"]] == ["0"]


class TestChanges:
    def test_it_works(self, api: Api) -> None:
        path = f"/files/{stored().id}/"
        answer = api.send("PATCH", path, b'{"name": "b.csv", "expires_at": "2030-01-01T00:00:00Z"}')
        assert (answer.json["name"], answer.json["expires_at"]) == ("b.csv", "2030-01-01T00:00:00Z")
        event = AuditEvent.objects.get(action="file.update")
        assert event.changes["name"] == {"before": "a.csv", "after": "b.csv"}

    @pytest.mark.parametrize(
        "body", [b'{"name": "../x"}', b'{"expires_at": "2020-01-01T00:00:00Z"}', b'{"size": 7}', b"[]"]
    )
    def test_what_is_refused(self, api: Api, body: bytes) -> None:
        assert api.send("PATCH", f"/files/{stored().id}/", body).errors()

    def test_deletion(self, api: Api) -> None:
        path = f"/files/{stored().id}/"
        assert api.delete(path).status == 204
        api.get(path).problem(404, "not_found")
        api.delete(path).problem(404, "not_found")
        assert AuditEvent.objects.get(action="file.delete").changes["name"] == {"before": "a.csv"}


def test_what_is_of_another_project_is_not_there(api: Api) -> None:
    file = stored(project_id=make_project("foreign").id)
    for path in (f"/files/{file.id}/", f"/files/{file.id}/content/", f"/files/{file.id}/preview/"):
        api.get(path).problem(404, "not_found")
    piece(api, f"/files/{file.id}/", 0, b"x").problem(404, "not_found")
    api.delete(f"/files/{file.id}/").problem(404, "not_found")
    assert api.get("/files/").json["results"] == []
