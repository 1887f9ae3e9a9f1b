"""What a sweep hands to a candidate's supervisor, and what comes back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

MEGABYTE = 1024 * 1024
TIME_LIMIT = "its time limit"


@dataclass(frozen=True)
class Limits:
    """Seconds of wall time, megabytes of memory and of disk, processes and threads together."""

    seconds: float = 600.0
    memory_mb: int = 2048
    disk_mb: int = 1024
    tasks: int = 1000


@dataclass(frozen=True)
class Order:
    """One candidate to be judged.

    The candidate's folder is at `folder`, or packed in a file of that name when `packed`; `others`
    are paths in it that are not part of it. `options` are passed to `run` as they are. `directory`
    is empty; the supervisor removes it.
    """

    folder: str
    others: tuple[str, ...]
    description: str
    options: tuple[str, ...]
    limits: Limits
    packed: bool = False
    directory: str = ""

    def as_json(self) -> str:
        """Return it for a pipe."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Order:
        """Read what `as_json` returned."""
        members = json.loads(text)
        return cls(
            **members
            | {
                "others": tuple(members["others"]),
                "options": tuple(members["options"]),
                "limits": Limits(**members["limits"]),
            }
        )


@dataclass(frozen=True)
class Judged:
    """How a candidate's run ended.

    `exit_code` is that of `run`, None when it was killed. `over` is the limit that the candidate
    crossed, `trouble` why it could not be run at all. `left_running` is how many processes the
    candidate left behind. `files` are the reports and `output.txt`, by name.
    """

    exit_code: int | None = None
    over: str = ""
    trouble: str = ""
    left_running: int = 0
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def out_of_time(self) -> bool:
        """Whether it is the time limit that was crossed."""
        return self.over.startswith(TIME_LIMIT)

    def as_json(self) -> str:
        """Return it for a pipe."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Judged:
        """Read what `as_json` returned."""
        return cls(**json.loads(text))
