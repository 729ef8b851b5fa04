"""The git hooks, as git runs them: in a repository of their own, installed as `make hooks` installs them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
GOOD = "answer: int = 42\n"
BAD_FORMAT = "answer:int=42\n"
BAD_STYLE = "import os\n\nanswer: int = 42\n"
BAD_TYPES = 'answer: int = "42"\n'

PYPROJECT = """
[tool.ruff]
extend-exclude = ["*/migrations/*"]
[tool.mypy]
strict = true
files = ["app"]
"""
# Fails where the hooks' git shines through, and unless answer.txt is right.
MAKEFILE = """
test:
\t@echo testing
\t@test -z "$$GIT_DIR$$GIT_INDEX_FILE"
\t@grep -q right answer.txt
"""


class Repository:
    """A small project with our hooks."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self.folder = folder
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            **dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"), "A Developer"),
            **dict.fromkeys(("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"), "developer@example.org"),
            "MYPY_CACHE_DIR": str(cache),
        }

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """What it printed on both streams is in `stdout`."""
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def git(self, *arguments: str) -> str:
        """Runs a git command that must succeed."""
        done = self.run("git", *arguments)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def refused(self, *arguments: str) -> str:
        """Runs a git command that must fail, and change nothing. Returns what it printed."""
        before = self.state()
        done = self.run("git", *arguments)
        assert done.returncode != 0, done.stdout
        assert self.state() == before
        return done.stdout

    def state(self) -> str:
        """The commits, what is staged, and what is not."""
        return self.git("rev-parse", "HEAD") + self.git("diff", "--cached") + self.git("diff") + self.status()

    def status(self) -> str:
        return self.git("status", "--porcelain")

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def stage(self, name: str, text: str) -> None:
        self.write(name, text)
        self.git("add", name)

    def commit(self) -> str:
        return self.git("commit", "-m", "a change")


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What mypy remembers of the standard library; the most part of its time."""
    return tmp_path_factory.mktemp("mypy")


@pytest.fixture
def repository(tmp_path: Path, cache: Path) -> Repository:
    repository = Repository(tmp_path / "project", cache)
    repository.write("pyproject.toml", PYPROJECT)
    repository.write("Makefile", MAKEFILE)
    repository.write("answer.txt", "right\n")
    repository.write(".gitignore", ".venv\n")
    repository.write("app/__init__.py", "")
    shutil.copytree(
        PROJECT / "misc", repository.folder / "misc", ignore=shutil.ignore_patterns("*.py", "tests")
    )
    (repository.folder / ".venv").symlink_to(sys.prefix)
    repository.git("init", "--quiet", "--initial-branch=main")
    repository.git("add", ".")
    repository.git("commit", "--quiet", "-m", "Begin")
    hooks = repository.run("make", "-f", str(PROJECT / "Makefile"), "hooks")
    assert hooks.returncode == 0, hooks.stdout
    return repository


class TestPreCommit:
    def test_it_works(self, repository: Repository) -> None:
        repository.stage("app/answer.py", GOOD)
        repository.commit()
        assert repository.git("show", "HEAD:app/answer.py") == GOOD
        assert repository.status() == ""

    @pytest.mark.parametrize(
        ("code", "complaint"),
        [
            (BAD_FORMAT, "app/answer.py:1:8"),
            (BAD_STYLE, "F401"),
            (BAD_TYPES, "app/answer.py:1: error: Incompatible types"),
        ],
        ids=["format", "style", "types"],
    )
    def test_bad_code_is_refused(self, repository: Repository, code: str, complaint: str) -> None:
        repository.stage("app/answer.py", code)
        said = repository.refused("commit", "-m", "a change")
        assert complaint in said
        assert "pre-commit: not committed. `make format` mends style" in said

    def test_everything_that_is_wrong_is_told_at_once(self, repository: Repository) -> None:
        repository.stage("app/answer.py", "import os\n" + BAD_TYPES)
        said = repository.refused("commit", "-m", "a change")
        assert "would be reformatted" in said
        assert "F401" in said
        assert "Incompatible types" in said

    def test_a_file_staged_in_part_is_committed_in_part(self, repository: Repository) -> None:
        repository.stage("app/answer.py", GOOD)
        repository.write("app/answer.py", BAD_FORMAT)
        repository.commit()
        assert repository.git("show", "HEAD:app/answer.py") == GOOD
        assert (repository.folder / "app/answer.py").read_text() == BAD_FORMAT
        assert repository.status() == " M app/answer.py\n"

    def test_what_is_not_staged_does_not_help(self, repository: Repository) -> None:
        repository.stage("app/answer.py", "from app.question import question\n\nprint(question)\n")
        repository.write("app/question.py", 'question: str = "?"\n')
        assert (
            'Cannot find implementation or library stub for module named "app.question"'
            in repository.refused("commit", "-m", "a change")
        )

    def test_what_is_not_staged_does_not_harm_and_stays_as_it_is(self, repository: Repository) -> None:
        repository.stage("app/other.py", GOOD)
        repository.commit()
        repository.write("app/other.py", BAD_TYPES)
        repository.write("app/untracked.py", BAD_FORMAT)
        repository.stage("app/answer.py", GOOD)
        repository.commit()
        assert repository.status() == " M app/other.py\n?? app/untracked.py\n"
        assert repository.git("show", "--format=", "--name-only", "HEAD") == "app/answer.py\n"

    def test_a_commit_of_named_files_is_judged_by_them_alone(self, repository: Repository) -> None:
        repository.stage("app/answer.py", GOOD)
        repository.stage("app/other.py", BAD_FORMAT)
        repository.git("commit", "-m", "a change", "--", "app/answer.py")
        assert repository.status() == "A  app/other.py\n"

    def test_a_removed_file_that_is_still_needed_is_missed(self, repository: Repository) -> None:
        repository.stage("app/question.py", 'question: str = "?"\n')
        repository.stage("app/answer.py", "from app.question import question\n\nprint(question)\n")
        repository.commit()
        repository.git("rm", "--quiet", "app/question.py")
        assert "app.question" in repository.refused("commit", "-m", "a change")

    def test_any_name_will_do(self, repository: Repository) -> None:
        repository.stage("tools/naïve file's $name.py", BAD_FORMAT)
        assert "naïve file's $name.py" in repository.refused("commit", "-m", "a change")

    def test_generated_files_are_left_alone(self, repository: Repository) -> None:
        repository.stage("app/migrations/first.py", BAD_FORMAT)
        repository.commit()

    def test_it_works_in_a_second_working_tree(self, repository: Repository, tmp_path: Path) -> None:
        repository.git("worktree", "add", "--quiet", str(tmp_path / "second"))
        (tmp_path / "second" / ".venv").symlink_to(sys.prefix)
        repository.folder = tmp_path / "second"
        repository.stage("app/answer.py", BAD_FORMAT)
        assert "would be reformatted" in repository.refused("commit", "-m", "a change")

    def test_a_commit_without_code_needs_no_tools(self, repository: Repository) -> None:
        (repository.folder / ".venv").unlink()
        repository.environment["DOCKER_HOST"] = "unix:///nonexistent"
        repository.stage("README.md", "# Words\n")
        repository.commit()

    def test_without_any_tools_one_line_says_so(self, repository: Repository) -> None:
        (repository.folder / ".venv").unlink()
        repository.environment["DOCKER_HOST"] = "unix:///nonexistent"
        repository.stage("app/answer.py", GOOD)
        first_line = repository.refused("commit", "-m", "a change").splitlines()[0]
        assert first_line.startswith("There is neither .venv nor Docker here")


class TestPrePush:
    @pytest.fixture(autouse=True)
    def _remote(self, repository: Repository, tmp_path: Path) -> None:
        repository.git("init", "--quiet", "--bare", str(tmp_path / "remote"))
        repository.git("remote", "add", "origin", str(tmp_path / "remote"))

    def commit_answer(self, repository: Repository, answer: str) -> None:
        repository.stage("answer.txt", answer)
        repository.commit()

    def pushed(self, repository: Repository) -> str:
        return repository.git("ls-remote", "origin")

    def test_it_works(self, repository: Repository) -> None:
        said = repository.git("push", "origin", "main")
        assert said.count("testing") == 1
        assert "refs/heads/main" in self.pushed(repository)

    def test_a_commit_that_fails_is_not_pushed(self, repository: Repository) -> None:
        self.commit_answer(repository, "wrong")
        said = repository.refused("push", "origin", "main")
        assert "pre-push: not pushed, as the tests fail on " in said
        assert "(a change)" in said
        assert self.pushed(repository) == ""

    def test_the_working_tree_does_not_help(self, repository: Repository) -> None:
        self.commit_answer(repository, "wrong")
        repository.write("answer.txt", "right")
        repository.refused("push", "origin", "main")

    def test_the_working_tree_does_not_harm(self, repository: Repository) -> None:
        repository.write("answer.txt", "wrong")
        repository.git("push", "origin", "main")
        assert repository.status() == " M answer.txt\n"

    def test_what_is_pushed_is_tested_whatever_is_checked_out(self, repository: Repository) -> None:
        repository.git("switch", "--quiet", "--create", "broken")
        self.commit_answer(repository, "wrong")
        repository.git("switch", "--quiet", "main")
        repository.refused("push", "origin", "broken")
        repository.refused("push", "--all", "origin")

    def test_the_same_commit_is_tested_once(self, repository: Repository) -> None:
        repository.git("branch", "another")
        repository.git("tag", "--annotate", "--message", "A version", "v1")
        assert repository.git("push", "origin", "main", "another", "v1").count("testing") == 1

    def test_a_branch_is_deleted_without_tests(self, repository: Repository) -> None:
        repository.git("push", "origin", "main", "main:another")
        assert "testing" not in repository.git("push", "origin", "--delete", "another")

    def test_by_hand_it_tests_the_last_commit(self, repository: Repository) -> None:
        self.commit_answer(repository, "wrong")
        assert repository.run("misc/pre-push.sh").returncode == 1
