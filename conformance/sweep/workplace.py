"""The directory that a candidate is judged in, and the environment that it is given."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from conformance.sweep.folder import copy_folder, unpack
from conformance.sweep.order import Order

OUTPUT = "output.txt"
_LANGUAGE = ("LANG", "LC_ALL")
# More than any report has, and little enough to be kept in memory.
_LARGEST_FILE = 64 * 1024 * 1024
# Where this package itself lies.
_PACKAGES = Path(__file__).resolve().parents[2]


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
        ]

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
