"""The directory that a candidate is judged in: a copy of its folder, and its run's environment."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from conformance.sweep.order import Order

OUTPUT = "output.txt"
_LANGUAGE = ("LANG", "LC_ALL")
# More than any report has, and little enough to be kept in memory.
_LARGEST_FILE = 64 * 1024 * 1024
# The directory that this package is in.
_PACKAGES = Path(__file__).resolve().parents[2]
_LEFT_OUT = {".git", "__pycache__", "conformance-report"}


def fingerprint(folder: Path, others: frozenset[str], *further: str) -> str:
    """Return a digest of every file in a folder, by name and content, and of further words.

    `others` are paths in the folder that do not belong to it, relative to it.
    """
    digest = hashlib.sha256("\0".join(further).encode())
    for path in _entries(folder, others):
        digest.update(f"\0{path.relative_to(folder)}\0".encode(errors="surrogateescape"))
        if path.is_symlink():
            digest.update(os.fsencode(path.readlink()))
        elif path.is_file():
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def copy_folder(folder: Path, others: frozenset[str], to: Path) -> None:
    """Copy a folder; links stay links, and what is neither file nor folder is left out."""
    to.mkdir()
    for path in _entries(folder, others):
        target = to / path.relative_to(folder)
        if path.is_symlink():
            target.symlink_to(path.readlink())
        elif path.is_dir():
            target.mkdir()
        elif path.is_file():
            shutil.copy2(path, target)


def pack(folder: Path, others: frozenset[str]) -> bytes:
    """Return a folder as a compressed tar archive."""
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w:gz", compresslevel=1) as archive:
        for path in _entries(folder, others):
            archive.add(path, str(path.relative_to(folder)), recursive=False)
    return sink.getvalue()


def unpack(packed: bytes, to: Path) -> None:
    """Write what `pack` returned into a new folder."""
    to.mkdir()
    with tarfile.open(fileobj=io.BytesIO(packed), mode="r:gz") as archive:
        # Python 3.11.4 and newer: nothing lands outside.
        archive.extraction_filter = getattr(tarfile, "tar_filter", lambda member, _: member)
        archive.extractall(to)  # noqa: S202 - packed by ourselves


def _entries(folder: Path, others: frozenset[str]) -> Iterator[Path]:
    """Yield what lies in a folder at any depth, a folder before what is in it, in a fixed order."""
    yield from _within(folder, {folder / each for each in others})


def _within(folder: Path, others: set[Path]) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path in others:
            continue
        if path.is_symlink() or not path.is_dir():
            yield path
        elif path.name not in _LEFT_OUT:
            yield path
            yield from _within(path, others)


def python_path() -> str:
    """Return where another interpreter finds the harness: this package, and what was set here."""
    given = os.environ.get("PYTHONPATH")
    return os.pathsep.join([str(_PACKAGES), *([given] if given else [])])


@dataclass(frozen=True)
class Workplace:
    """Folders below one directory: the candidate's copy, its home, its temporary files, reports."""

    directory: Path

    @property
    def candidate(self) -> Path:
        """The copy of the candidate's folder."""
        return self.directory / "candidate"

    @property
    def reports(self) -> Path:
        """Where the run writes its reports, and what it prints."""
        return self.directory / "reports"

    def make(self, order: Order) -> None:
        """Make the folders and copy the candidate. Raises `OSError`."""
        # PostgreSQL may run as another user, who has to get through to its own directory.
        self.directory.chmod(0o711)
        for name in ("home", "tmp", "reports"):
            (self.directory / name).mkdir(mode=0o711)
        if order.packed:
            unpack(Path(order.folder).read_bytes(), self.candidate)
        else:
            copy_folder(Path(order.folder), frozenset(order.others), self.candidate)

    def environment(self) -> dict[str, str]:
        """Return the environment of a run: nothing of ours but where programs are, and language."""
        kept = {name: os.environ[name] for name in ("PATH", *_LANGUAGE) if name in os.environ}
        return {
            "LANG": "C.UTF-8",
            **kept,
            "HOME": str(self.directory / "home"),
            "TMPDIR": str(self.directory / "tmp"),
            # For the harness alone: it hands this on to nobody.
            "PYTHONPATH": python_path(),
        }

    def run_command(self, order: Order) -> list[str]:
        """Return the command that judges the candidate."""
        return [
            *(sys.executable, "-P", "-m", "conformance", "run", "--quiet"),
            *("--target", str(self.candidate / order.description)),
            *("--report-dir", str(self.reports), *order.options),
            # The supervisor has one.
            *("--time-limit", "0"),
            *("--left-running", str(self._left_running)),
        ]

    @property
    def _left_running(self) -> Path:
        return self.directory / "left-running"

    def left_running(self) -> int:
        """Return how many processes the run found still running after its end."""
        with suppress(OSError, ValueError):
            return int(self._left_running.read_text(encoding="utf-8"))
        return 0

    def files(self) -> dict[str, str]:
        """Return the reports and what the run printed."""
        return {
            path.name: path.read_text(encoding="utf-8", errors="replace")
            for path in sorted(self.reports.iterdir())
            if path.is_file() and not path.is_symlink() and path.stat().st_size <= _LARGEST_FILE
        }


@contextmanager
def workplace(order: Order) -> Iterator[Workplace]:
    """Make the workplace; it is removed with everything in it at the end of the block."""
    place = Workplace(Path(order.directory))
    try:
        place.make(order)
        yield place
    finally:
        remove(place.directory)


def remove(directory: Path) -> None:
    """Remove a directory, also folders in it that have been closed to us."""
    for folder, folders, _ in os.walk(directory):
        for name in folders:
            path = Path(folder, name)
            with suppress(OSError):
                if not path.is_symlink():
                    path.chmod(0o700)
    shutil.rmtree(directory, ignore_errors=True)
