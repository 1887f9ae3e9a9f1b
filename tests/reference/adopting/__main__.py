"""`python -m tests.reference.adopting migrate` and `… serve`: the service's own commands."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import uvicorn
from alembic import command
from alembic.config import Config


def migrate() -> None:
    """Bring the service's own tables up to date."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    command.upgrade(config, "head")


def serve() -> None:
    """Serve on PORT."""
    uvicorn.run(
        "tests.reference.adopting.app:create_app",
        factory=True,
        port=int(os.environ["PORT"]),
        # The link's query holds the token.
        access_log=False,
    )


if __name__ == "__main__":
    {"migrate": migrate, "serve": serve}[sys.argv[1]]()
