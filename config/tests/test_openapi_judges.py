"""Linters find nothing wrong with the OpenAPI document, and what generators make of it works."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from misc.markdown import read_page
from testing.npm_tools import FOLDER, MODULES, report_of, require_npm_tools, run_tool
from testing.openapi31 import document31
from testing.stack import PROJECT, Stack

FOUND = {
    "status": "SUCCESS",
    "result": 11,
    "operation": "calculate",
    "code": "invalid_input",
    "pointer": "#/every_x_days",
    "dry_run": True,
}


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """The document in a file."""
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(document31().content))
    return path


@pytest.fixture
def npm_tools() -> None:
    require_npm_tools()


def errors_of_redocly(document: Path) -> list[str]:
    run = run_tool(
        "redocly", "lint", "--config", str(FOLDER / "redocly.yaml"), "--format=json", str(document)
    )
    return [f"{one['ruleId']}: {one['message']}" for one in report_of(run)["problems"]]


def errors_of_spectral(document: Path) -> list[str]:
    ruleset = str(FOLDER / "spectral.yaml")
    run = run_tool(
        "spectral", "lint", str(document), "-r", ruleset, "-f", "json", "--fail-on-unmatched-globs"
    )
    return [
        f"{one['code']} at {one['path']}: {one['message']}" for one in report_of(run) if one["severity"] == 0
    ]


LINTERS = [errors_of_redocly, errors_of_spectral]


@pytest.mark.usefixtures("npm_tools")
@pytest.mark.parametrize("errors_of", LINTERS)
def test_linters_find_no_errors(errors_of: Callable[[Path], list[str]], saved: Path) -> None:
    assert errors_of(saved) == []


@pytest.mark.usefixtures("npm_tools")
@pytest.mark.parametrize("errors_of", LINTERS)
def test_linters_would_find_some(errors_of: Callable[[Path], list[str]], saved: Path) -> None:
    worse = json.loads(saved.read_text())
    worse["paths"]["/tasks/"]["post"]["security"] = []
    del worse["paths"]["/tasks/"]["get"]["responses"]["200"]["content"]["application/json"]["example"][
        "results"
    ]
    worse["paths"]["/tasks/"]["get"]["tags"] = ["Nowhere", "Nowhere"]
    saved.write_text(json.dumps(worse))
    assert errors_of(saved)


@pytest.mark.acceptance
@pytest.mark.usefixtures("npm_tools")
def test_a_client_in_typescript(saved: Path, stack: Stack) -> None:
    folder = saved.parent
    (folder / "node_modules").symlink_to(MODULES)
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "client.ts").write_text((FOLDER / "client.ts").read_text())
    made = run_tool("openapi-typescript", str(saved), "-o", str(folder / "api.d.ts"))
    assert made.returncode == 0, made.stderr
    options = ("--strict", "--module", "nodenext", "--target", "es2022", "--types", "node", "--skipLibCheck")
    compiled = run_tool("tsc", *options, "client.ts", folder=folder)
    assert compiled.returncode == 0, compiled.stdout
    assert json.loads(output_of("node", str(folder / "client.js"), stack.url)) == FOUND


@pytest.mark.acceptance
def test_a_client_in_python(saved: Path, stack: Stack) -> None:
    folder = saved.parent
    (folder / "config.yaml").write_text("post_hooks: []\n")
    generator = str(Path(sys.executable).with_name("openapi-python-client"))
    package = str(folder / "punctual_client")
    options = ("--meta", "none", "--config", str(folder / "config.yaml"), "--output-path", package)
    said = output_of(generator, "generate", "--path", str(saved), *options, "--fail-on-warning")
    assert "WARNING" not in said
    (folder / "client.py").write_text((FOLDER / "client.py").read_text())
    assert json.loads(output_of(sys.executable, str(folder / "client.py"), stack.url)) == FOUND


@pytest.mark.parametrize(("language", "file"), [("ts", "client.ts"), ("py", "client.py")])
def test_the_page_shows_these_clients(language: str, file: str) -> None:
    page = read_page(PROJECT / "docs/how-to/call-it-from-your-language.md")
    blocks = [block.text for block in page.blocks if block.info == language]
    text = (FOLDER / file).read_text()
    assert blocks
    assert [block for block in blocks if block not in text] == []


def output_of(*command: str) -> str:
    run = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout
