"""`magic-link-conformance init`: a commented description to start from."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.outcomes import UsageError

_TEMPLATES = Path(__file__).parents[1] / "target" / "templates"


def kinds() -> tuple[str, ...]:
    """Return the kinds of service that there is a description for, such as express."""
    return tuple(sorted(path.stem for path in _TEMPLATES.glob("*.toml")))


def template(kind: str) -> str:
    """Return the description for a kind of service, as TOML with comments."""
    return (_TEMPLATES / f"{kind}.toml").read_text(encoding="utf-8")


def write_description(kind: str | None, out: Path, *, force: bool) -> int:
    """Write the description for `kind` to `out` and return 0.

    Raises `UsageError` for a file that is there already, unless `force` is set.
    """
    if kind is None:
        options = ", ".join(f"--{name}" for name in kinds())
        raise UsageError(f"init: say what kind of service it is: {options}")
    try:
        with out.open("w" if force else "x", encoding="utf-8") as file:
            file.write(template(kind))
    except FileExistsError:
        raise UsageError(f"{out} is there already: --force overwrites it") from None
    except OSError as error:
        raise UsageError(f"--out: {out}: {error.strerror}") from error
    click.echo(f"{out} is written. Read it through, fill in what is yours, then try it:")
    click.echo(f"  magic-link-conformance check-target {out}")
    return 0
