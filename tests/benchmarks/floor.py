"""The floor that PostgreSQL sets: pgbench running the statement of a verify, and nothing else."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from reference_app.magic_link import repository

MISSING = "pgbench is not on this machine (Debian: postgresql-15), so the floor is unknown"
_TPS = re.compile(r"^tps = ([\d.]+)", re.MULTILINE)
_TOKENS_PER_CLIENT = 1_000_000


def pgbench() -> str | None:
    """Return the program, or None."""
    return shutil.which("pgbench")


def first_tokens(clients: int, count: int) -> list[tuple[int, int]]:
    """Return for each client the first token it spends, and how many there must be."""
    return [(client * _TOKENS_PER_CLIENT + 1, count) for client in range(1, clients + 1)]


def spends_per_second(
    program: str, database_url: str, scratch: Path, clients: int, seconds: int
) -> float:
    """Spend tokens for some seconds, each client its own; they must be there, stored as_hash."""
    script = scratch / "spend.sql"
    script.write_text(_script())
    # A URL's password would show in the list of processes.
    parts = conninfo_to_dict(database_url)
    password = str(parts.pop("password"))
    done = subprocess.run(
        [
            *(program, "--no-vacuum", "--protocol=prepared", f"--file={script}"),
            *("-D", "n=0", f"--client={clients}", f"--time={seconds}", "--random-seed=1"),
            make_conninfo("", **parts),
        ],
        env={"PGPASSWORD": password, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    found = _TPS.search(done.stdout)
    if done.returncode or not found:
        raise RuntimeError(f"pgbench failed: {done.stderr.strip()}")
    return float(found[1])


def _script() -> str:
    """Return the reference's own statement, with pgbench's variables."""
    token = f"lpad(to_hex((:client_id + 1) * {_TOKENS_PER_CLIENT} + :n), 64, '0')"
    statement = repository._SPEND.replace("%(token_hash)s", token).replace("%(now)s", "now()")
    return "\\set n :n + 1\n" + " ".join(statement.split()) + ";\n"
