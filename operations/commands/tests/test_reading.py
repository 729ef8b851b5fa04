"""The file that names commands."""

import json
from pathlib import Path
from typing import Any

import pytest

from operations import catalogue
from operations.commands import Commands, read_commands
from operations.operator_files import InvalidFile
from operations.testing import configured

TOML = """
[dump_table]
description = "Write one table into a file."
argv = ["/usr/bin/pg_dump", ["--table", "{table}"], "--jobs={jobs}", "shop", "a{{b}}"]
timeout_seconds = 600
success_exit_codes = [0, 1]
retry_exit_codes = [75]
idempotent = true
directory = "/srv"

[dump_table.arguments.table]
type = "string"
pattern = "[a-z_]+"
max_length = 63
required = false

[dump_table.arguments.jobs]
type = "integer"
minimum = 1
maximum = 8
default = 2

[dump_table.environment]
PGUSER = "shop"
PGPASSWORD = {"$secret" = "shop_password"}

[up]
description = "How long this machine is up."
argv = ["/usr/bin/uptime"]
"""
LEAST: dict[str, Any] = {"description": "Something.", "argv": ["/bin/true"]}


def read(folder: Path, text: str, name: str = "commands.toml") -> Commands:
    path = folder / name
    path.write_text(text)
    return read_commands(path)


def refusal(folder: Path, document: Any) -> str:
    with pytest.raises(InvalidFile) as caught:
        read(folder, json.dumps(document), "commands.json")
    return str(caught.value).replace(f"{folder}/", "")


def test_toml(tmp_path: Path) -> None:
    commands = dict(read(tmp_path, TOML).items())
    assert list(commands) == ["dump_table", "up"]
    dump, up = commands.values()
    assert (dump.timeout_seconds, dump.idempotent, dump.directory) == (600, True, "/srv")
    assert dump.secrets() == ["shop_password"]
    assert (up.timeout_seconds, up.idempotent, up.directory) == (3_600, False, "/")
    assert (up.success_exit_codes, up.retry_exit_codes) == ([0], [])


def test_json(tmp_path: Path) -> None:
    assert read(tmp_path, json.dumps({"it": LEAST}), "commands.json").get("it")


def test_an_empty_file_names_no_commands(tmp_path: Path) -> None:
    assert read(tmp_path, "").items() == []


TEXT = {"type": "string", "pattern": ".*"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"argv": None}, "it.argv: must be a list, got null"),
        ({"argv": []}, "it.argv: must have at least 1 item, got 0"),
        ({"argv": "/bin/true"}, 'it.argv: must be a list, got the text "/bin/true"'),
        ({"argv": ["true"]}, "it: argv must begin with the absolute path of a program"),
        ({"argv": [["/bin/true"]]}, "it: argv must begin with the absolute path of a program"),
        ({"argv": ["/bin/{x}"], "arguments": {"x": TEXT}}, "it: argv must begin with the absolute path of a program"),
        ({"argv": ["/bin/true", "{x}"]}, "it: argv uses {x}, which is not among the arguments"),
        ({"argv": ["/bin/true", "{"]}, "it.argv.1: has a single brace in '{': write {{ or }} for one"),
        ({"argv": ["/bin/true", "a}"]}, "it.argv.1: has a single brace in 'a}': write {{ or }} for one"),
        ({"argv": ["/bin/true", "{}"]}, "it.argv.1: has braces without a plain name in '{}': write {name}"),
        ({"argv": ["/bin/true", "{x.y}"]}, "it.argv.1: has braces without a plain name in '{x.y}': write {name}"),
        ({"argv": ["/bin/true", "{x!r}"]}, "it.argv.1: has braces without a plain name in '{x!r}': write {name}"),
        ({"argv": ["/bin/true", "{x:>9}"]}, "it.argv.1: has braces without a plain name in '{x:>9}': write {name}"),
        ({"argv": ["/bin/true", "a\0b"]}, "it.argv.1: must not contain the NUL character"),
        ({"argv": ["/bin/true", ["a"]]},
         "it: argv has a list without an argument in it, which would never be left out"),
        ({"arguments": {"x": TEXT}}, "it: argv does not use the argument x"),
        ({"argv": ["/bin/true", "{x}"], "arguments": {"x": TEXT | {"required": False}}},
         "it: argv uses {x}, which need not be given: put the element into a list, which is left out then, "
         "or give the argument a default"),
        ({"arguments": {"X": TEXT}},
         "it.arguments.X: must match the pattern ^[a-z][a-z0-9_]{0,62}$, got the text \"X\""),
        ({"arguments": {"x": {"type": "text"}}},
         "it.arguments.x.type: must be one of 'string', 'integer', 'number', got the text \"text\""),
        ({"arguments": {"x": {}}}, "it.arguments.x.type: is required"),
        ({"arguments": {"x": {"type": "string"}}},
         'it.arguments.x: must have either a pattern (".*" takes any text of one line) or choices'),
        ({"arguments": {"x": TEXT | {"choices": ["a"]}}},
         'it.arguments.x: must have either a pattern (".*" takes any text of one line) or choices'),
        ({"arguments": {"x": TEXT | {"pattern": "["}}},
         "it.arguments.x: has a pattern that is no regular expression without look-around: ["),
        ({"arguments": {"x": TEXT | {"pattern": "a)|(b"}}},
         "it.arguments.x: has a pattern that is no regular expression without look-around: a)|(b"),
        ({"arguments": {"x": TEXT | {"pattern": "(?=a)"}}},
         "it.arguments.x: has a pattern that is no regular expression without look-around: (?=a)"),
        ({"arguments": {"x": TEXT | {"pattern": "[a-z]", "default": "ab"}}},
         "it.arguments.x: has a default that it would refuse: 'ab'"),
        ({"arguments": {"x": {"type": "integer", "maximum": 3, "default": 4}}},
         "it.arguments.x: has a default that it would refuse: 4"),
        ({"arguments": {"x": {"type": "integer", "pattern": "a"}}}, "it.arguments.x.pattern: is not a known field"),
        ({"environment": {"A=B": "c"}},
         'it.environment.A=B: must match the pattern ^[A-Za-z_][A-Za-z0-9_]*$, got the text "A=B"'),
        ({"environment": {"A": 7}}, "it.environment.A: must be text or an object, got 7"),
        ({"environment": {"A": "a\0b"}}, "it.environment.A: must not contain the NUL character"),
        ({"environment": {"A": {"$secret": "../x"}}},
         "it.environment.A.$secret: must match the pattern ^[a-z][a-z0-9_]{0,63}$, got the text \"../x\""),
        ({"directory": "srv"}, "it.directory: must be an absolute path, got srv"),
        ({"timeout_seconds": 0}, "it.timeout_seconds: must be more than 0, got 0"),
        ({"timeout_seconds": 604_801}, "it.timeout_seconds: must be at most 604800, got 604801"),
        ({"success_exit_codes": []}, "it.success_exit_codes: must have at least 1 item, got 0"),
        ({"success_exit_codes": [256]}, "it.success_exit_codes.0: must be at most 255, got 256"),
        ({"retry_exit_codes": [0]}, "it: success_exit_codes and retry_exit_codes both have 0"),
        ({"shell": True}, "it.shell: is not a known field"),
        ({"idempotent": "yes"}, 'it.idempotent: must be true or false, got the text "yes"'),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    assert f"commands.json: {message}" in refusal(tmp_path, {"it": LEAST | changes}).splitlines()


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    lines = refusal(tmp_path, {"one": {"argv": []}, "two": LEAST, "Three": LEAST}).splitlines()
    assert lines == [
        "commands.json: one.description: is required",
        "commands.json: one.argv: must have at least 1 item, got 0",
        'commands.json: Three: must match the pattern ^[a-z][a-z0-9_]{0,62}$, got the text "Three"',
    ]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("commands.toml", "[it", "is no TOML: "),
        ("commands.json", "{", "is no JSON: "),
        ("commands.json", "[" * 100_000, "is no JSON: "),
        ("commands.json", "[]", "must be an object, got a list"),
        ("commands.yaml", "", "must end in .toml or .json"),
    ],
)
def test_no_such_document(tmp_path: Path, name: str, text: str, message: str) -> None:
    with pytest.raises(InvalidFile) as caught:
        read(tmp_path, text, name)
    assert str(caught.value).startswith(f"{tmp_path / name}: {message}")
    assert "\n" not in str(caught.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "latin.toml").write_bytes(b"# \xe4")
    for name, reason in [
        ("none.toml", "cannot be read: No such file or directory"),
        ("folder.toml", "cannot be read: Is a directory"),
        ("latin.toml", "is no TOML: "),
    ]:
        with pytest.raises(InvalidFile) as caught:
            read_commands(tmp_path / name)
        assert reason in str(caught.value)


class TestExamples:
    def test_it_is_what_the_operator_gives_or_nothing_where_nothing_is_needed(self, tmp_path: Path) -> None:
        text = TOML.replace("idempotent = true", 'idempotent = true\nexample = { table = "orders" }')
        assert read(tmp_path, text).examples() == [
            {"command": "dump_table", "arguments": {"table": "orders"}},
            {"command": "up"},
        ]

    def test_a_command_that_needs_arguments_has_none_without(self, tmp_path: Path) -> None:
        needed = {"argv": ["/bin/echo", "{what}"], "arguments": {"what": {"type": "string", "pattern": ".*"}}}
        commands = read(tmp_path, json.dumps({"say": LEAST | needed}), "commands.json")
        assert commands.examples() == []

    def test_one_that_does_not_fit_is_refused(self, tmp_path: Path) -> None:
        needed = {
            "argv": ["/bin/echo", "{what}"],
            "arguments": {"what": {"type": "string", "choices": ["a", "b"]}},
        }
        refused = refusal(tmp_path, {"say": LEAST | needed | {"example": {"what": "c"}}})
        assert refused.startswith("commands.json: say.example.what: must be")


def test_the_catalogue_shows_them(tmp_path: Path) -> None:
    with configured(commands=read(tmp_path, TOML)):
        examples = {
            example.arguments["command"]: example for example in catalogue.get("run_command").examples
        }
    assert examples["up"].arguments == {"command": "up"}
    assert examples["dump_table"].result["exit_code"] == 0
