"""A candidate's folder: its fingerprint, and copies of it."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path

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
