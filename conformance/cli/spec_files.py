"""Specs and features of any project, as commands are given them."""

from __future__ import annotations

import sys
from pathlib import Path

from conformance.outcomes import UsageError
from conformance.requirements.scenarios import UnreadableFeature, WrittenScenario, read_scenarios
from conformance.requirements.spec_forms.forms import read_spec
from conformance.requirements.spec_forms.gherkin import as_criterion
from conformance.requirements.spec_forms.model import Entry, Spec
from conformance.requirements.user_files import read_text

_STANDARD_INPUT = Path("-")


def spec_text(path: Path) -> str:
    """Return the text of a spec; `-` is standard input. Raises `UsageError`."""
    if path != _STANDARD_INPUT:
        return read_text(path)
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError("standard input cannot be read: it is not UTF-8") from error


def given_spec(path: Path) -> Spec:
    """Return the spec in a file, in whatever form.

    Raises `UsageError` for a file that cannot be read or in which nothing is found.
    """
    spec = read_spec(spec_text(path))
    if not spec.entries:
        raise UsageError(f"{path}: {spec.unread[-1].why}")
    return spec


def given_scenarios(folder: Path) -> tuple[WrittenScenario, ...]:
    """Return the scenarios below a folder. Raises `UsageError`."""
    if not folder.is_dir():
        raise UsageError(f"--features: {folder} is not a folder")
    try:
        return read_scenarios(folder)
    except UnreadableFeature as error:
        raise UsageError(str(error)) from error


def given_criteria(folder: Path) -> tuple[Entry, ...]:
    """Return the scenarios below a folder as criteria; advice is left out. Raises `UsageError`."""
    return tuple(as_criterion(each) for each in given_scenarios(folder) if not each.advisory)


def features_beside(spec: Path) -> Path | None:
    """Return the folder `features` beside a spec, or beside the spec's own folder."""
    if spec == _STANDARD_INPUT:
        return None
    here = spec.resolve().parent
    return next((p / "features" for p in (here, here.parent) if (p / "features").is_dir()), None)


def write_text(out: Path, text: str) -> None:
    """Write a file that `--out` names. Raises `UsageError`."""
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--out: {out}: {error.strerror}") from error
