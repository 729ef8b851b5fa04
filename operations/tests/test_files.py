"""Arguments that refer to files, and files that operations make."""

import csv
import io
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import jsonschema
import pytest
from pydantic import Field
from typing_extensions import TypedDict

from operations import (
    Catalogue,
    Context,
    File,
    FileReference,
    InvalidArguments,
    MaxBytes,
    Media,
    Operation,
    OperationError,
)
from operations.files import FileAccess, FolderFiles, Newest, NoFile, file_ids, mentions_files

ID = "01a1f8c2-7d11-7c06-9b1e-52c7a0f3d481"
REFERENCE = {"$file": ID}
NEWEST = {"$file": {"newest": "daily-*.csv", "max_age_seconds": 86_400}}
TABLE = File(UUID(ID), "table.csv", "text/csv", 12, "0" * 64)


class Copied(TypedDict):
    """What was copied."""

    file: FileReference
    files: list[FileReference]


def copy(
    file: Annotated[File, Media("text/csv", "text/*"), MaxBytes(20), Field(description="What is copied.")],
    context: Context,
    more: Annotated[list[File], Field(max_length=3)] = [],  # noqa: B006 (nobody changes it)
    other: File | None = None,
    is_broken: bool = False,
) -> Copied:
    """Copy files."""
    made = []
    for each in (file, *more):
        with context.open(each) as stream, context.new_file(f"copy of {each.name}", each.media_type) as out:
            out.write(stream.read())
            if is_broken:
                raise OperationError("half of it is written")
        made.append(out.reference)
    return {"file": made[0], "files": made}


shelf = Catalogue()
shelf.operation(idempotent=True, timeout_seconds=30)(copy)
COPY: Operation = shelf.get("copy")


@pytest.fixture
def files(tmp_path: Path) -> FolderFiles:
    return FolderFiles(tmp_path)


def refuse(arguments: dict[str, Any], access: FileAccess | None = None) -> list[tuple[Any, ...]]:
    with pytest.raises(InvalidArguments) as caught:
        COPY.validate(arguments, files=access)
    return [tuple(error) for error in caught.value.errors]


class TestTheForm:
    @pytest.mark.parametrize(
        "arguments",
        [
            {"file": REFERENCE},
            {"file": NEWEST},
            {"file": REFERENCE, "more": [REFERENCE, NEWEST], "other": None},
            {
                "file": {"$file": {"newest": "*", "max_age_seconds": None, "if_none": "skip"}},
                "other": REFERENCE,
            },
        ],
    )
    def test_references_are_stored_as_they_came(self, arguments: dict[str, Any]) -> None:
        assert COPY.validate(arguments) == arguments
        jsonschema.validate(arguments, COPY.arguments_schema)

    @pytest.mark.parametrize(
        ("reference", "part"),
        [
            (ID, f'for the newest of such a name, got the text "{ID[:30]}'),
            ({}, "for the newest of such a name, got an object"),
            ({"$file": ID, "name": "x"}, "must be {"),
            ({"$file": 7}, "must be {"),
            ({"$file": None}, "must be {"),
            ({"$file": "../../etc/passwd"}, "must be {"),
            ({"$file": ID.upper()}, "in small letters"),
            ({"$file": ID.replace("-", "")}, "with dashes"),
            ({"$file": {}}, "must have in newest"),
            ({"$file": {"newest": ""}}, "must have in newest"),
            ({"$file": {"newest": 5}}, "must have in newest"),
            ({"$file": {"newest": "x" * 256}}, "must have in newest"),
            (
                {"$file": {"newest": "x", "max_age_seconds": 0}},
                "must have in max_age_seconds a number above 0",
            ),
            ({"$file": {"newest": "x", "max_age_seconds": True}}, "must have in max_age_seconds"),
            ({"$file": {"newest": "x", "if_none": "wait"}}, 'must have in if_none "fail" or "skip"'),
            ({"$file": {"newest": "x", "age": 1}}, "and nothing else, got 'age'"),
            ({"$file": {"newest": {"$secret": "crm_token"}}}, "must"),
        ],
    )
    def test_what_is_no_reference_is_refused_at_its_field(self, reference: Any, part: str) -> None:
        error = refuse({"file": reference})[0]
        assert error[0][:1] == ("file",)
        assert part in error[2] or error[1] == "secret_not_allowed"
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(
                {"file": reference},
                COPY.arguments_schema,
                format_checker=jsonschema.FormatChecker(["uuid"]),
            )

    def test_the_schema_tells_which_files_fit(self) -> None:
        properties = COPY.arguments_schema["properties"]
        assert properties["file"]["x-file"] == {"media": ["text/csv", "text/*"], "max_bytes": 20}
        assert properties["file"]["description"] == "What is copied."
        assert properties["more"]["items"]["x-file"] == {}
        assert COPY.takes_files

    def test_what_takes_no_files_says_so(self) -> None:
        def add(left: int, right: int) -> int:
            """Add."""
            return left + right

        other = Catalogue()
        other.operation(idempotent=True, timeout_seconds=1)(add)
        assert not other.get("add").takes_files

    def test_a_type_that_is_none(self) -> None:
        with pytest.raises(ValueError, match="must be media types"):
            Media("csv")


class TestTheDoor:
    def test_what_is_found_is_stored_by_its_id(self) -> None:
        access = FileAccess(lambda _: TABLE, lambda _: TABLE)
        assert COPY.validate({"file": NEWEST, "more": [REFERENCE]}, files=access) == {
            "file": REFERENCE,
            "more": [REFERENCE],
        }

    def test_the_newest_may_be_left_for_later(self) -> None:
        assert COPY.validate({"file": NEWEST}, files=FileAccess(lambda _: TABLE)) == {"file": NEWEST}

    def test_what_is_not_there_is_refused_at_its_field(self) -> None:
        def find(_: UUID) -> File:
            raise NoFile("unknown_file", "must be the id of a file")

        assert refuse({"file": REFERENCE, "more": [REFERENCE]}, FileAccess(find)) == [
            (("file",), "unknown_file", "must be the id of a file"),
            (("more", 0), "unknown_file", "must be the id of a file"),
        ]

    def test_what_does_not_fit_says_what_would(self) -> None:
        large = File(UUID(ID), "large.csv", "text/csv", 21, "0" * 64)
        image = File(UUID(ID), "image.png", "image/png", 1, "0" * 64)
        assert refuse({"file": REFERENCE}, FileAccess(lambda _: large)) == [
            (("file",), "file_too_large", 'must be a file of at most 20 bytes, got "large.csv" of 21')
        ]
        [(path, code, detail)] = refuse({"file": REFERENCE}, FileAccess(lambda _: image))
        assert (path, code) == (("file",), "wrong_media")
        assert detail == (
            'must be a file of type text/csv or text/*, got "image.png" of type image/png; upload it as that type'
        )
        assert COPY.validate({"file": REFERENCE, "other": REFERENCE}, files=FileAccess(lambda _: TABLE))


class TestARun:
    def test_reads_and_makes_files(self, files: FolderFiles) -> None:
        one = files.add("one.csv", b"a,b\n1,2\n", "text/csv")
        two = files.add("two.csv", b"a,b\n3,4\n", "text/csv")
        result = COPY.run({"file": one, "more": [two]}, Context("0199", 1, files=files))
        assert [files.read(each) for each in result["files"]] == [b"a,b\n1,2\n", b"a,b\n3,4\n"]
        COPY.signature.result.validate_python(result, strict=True)
        assert file_ids(result) == [UUID(each["$file"]) for each in result["files"]]

    def test_a_file_that_is_gone_fails_for_good(self, files: FolderFiles) -> None:
        with pytest.raises(OperationError, match="there is no file") as caught:
            COPY.run({"file": REFERENCE}, Context("0199", 1, files=files))
        assert (caught.value.type, caught.value.permanent) == ("file_missing", True)
        with pytest.raises(OperationError, match="behind this context"):
            COPY.run({"file": REFERENCE}, Context("0199", 1))

    def test_a_newest_file_that_was_not_there_fails_for_good(self, files: FolderFiles) -> None:
        with pytest.raises(
            OperationError, match=r"there was no file daily-\*\.csv that is at most 86400 s"
        ) as caught:
            COPY.run({"file": NEWEST}, Context("0199", 1, files=files))
        assert (caught.value.type, caught.value.permanent) == ("file_missing", True)

    def test_a_file_that_does_not_fit_any_more_fails_for_good(self, files: FolderFiles) -> None:
        with pytest.raises(OperationError, match="must be a file of at most 20 bytes") as caught:
            COPY.run({"file": files.add("x.csv", bytes(21), "text/csv")}, Context("0199", 1, files=files))
        assert (caught.value.type, caught.value.permanent) == ("invalid_arguments", True)

    def test_what_is_half_written_is_no_file(self, files: FolderFiles) -> None:
        one = files.add("one.csv", b"a", "text/csv")
        with pytest.raises(OperationError, match="half"):
            COPY.run({"file": one, "is_broken": True}, Context("0199", 1, files=files))
        assert [path.name for path in files.folder.iterdir()] == [one["$file"]]


class TestANewFile:
    def test_may_be_wrapped(self, files: FolderFiles) -> None:
        with Context("0199", 1, files=files).new_file("a.csv", "text/csv") as out:
            with io.TextIOWrapper(out, encoding="utf-8", newline="") as text:
                csv.writer(text).writerows([["ä", 1], ["b", 2]])
            with pytest.raises(ValueError, match="the file is complete"):
                out.write(b"more")
        assert files.read(out.reference) == "ä,1\r\nb,2\r\n".encode()
        assert (out.size, out.file.name, out.file.media_type) == (11, "a.csv", "text/csv")

    def test_has_no_reference_before_its_end(self, files: FolderFiles) -> None:
        with (
            Context("0199", 1, files=files).new_file("a.csv", "text/csv") as out,
            pytest.raises(ValueError, match="its `with` has to end"),
        ):
            assert out.reference

    def test_goes_nowhere_without_a_task(self) -> None:
        with (
            pytest.raises(LookupError, match="no place"),
            Context("0199", 1).new_file("a.csv", "text/csv") as out,
        ):
            out.write(b"x")


class TestReferencesInJson:
    def test_are_found_at_any_depth(self) -> None:
        value = {"a": [{"b": REFERENCE}, REFERENCE, {"$file": "no id"}], "c": NEWEST}
        assert file_ids(value) == [UUID(ID)]
        assert mentions_files(value)

    @pytest.mark.parametrize("value", [None, 1, "$file", [], {}, {"a": ["$file"]}])
    def test_or_there_is_none(self, value: Any) -> None:
        assert not mentions_files(value)

    def test_a_newest_file_in_words(self) -> None:
        assert str(Newest("a*", 60)) == "file a* that is at most 60 seconds old"
        assert str(Newest("a*")) == "file a*"
