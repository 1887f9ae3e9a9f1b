"""Finds the candidates of a sweep, and says which of them cannot be judged apart from others."""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from conformance.outcomes import UsageError
from conformance.target.description import TargetDescription, load_description

DESCRIPTION = "target.toml"
_NOT_SEARCHED = {"node_modules", "__pycache__"}
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True)
class Candidate:
    """A description, and the name that the leaderboard has for it.

    `others` are paths in its folder that are not part of it: further candidates' descriptions
    beside its own, and the sweep's reports.
    """

    name: str
    description: Path
    others: frozenset[str] = frozenset()

    @property
    def folder(self) -> Path:
        """The candidate's folder: what it needs to run lies there."""
        return self.description.parent

    @property
    def slug(self) -> str:
        """Its name as the name of a directory; different names have different slugs."""
        plain = _NOT_IN_A_NAME.sub("-", self.name).strip("-.")
        if plain == self.name:
            return plain
        return f"{plain}-{hashlib.sha256(self.name.encode()).hexdigest()[:8]}".lstrip("-")


def find_candidates(given: Sequence[Path], out: Path) -> list[Candidate]:
    """Return the candidates in the order of their names.

    A file is a description. Of a directory it is every `target.toml` below it, or else the
    `*.toml` directly in it; a folder that has one is not searched further, and hidden folders,
    `node_modules` and `out` are left out. Raises `UsageError` when there is none.
    """
    found: dict[Path, Path] = {}
    for path in given:
        for description in _descriptions(path.absolute(), out.resolve()):
            # Where it is, not where it leads to: a link is a candidate of its own folder.
            place = description.parent.resolve() / description.name
            found.setdefault(place, _root(description, path.absolute()))
    top = Path(os.path.commonpath([root.resolve() for root in found.values()]))
    names = {description: _name(description, top) for description in found}
    uses = Counter(names.values())
    beside: dict[Path, set[Path]] = defaultdict(set)
    for description in found:
        beside[description.parent].add(description)
    return sorted(
        (
            Candidate(
                # `one.toml` beside `one/target.toml`.
                name if uses[name] == 1 else str(description.relative_to(top)),
                description,
                _others(description, beside[description.parent], out.resolve()),
            )
            for description, name in names.items()
        ),
        key=lambda each: each.name,
    )


def _descriptions(path: Path, out: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise UsageError(f"{path}: there is no such file or directory")
    found = sorted(_below(path, out)) or sorted(each for each in path.glob("*.toml"))
    if not found:
        raise UsageError(
            f"{path}: there is no {DESCRIPTION} below it and no *.toml in it: "
            "name the directory that has the target descriptions"
        )
    return found


def _below(path: Path, out: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(path):
        if DESCRIPTION in files:
            yield Path(folder, DESCRIPTION)
            folders.clear()
        folders[:] = [
            name
            for name in folders
            if not name.startswith(".")
            and name not in _NOT_SEARCHED
            and Path(folder, name).resolve() != out
        ]


def _root(description: Path, given: Path) -> Path:
    """Return the directory that names are counted from, as far as this one goes."""
    if given.is_dir() and description != given / DESCRIPTION:
        return given
    folder = description.parent
    return folder.parent if description.name == DESCRIPTION else folder


def _name(description: Path, top: Path) -> str:
    path = description.relative_to(top)
    return str(path.parent if path.name == DESCRIPTION else path.with_suffix(""))


def _others(description: Path, beside: AbstractSet[Path], out: Path) -> frozenset[str]:
    """Return what in the folder is not the candidate's; `beside` are its descriptions."""
    folder = description.parent
    others = beside - {description}
    if out == folder:
        raise UsageError(f"--out: {out} is a candidate's own folder: name another directory")
    if out.is_relative_to(folder):
        others |= {out}
    return frozenset(str(each.relative_to(folder)) for each in others)


def refusal(candidate: Candidate) -> str:
    """Return why a candidate is not judged in a sweep, "" when it is."""
    if candidate.description.is_symlink():
        # What it leads to may be anybody's file, and is not in the copy that is run.
        return f"{candidate.description}: is a symbolic link: put the file itself there"
    try:
        description = load_description(candidate.description)
    except UsageError as error:
        return str(error)
    why = _shared(description)
    return f"{candidate.description}: {why}" if why else ""


def _shared(description: TargetDescription) -> str:
    """Return what a description shares with other candidates, or with the harness."""
    if description.base_url is not None:
        return "`base_url` names what runs already; a sweep starts its candidates: give [launch]"
    if description.in_process is not None:
        return "[in_process] shares the harness's process, which could be lied to: give [launch]"
    database, mail = description.database, description.mail
    if database is not None and (database.url or database.server):
        return "a sweep gives each candidate a database: leave out [database] `url` and `server`"
    if mail is not None and mail.port:
        return "a sweep gives each candidate a mail server: leave out [mail] `port`"
    directory = description.launch.directory if description.launch is not None else None
    if directory is not None and _leads_out(description, str(directory)):
        return f"[launch] `directory` {directory} leads out of the description's folder"
    return ""


def _leads_out(description: TargetDescription, directory: str) -> bool:
    inside = description.directory.resolve()
    return not (inside / directory).resolve().is_relative_to(inside)
