"""A sweep's directory: each candidate's result and reports, and the leaderboard."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from conformance.outcomes import UsageError
from conformance.report.files import REPORT_FILES, write_whole
from conformance.report.json_report import read_report
from conformance.report.model import Report
from conformance.report.safe_text import json_text
from conformance.sweep.candidates import Candidate
from conformance.sweep.leaderboard import Leaderboard
from conformance.sweep.order import Judged
from conformance.sweep.rendering import as_markdown, as_page
from conformance.sweep.result import CandidateResult, read_result, result_of
from conformance.sweep.workplace import OUTPUT

_RESULT = "result.json"
_FOLDER = "candidates"


class Store:
    """Keeps results in `directory`. A result is there only when all of its files are."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        try:
            (directory / _FOLDER).mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=directory).close()
        except OSError as error:
            raise UsageError(f"--out: {directory}: {error.strerror}") from error

    def place(self, candidate: Candidate) -> Path:
        """Return the candidate's folder, relative to the sweep's directory."""
        return Path(_FOLDER, candidate.slug)

    def kept(self, candidate: Candidate, fingerprint: str) -> CandidateResult | None:
        """Return an earlier sweep's result, if it is about the same files, version and options."""
        try:
            text = (self._folder(candidate) / _RESULT).read_text(encoding="utf-8")
            result = read_result(text)
        except (OSError, ValueError):
            return None
        folder = self._folder(candidate)
        whole = all((folder / name).is_file() for name in result.files)
        return result if whole and result.fingerprint == fingerprint else None

    def add(
        self, candidate: Candidate, fingerprint: str, judged: Judged, asked: Sequence[str]
    ) -> CandidateResult:
        """Write a candidate's reports and result, and return the result.

        One that could not even be supervised is tried again the next time.
        """
        self._clear(candidate)
        written = self._write(candidate, judged.files)
        report = self._report(candidate)
        known_by = "" if judged.trouble else fingerprint
        result = result_of(candidate.name, known_by, judged, report, asked, written)
        return self.put(candidate, result)

    def put(self, candidate: Candidate, result: CandidateResult) -> CandidateResult:
        """Write a result, last of all its files, and return it."""
        write_whole(self._folder(candidate) / _RESULT, result.as_json())
        return result

    def refuse(self, candidate: Candidate, result: CandidateResult) -> CandidateResult:
        """Write the result of a candidate that was not run, without any reports, and return it."""
        self._clear(candidate)
        return self.put(candidate, result)

    def _folder(self, candidate: Candidate) -> Path:
        return self.directory / self.place(candidate)

    def _clear(self, candidate: Candidate) -> None:
        for name in (_RESULT, *REPORT_FILES, OUTPUT):
            (self._folder(candidate) / name).unlink(missing_ok=True)

    def _write(self, candidate: Candidate, files: Mapping[str, str]) -> tuple[str, ...]:
        """Write what a run wrote, by the names that it may have; return the names."""
        names = tuple(name for name in (*REPORT_FILES, OUTPUT) if name in files)
        for name in names:
            write_whole(self._folder(candidate) / name, files[name])
        return names

    def _report(self, candidate: Candidate) -> Report | None:
        path = self._folder(candidate) / "report.json"
        try:
            return read_report(path) if path.exists() else None
        except UsageError:
            # Whatever the candidate may have put there.
            return None


LEADERBOARD_FILES = ("leaderboard.json", "leaderboard.md", "leaderboard.html")


def write_leaderboard(board: Leaderboard, directory: Path) -> None:
    """Write the leaderboard as JSON, Markdown and HTML; each file is whole or not there."""
    texts = f"{json_text(board)}\n", as_markdown(board), as_page(board)
    for name, text in zip(LEADERBOARD_FILES, texts, strict=True):
        write_whole(directory / name, text)


def clear_leaderboard(directory: Path) -> None:
    """Remove an earlier sweep's leaderboard: it must not pass for that of a sweep broken off."""
    for name in LEADERBOARD_FILES:
        (directory / name).unlink(missing_ok=True)
