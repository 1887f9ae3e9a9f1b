"""Installs the Express target's packages."""

from __future__ import annotations

import subprocess
import threading
from pathlib import Path

EXPRESS = Path(__file__).parent / "express"
_ONE_AT_A_TIME = threading.Lock()


def installed_express() -> Path:
    """Return the folder of the Express target, its packages installed from its lock file."""
    with _ONE_AT_A_TIME:
        if not (EXPRESS / "node_modules" / ".package-lock.json").exists():
            subprocess.run(
                ["npm", "ci", "--no-audit", "--no-fund", "--silent"], cwd=EXPRESS, check=True
            )
    return EXPRESS
