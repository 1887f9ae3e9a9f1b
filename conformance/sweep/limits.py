"""What one candidate may use, with the harness and the database that judge it."""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Seconds of wall time, megabytes of memory and of disk, processes and threads together."""

    seconds: float = 600.0
    memory_mb: int = 2048
    disk_mb: int = 1024
    tasks: int = 1000
