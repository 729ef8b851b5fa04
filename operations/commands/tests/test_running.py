"""Commands as real processes: what they get, what comes of them, what is told of them."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from operations import Context, InvalidArguments, OperationError, Progress, catalogue
from operations.commands import Command
from operations.commands.guard import UMASK
from operations.commands.output import KEPT_BYTES
from operations.commands.tests.programs import ANY_TEXT, command, only, python, shell
from operations.testing import Ran, configured, run

SHOW_ARGV = "import json, sys; print(json.dumps(sys.argv[1:]))"
HOSTILE = [
    "$(id)",
    "`id`",
    "; id",
    "a b  c",
    "'",
    '"',
    "\\",
    "*",
    "~",
    "\n",
    "é\N{SNOWMAN}",
    "",
    "-rf",
    "{x}",
    "%s",
    "$HOME",
]


def run_it(it: Command, *, secrets: dict[str, str] | None = None, **arguments: Any) -> Ran:
    order = {"command": "it", "arguments": arguments} if arguments else {"command": "it"}
    with configured(commands=only(it)):
        return run("run_command", order, secrets=secrets)


def failure(it: Command, *, secrets: dict[str, str] | None = None) -> OperationError:
    with pytest.raises(OperationError) as caught:
        run_it(it, secrets=secrets)
    assert caught.value.type in {*catalogue.get("run_command").errors, "secret_too_short"}
    return caught.value


OF_THE_C_LIBRARY = 1 << 31 | 1 << 32
"""Signals 32 and 33, which no program may set."""


class TestWhatItGets:
    def test_each_value_as_one_element_whatever_is_in_it(self) -> None:
        names = [f"v{number}" for number in range(len(HOSTILE))]
        it = python(SHOW_ARGV, *(f"{{{name}}}" for name in names), arguments=dict.fromkeys(names, ANY_TEXT))
        arguments: dict[str, Any] = dict(zip(names, HOSTILE, strict=True))
        ran = run_it(it, **arguments)
        assert json.loads(ran.result["stdout"]) == HOSTILE

    def test_values_within_elements_numbers_and_defaults(self) -> None:
        it = python(
            SHOW_ARGV,
            "--name={name}",
            "{count}",
            ["--ratio", "{ratio}"],
            ["--tag", "{tag}"],
            "{{braces}}",
            arguments={
                "name": ANY_TEXT,
                "count": {"type": "integer", "default": 3},
                "ratio": {"type": "number", "required": False},
                "tag": {"type": "string", "choices": ["a", "b"], "required": False},
            },
        )
        ran = run_it(it, name="-x y", ratio=0.5)
        assert json.loads(ran.result["stdout"]) == ["--name=-x y", "3", "--ratio", "0.5", "{braces}"]

    def test_no_variables_but_its_own(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DATABASE_URL", "postgres://secret")
        monkeypatch.setenv("SECRET_KEY", "secret")
        monkeypatch.setenv("LD_PRELOAD", "")
        ran = run_it(command("/usr/bin/env", environment={"HOME": "/srv", "PATH": "/bin"}))
        assert sorted(ran.result["stdout"].split()) == ["HOME=/srv", "LANG=C.UTF-8", "PATH=/bin"]

    def test_no_open_files_and_no_input(self) -> None:
        inherited = os.open(os.devnull, os.O_RDONLY)
        os.set_inheritable(inherited, True)
        it = python("import os, sys; print(os.listdir('/proc/self/fd'), repr(sys.stdin.read()))")
        try:
            # The fourth is that of the listing itself.
            assert run_it(it).result["stdout"] == "['0', '1', '2', '3'] ''\n"
        finally:
            os.close(inherited)

    def test_no_signal_ignored_or_blocked(self) -> None:
        it = command("/bin/grep", "-E", "Sig(Blk|Ign)", "/proc/self/status")
        _, blocked, _, ignored = run_it(it).result["stdout"].split()
        assert int(blocked, 16) & ~OF_THE_C_LIBRARY == int(ignored, 16) & ~OF_THE_C_LIBRARY == 0

    def test_its_directory_and_files_for_nobody_else(self, tmp_path: Path) -> None:
        run_it(shell("pwd > where; umask >> where", directory=str(tmp_path)))
        where = tmp_path / "where"
        assert where.read_text() == f"{tmp_path}\n{UMASK:04o}\n"
        assert where.stat().st_mode & 0o777 == 0o600
        assert run_it(command("/bin/pwd")).result["stdout"] == "/\n"

    def test_secrets_in_its_environment_which_it_cannot_tell_further(self) -> None:
        value = "correct horse battery"
        it = shell('echo "$TOKEN"; echo "$TOKEN" >&2', environment={"TOKEN": {"$secret": "token"}})
        ran = run_it(it, secrets={"token": value})
        assert (ran.result["stdout"], ran.result["stderr"]) == ("***\n", "***\n")
        assert {report.message for report in ran.progress} == {"***"}
        it = shell('test "$TOKEN" = "correct horse battery"', environment={"TOKEN": {"$secret": "token"}})
        assert run_it(it, secrets={"token": value}).result["exit_code"] == 0


class TestWhatComesOfIt:
    def test_success(self) -> None:
        ran = run_it(shell("echo out; echo err >&2; exit 3", success_exit_codes=[0, 3]))
        assert ran.result.pop("elapsed_seconds") >= 0
        assert ran.result == {
            "exit_code": 3,
            "stdout": "out\n",
            "stderr": "err\n",
            "stdout_truncated": False,
            "stderr_truncated": False,
        }

    def test_failure(self) -> None:
        error = failure(shell("echo out; echo one >&2; echo two >&2; exit 4"))
        assert (error.type, error.permanent) == ("command_failed", True)
        assert str(error) == "it ended with exit code 4: one\ntwo"

    def test_failure_that_may_pass(self) -> None:
        error = failure(shell("echo busy; exit 75", retry_exit_codes=[75]))
        assert (error.type, error.permanent) == ("command_failed_for_now", False)
        assert str(error) == "it ended with exit code 75: busy"

    def test_failure_with_long_output(self) -> None:
        error = failure(python("import sys; sys.exit('x' * 100_000 + 'the end')"))
        assert len(str(error)) < 2_000
        assert str(error).endswith("the end")

    def test_a_signal(self) -> None:
        error = failure(shell("kill -SEGV $$"))
        assert (error.type, error.permanent) == ("command_killed", False)
        assert str(error) == "it was ended by SIGSEGV"

    def test_a_guard_that_is_killed(self) -> None:
        error = failure(shell("kill -KILL $PPID; sleep 60"))
        assert (error.type, error.permanent) == ("command_killed", False)

    def test_its_time_limit(self) -> None:
        error = failure(shell("echo begun; sleep 60", timeout_seconds=2))
        assert (error.type, error.permanent) == ("command_timed_out", False)
        assert str(error) == "it ran longer than its 2 s, and was ended: begun"

    @pytest.mark.parametrize("program", ["/no/such/program", "/etc/passwd", "/etc"])
    def test_a_program_that_cannot_be_started(self, program: str) -> None:
        error = failure(command(program))
        assert (error.type, error.permanent) == ("command_not_started", True)
        assert str(error).startswith("it could not be started: ")
        assert program in str(error)

    def test_a_directory_that_is_not_there(self) -> None:
        error = failure(command("/bin/true", directory="/no/such"))
        assert str(error) == "it could not be started: No such file or directory: /no/such"

    def test_a_secret_that_has_no_value(self) -> None:
        error = failure(
            command("/bin/true", environment={"A": {"$secret": "token"}}), secrets={"token": "short"}
        )
        assert (error.type, error.permanent) == ("secret_too_short", True)

    def test_bytes_that_are_no_text(self) -> None:
        ran = run_it(python(r"import os; os.write(1, b'a\xff\x00b')"))
        assert ran.result["stdout"] == "a\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}b"

    def test_endless_output_is_read_and_cut(self) -> None:
        it = python("import sys\nfor n in range(400_000): print(n)\nsys.stderr.write('done')")
        ran = run_it(it)
        assert (ran.result["stdout_truncated"], ran.result["stderr_truncated"]) == (True, False)
        assert ran.result["stdout"].startswith("0\n1\n2\n")
        assert ran.result["stdout"].endswith("399998\n399999\n")
        assert len(ran.result["stdout"]) < 2 * KEPT_BYTES + 100
        assert ran.result["stderr"] == "done"

    def test_progress_tells_the_last_line(self, tmp_path: Path) -> None:
        lines: list[str | None] = []

        def tell(progress: Progress) -> None:
            lines.append(progress.message)
            (tmp_path / str(len(lines))).touch()

        wait = "until [ -e {} ]; do sleep 0.01; done"
        script = [
            "echo one",
            wait.format(1),
            "echo two >&2",
            wait.format(2),
            "printf thr; sleep 0.1; echo ee",
        ]
        with configured(commands=only(shell("; ".join(script), directory=str(tmp_path)))):
            catalogue.get("run_command").run({"command": "it"}, Context("0199", 1, report=tell))
        assert lines == ["one", "two", "three"]


class TestTheDoor:
    @pytest.fixture(autouse=True)
    def commands(self) -> Iterator[None]:
        it = command(
            "/bin/echo",
            "{word}",
            ["-{word}{number}"],
            arguments={
                "word": {"type": "string", "pattern": "[a-z-]+", "max_length": 5},
                "number": {"type": "integer", "minimum": -9, "maximum": 9, "required": False},
            },
        )
        with configured(commands=only(it)):
            yield

    @pytest.mark.parametrize(
        ("order", "path", "code"),
        [
            ({}, ("command",), "required"),
            ({"command": "echo"}, ("command",), "invalid_choice"),
            ({"command": ["it"]}, ("command",), "invalid_choice"),
            ({"command": "it"}, ("arguments",), "required"),
            ({"command": "it", "arguments": []}, ("arguments",), "invalid_type"),
            ({"command": "it", "arguments": {}}, ("arguments", "word"), "required"),
            ({"command": "it", "arguments": {"word": "abc"}, "shell": True}, ("shell",), "unknown_field"),
            ({"command": "it", "arguments": {"word": "abc", "more": 1}}, ("arguments", "more"), "unknown_field"),
            ({"command": "it", "arguments": {"word": 7}}, ("arguments", "word"), "invalid_type"),
            ({"command": "it", "arguments": {"word": "ab cd"}}, ("arguments", "word"), "invalid_format"),
            ({"command": "it", "arguments": {"word": "abc\n"}}, ("arguments", "word"), "invalid_format"),
            ({"command": "it", "arguments": {"word": "abc;id"}}, ("arguments", "word"), "max_length"),
            ({"command": "it", "arguments": {"word": ""}}, ("arguments", "word"), "min_length"),
            ({"command": "it", "arguments": {"word": "a\0"}}, ("arguments", "word"), "nul_character"),
            ({"command": "it", "arguments": {"word": "-n"}}, ("arguments", "word"), "looks_like_an_option"),
            ({"command": "it", "arguments": {"word": "a", "number": 10}}, ("arguments", "number"), "max_value"),
            ({"command": "it", "arguments": {"word": "a", "number": True}}, ("arguments", "number"), "invalid_type"),
            ({"command": "it", "arguments": {"word": "a", "number": None}}, ("arguments", "number"), "invalid_type"),
            ({"command": "it", "arguments": {"word": {"$secret": "token"}}}, ("arguments", "word"),
             "secret_not_allowed"),
        ],
    )  # fmt: skip
    def test_what_is_refused(self, order: dict[str, Any], path: tuple[str, ...], code: str) -> None:
        with pytest.raises(InvalidArguments) as caught:
            catalogue.get("run_command").validate(order)
        assert [(error.path, error.code) for error in caught.value.errors] == [(path, code)]

    def test_its_schema_says_the_same(self) -> None:
        schema = catalogue.get("run_command").arguments_schema
        jsonschema.Draft202012Validator.check_schema(schema)
        fits = jsonschema.Draft202012Validator(schema).is_valid
        assert fits({"command": "it", "arguments": {"word": "ab-c", "number": -3}})
        for wrong in ({"word": "ab cd"}, {"word": "abcdef"}, {"word": "a", "number": 10}, {"more": 1}, {}):
            assert not fits({"command": "it", "arguments": wrong})
        assert not fits({"command": "it"})
        assert not fits({"command": "other", "arguments": {"word": "a"}})

    def test_what_is_let_through(self) -> None:
        order = {"command": "it", "arguments": {"word": "ab-c", "number": -3}}
        assert catalogue.get("run_command").validate(order) == order
        assert run("run_command", order).result["stdout"] == "ab-c -ab-c-3\n"

    def test_without_commands_it_is_off(self) -> None:
        with configured(commands=only(command("/bin/true"))):
            catalogue.get("run_command").validate({"command": "it"})
        with (
            pytest.raises(InvalidArguments, match="COMMANDS_FILE"),
            configured(commands=type(only(command("/a")))()),
        ):
            catalogue.get("run_command").validate({"command": "it"})
