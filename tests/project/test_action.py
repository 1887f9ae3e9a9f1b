"""The GitHub Action: its shell steps, run as a runner runs them."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.place import REPOSITORY, Place

pytestmark = pytest.mark.run

ACTION: dict[str, Any] = yaml.safe_load((REPOSITORY / "action.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
INSTALL, RUN = STEPS
_EXPRESSION = re.compile(r"\$\{\{ inputs\.([\w-]+) \}\}")
# Writes down its arguments and outputs, and ends as it is told.
STUB = """#!/bin/sh
for argument in "$@"; do printf '%s\\n' "$argument"; done > "$RUNNER_TEMP/arguments"
printf 'password=%s\\n' "$MAGIC_LINK_PASSWORD" > "$RUNNER_TEMP/password"
printf 'conclusion<<mark\\nstub\\nmark\\n' >> "$GITHUB_OUTPUT"
exit "${STUB_CODE:-0}"
"""


@dataclass(frozen=True)
class Ended:
    code: int
    log: str
    outputs: dict[str, str]
    summary: str


class Runner:
    """A runner's directories and environment."""

    def __init__(self, directory: Path) -> None:
        self.workspace = directory / "workspace"
        self.temporary = directory / "runner temp"
        for folder in (self.workspace, self.temporary):
            folder.mkdir()
        self.tool = self.temporary / "magic-link-conformance" / "bin" / "magic-link-conformance"

    def use_this_environment(self) -> None:
        """Have the tool installed already, as a second use in a job finds it."""
        self.tool.parents[1].symlink_to(sys.prefix)

    def use_stub(self) -> None:
        self.tool.parent.mkdir(parents=True)
        executable(self.tool, STUB)

    def step(self, step: Mapping[str, Any], inputs: Mapping[str, str], **further: str) -> Ended:
        """Run a step's script as GitHub does, with these inputs."""
        given = {name: str(each["default"]) for name, each in ACTION["inputs"].items()}
        assert set(inputs) <= set(given)
        given |= inputs
        output, summary = self.temporary / "output", self.temporary / "summary.md"
        for path in (output, summary):
            path.write_text("")
        script = self.temporary / "script.sh"
        script.write_text(step["run"])
        environment = {name: _filled(value, given) for name, value in step["env"].items()}
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self.workspace,
            env={
                "PATH": os.environ["PATH"],
                "TMPDIR": str(self.temporary),
                "CI": "true",
                "GITHUB_ACTIONS": "true",
                "GITHUB_ACTION_PATH": str(REPOSITORY),
                "GITHUB_OUTPUT": str(output),
                "GITHUB_STEP_SUMMARY": str(summary),
                "GITHUB_WORKSPACE": str(self.workspace),
                "RUNNER_TEMP": str(self.temporary),
                **environment,
                **further,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        return Ended(done.returncode, done.stdout, _outputs(output), summary.read_text())

    def arguments(self) -> list[str]:
        return (self.temporary / "arguments").read_text().splitlines()


def executable(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def _filled(value: str, inputs: Mapping[str, str]) -> str:
    match = _EXPRESSION.fullmatch(value)
    assert match is not None, f"{value}: the test knows inputs only"
    return inputs[match[1]]


def _outputs(path: Path) -> dict[str, str]:
    """Read NAME=value and NAME<<MARK … MARK, the way a runner does."""
    found: dict[str, str] = {}
    lines = iter(path.read_text().splitlines())
    for line in lines:
        name, separator, rest = re.split(r"(<<|=)", line, maxsplit=1)
        if separator == "=":
            found[name] = rest
            continue
        value: list[str] = []
        for each in lines:
            if each == rest:
                break
            value.append(each)
        found[name] = "\n".join(value)
    return found


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


def test_the_action_is_a_composite_one_with_described_inputs_and_outputs() -> None:
    assert ACTION["runs"]["using"] == "composite"
    for part in [*ACTION["inputs"].values(), *ACTION["outputs"].values()]:
        assert part["description"]
    assert all(step["shell"] == "bash" for step in STEPS)


def test_no_input_is_written_into_a_script() -> None:
    assert [step["name"] for step in STEPS if "${{" in step["run"]] == []


def test_every_input_is_used_and_every_expression_names_one() -> None:
    used = {
        name
        for step in STEPS
        for value in step["env"].values()
        for name in _EXPRESSION.findall(value)
    }
    assert used == set(ACTION["inputs"])


def test_the_outputs_are_those_of_the_step(runner: Runner) -> None:
    runner.use_stub()
    wanted = {name: f"${{{{ steps.run.outputs.{name} }}}}" for name in ACTION["outputs"]}

    assert RUN["id"] == "run"
    assert {name: each["value"] for name, each in ACTION["outputs"].items()} == wanted
    assert runner.step(RUN, {}).outputs == {"conclusion": "stub", "exit-code": "0"}


@pytest.mark.parametrize("code", [0, 1, 2, 3, 4, 5, 130])
def test_the_step_ends_as_the_run_does_after_the_outputs(runner: Runner, code: int) -> None:
    runner.use_stub()
    ended = runner.step(RUN, {}, STUB_CODE=str(code))

    assert ended.code == code
    assert ended.outputs == {"conclusion": "stub", "exit-code": str(code)}


def test_inputs_become_options(runner: Runner) -> None:
    runner.use_stub()
    runner.step(
        RUN,
        {
            "target": "my app/target.toml",
            "require": "AC-1,AC-2",
            "expected-failures": "expected-failures.toml",
            "report-dir": "out",
            "arguments": "--advisories  --only AC-1\n--quiet",
            "password": "correct horse",
        },
    )

    assert runner.arguments() == [
        "run",
        "--report-dir=out",
        "--target=my app/target.toml",
        "--require=AC-1,AC-2",
        "--expected-failures=expected-failures.toml",
        *("--advisories", "--only", "AC-1", "--quiet"),
    ]
    assert (runner.temporary / "password").read_text() == "password=correct horse\n"


def test_empty_inputs_are_left_out(runner: Runner) -> None:
    runner.use_stub()
    runner.step(RUN, {})
    assert runner.arguments() == ["run", "--report-dir=conformance-report"]

    runner.step(RUN, {"base-url": "http://127.0.0.1:1", "email": "ada@example.com"})
    assert runner.arguments()[2:] == ["--base-url=http://127.0.0.1:1", "--email=ada@example.com"]


@pytest.mark.parametrize(
    "name", ["target", "base-url", "email", "require", "expected-failures", "report-dir"]
)
def test_an_input_is_never_run(runner: Runner, name: str) -> None:
    runner.use_stub()
    nasty = "\"; touch pwned; '$(touch pwned)`touch pwned` * ${HOME} --help"
    words = ["$(touch", "pwned)", "`touch", "pwned`", "*", ";", "touch", "pwned"]
    runner.step(RUN, {name: nasty, "arguments": " ".join(words)})

    assert f"--{name}={nasty}" in runner.arguments()
    assert runner.arguments()[-len(words) :] == words
    assert list(runner.workspace.iterdir()) == []


def test_the_tool_is_installed_from_the_action_with_locked_dependencies(runner: Runner) -> None:
    calls, python = runner.temporary / "calls", runner.temporary / "python"
    executable(
        python,
        '#!/bin/sh\nprintf "%s|" "$@" >> "$RUNNER_TEMP/calls"; echo >> "$RUNNER_TEMP/calls"\n'
        'if [ "$1 $2" = "-m venv" ]; then mkdir -p "$3/bin" && cp "$0" "$3/bin/python"; fi\n',
    )
    ended = runner.step(INSTALL, {"python": str(python)})
    check, venv, locked, itself = calls.read_text().splitlines()
    pip = "-m|pip|install|--quiet|--disable-pip-version-check"

    assert ended.code == 0, ended.log
    assert check.startswith("-c|import sys; ")
    assert venv == f"-m|venv|{runner.temporary / 'magic-link-conformance'}|"
    assert locked == f"{pip}|--require-hashes|--requirement|{REPOSITORY / 'requirements.lock'}|"
    assert itself == f"{pip}|--no-deps|--no-build-isolation|{REPOSITORY}|"


def test_a_python_that_is_too_old_is_one_sentence(runner: Runner) -> None:
    python = runner.temporary / "python"
    check = f'exec {sys.executable} -c "import sys; sys.version_info = (3, 10); $2"'
    executable(python, f"#!/bin/sh\n{check}\n")
    ended = runner.step(INSTALL, {"python": str(python)})

    assert ended.code != 0
    assert ended.log == "Python 3.11 or newer is needed: name one with the input python\n"


def test_a_second_use_finds_the_tool(runner: Runner) -> None:
    runner.use_this_environment()
    ended = runner.step(INSTALL, {"python": "/nowhere/python"})

    assert (ended.code, ended.log) == (0, "")


@pytest.fixture
def place_runner() -> Any:
    # PostgreSQL's own user has to get at the temporary directory.
    with Place() as place:
        runner = Runner(place.directory)
        runner.temporary.chmod(0o777)
        runner.use_this_environment()
        yield runner


def test_the_real_tool_judges_the_reference(place_runner: Runner) -> None:
    ended = place_runner.step(RUN, {"require": "AC-1", "arguments": "--only AC-1"})

    # A part is never conformant; that AC-1 passed shows in the score.
    assert ended.code == 3, ended.log
    assert ended.outputs == {
        "conclusion": "incomplete",
        "score": "1/1",
        "report": "conformance-report/report.json",
        "exit-code": "3",
    }
    assert (place_runner.workspace / ended.outputs["report"]).is_file()
    assert ended.summary.startswith("## Magic link: incomplete, 1 of 1\n")
    assert "| AC-1 | passed |" in ended.summary
    assert "\x1b" not in ended.log


def test_a_wrong_call_fails_the_step_without_a_conclusion(place_runner: Runner) -> None:
    ended = place_runner.step(RUN, {"target": "none.toml"})

    assert ended.code == 2
    assert "none.toml: there is no such file" in ended.log
    assert ended.outputs == {"exit-code": "2"}
    assert ended.summary == ""
