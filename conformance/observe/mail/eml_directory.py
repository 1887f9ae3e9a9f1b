"""A directory into which the target writes its mails, one file each."""

from __future__ import annotations

import time
from email.errors import CloseBoundaryNotFoundDefect, StartBoundaryNotFoundDefect
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from conformance.observe.mail.mailbox import Mailbox, MailboxError
from conformance.observe.mail.message import (
    Message,
    header_recipients,
    message_from_source,
    parse_mail,
)

if TYPE_CHECKING:
    from conformance.observe.settings import MailPart

QUIET_SECONDS = 0.02
_MOST_BYTES = 10_000_000
_MAILDIR_FOLDERS = frozenset({"new", "cur"})

Signature = tuple[int, int]  # size in bytes, time of change in ns


class EmlDirectory(Mailbox):
    """Reads `*.eml` files and maildirs below a directory; files already there are left out.

    A file counts once it has stopped growing and is whole: headers with a recipient, an end of
    headers, and every multipart closed. Raises MailboxError when the directory is not there.
    """

    kind: ClassVar[str] = "directory"
    name: ClassVar[str] = "directory of .eml files"
    needs: ClassVar[dict[str, str]] = {"path": "var/mail, the folder with the .eml files"}

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self._directory = directory
        self._messages: list[Message] = []
        self._known = {_identity(path) for path in self._files()}

    @classmethod
    def opened(cls, part: MailPart, directory: Path) -> EmlDirectory:
        """Look into the folder that the description names."""
        return cls(directory / (part.path or ""))

    def messages(self) -> list[Message]:
        """Return the messages that came since this was opened, in order of arrival."""
        new = {p: s for p in self._files() if _identity(p) not in self._known if (s := _sign(p))}
        if new:
            time.sleep(QUIET_SECONDS)
        for path, signature in sorted(new.items(), key=lambda item: (item[1][1], item[0].name)):
            message = _read(path) if _sign(path) == signature else None
            if message is not None:
                self._messages.append(message)
                self._known.add(_identity(path))
        return list(self._messages)

    def _files(self) -> list[Path]:
        if not self._directory.is_dir():
            raise MailboxError(f"The mail directory {self._directory} does not exist.")
        try:
            return [
                path
                for path in self._directory.rglob("*")
                if (path.suffix == ".eml" or path.parent.name in _MAILDIR_FOLDERS)
                and path.is_file()
            ]
        except OSError as error:
            raise MailboxError(f"The mail directory cannot be read: {error}.") from error


def _identity(path: Path) -> str:
    """Return what stays when a maildir's mail moves from new to cur and gets flags."""
    if path.parent.name in _MAILDIR_FOLDERS:
        return str(path.parent.parent / path.name.partition(":")[0])
    return str(path)


def _sign(path: Path) -> Signature | None:
    try:
        status = path.stat()
    except OSError:  # moved or removed meanwhile
        return None
    return status.st_size, status.st_mtime_ns


def _read(path: Path) -> Message | None:
    """Return the mail, or None while the file is not whole, or is larger than any mail."""
    try:
        with path.open("rb") as file:
            source = file.read(_MOST_BYTES + 1)
    except OSError:
        return None
    if len(source) > _MOST_BYTES:
        return None
    return message_from_source(source) if _is_whole(source) else None


def _is_whole(source: bytes) -> bool:
    if b"\n\n" not in source.replace(b"\r\n", b"\n"):
        return False
    mail = parse_mail(source)
    unclosed = (StartBoundaryNotFoundDefect, CloseBoundaryNotFoundDefect)
    defects = [defect for part in mail.walk() for defect in part.defects]
    return bool(header_recipients(mail)) and not any(isinstance(d, unclosed) for d in defects)
