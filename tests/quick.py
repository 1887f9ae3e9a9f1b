"""`make quick`: the unit tests of what was changed since main, and a few mutants; about a minute.

With arguments these are passed to pytest.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.mutants.harness_run import ROOT
from tests.mutants.matrix import chosen
from tests.mutants.matrix import main as matrix

# One each for a stored token, the request limit and an answer that tells who is registered.
_MUTANTS = ("raw-token-stored", "sixth-request-accepted", "unknown-email-404")
_TESTS_OF = {"features": "requirements", "spec": "requirements", "reference_app": "reference"}
_LOOSE = {"outcomes.py": "run", "plugin.py": "run"}
_ADDED_FUNCTION = re.compile(r"^\+?def (\w+)\(", re.MULTILINE)


def folders_of_tests(changed: Iterable[str]) -> list[str]:
    """Return the folders of `tests/` for changed files, given relative to the repository."""
    return sorted({_folder(Path(path).parts) for path in changed})


def _folder(parts: tuple[str, ...]) -> str:
    top, second = parts[0], parts[1] if len(parts) > 1 else ""
    if top == "conformance":
        name = _LOOSE.get(second, second)
    elif top == "tests":
        name = second
    else:
        name = _TESTS_OF.get(top, "project")
    return f"tests/{name if (ROOT / 'tests' / name).is_dir() else 'project'}"


def added_entries(text: str) -> list[str]:
    """Return the mutants and variants whose functions are added by a diff, or are in a new file."""
    known = {each.name for each in chosen([])}
    names = [name.replace("_", "-") for name in _ADDED_FUNCTION.findall(text)]
    return [name for name in names if name in known]


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout


def _base() -> str:
    """Return the commit that the branch started from."""
    for main_branch in ("origin/main", "main"):
        if commit := _git("merge-base", "HEAD", main_branch).strip():
            return commit
    return "HEAD"


def main(arguments: Sequence[str]) -> int:
    """Run the command."""
    base = _base()
    new = _git("ls-files", "--others", "--exclude-standard").splitlines()
    folders = folders_of_tests([*_git("diff", "--name-only", base).splitlines(), *new])
    tests = 0
    if folders:
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-m", "unit", *arguments, *folders]
        tests = subprocess.run(command, cwd=ROOT, check=False).returncode
    # pytest ends with 5 when a folder has no unit tests.
    if tests not in (0, 5):
        return tests
    texts = [(ROOT / path).read_text() for path in new if path.endswith(".py")]
    names = added_entries("\n".join([_git("diff", base), *texts])) or _MUTANTS
    return matrix([*names, "--focused"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
