"""What a command will do to a target, in words, printed before it is done."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from conformance.target.description import TargetDescription


def intentions(description: TargetDescription) -> list[str]:
    """Return what the run will do to the target, in sentences."""
    lines = []
    database, accounts = description.database, description.accounts
    if description.in_process is not None:
        lines.append(f"serves {description.in_process.app} in this process")
    elif description.launch is not None:
        lines.append(f"starts {_command(description.launch.command)}")
    else:
        lines.append(f"sends requests to {description.base_url}, a few hundred, some malformed")
    if database is None or database.url is None:
        if description.started_here and (database or "{database_" in description.model_dump_json()):
            lines.append("makes a new database and drops it at the end")
    elif database.disposable:
        lines.append(
            "writes to the database given (accounts, tokens, stored times): it is disposable"
        )
    else:
        lines.append("only reads the database given")
    if accounts is not None and accounts.kind == "list":
        lines.append(f"requests links for {len(accounts.listed)} given accounts: mail goes there")
    return lines


def _command(words: Sequence[str]) -> str:
    """Return a described command as it will be run, as far as that is known yet."""
    return shlex.join(words).replace("'{python}'", Path(sys.executable).name)
