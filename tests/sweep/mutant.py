"""Serves the mutant that MUTANT names as a process: `python -m tests.sweep.mutant`."""

from __future__ import annotations

import os

import uvicorn


def main() -> None:
    uvicorn.run(
        "tests.mutants.app:create_app",
        factory=True,
        port=int(os.environ["PORT"]),
        log_config=None,
        access_log=False,
        server_header=False,
    )


if __name__ == "__main__":
    main()
