"""`magic-link-conformance init`: a commented description to start from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from conformance.cli.parameters import given_path
from conformance.outcomes import UsageError

_KINDS = {
    "express": "Express, or other Node.js.",
    "django": "Django.",
    "fastapi": "FastAPI, or other ASGI.",
    "flask": "Flask, or other WSGI.",
    "go": "Go, or another compiled program.",
    "url-only": "Any service that runs at a URL.",
}
_TEMPLATES = Path(__file__).parents[1] / "target" / "templates"


def kinds() -> tuple[str, ...]:
    """Return the kinds of service that there is a description for, such as express."""
    return tuple(sorted(path.stem for path in _TEMPLATES.glob("*.toml")))


def template(kind: str) -> str:
    """Return the description for a kind of service, as TOML with comments."""
    return (_TEMPLATES / f"{kind}.toml").read_text(encoding="utf-8")


def service_kinds(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command an option for each kind of service that there is a description for."""
    for kind, text in reversed(_KINDS.items()):
        function = click.option(f"--{kind}", "kind", flag_value=kind, help=text)(function)
    return function


@click.command()
@service_kinds
@click.option("--out", type=given_path, metavar="FILE", default="target.toml", show_default=True)
@click.option("--force", is_flag=True, help="Overwrite an existing file.")
def command(kind: str | None, out: Path, *, force: bool) -> None:
    """Write a commented target description to start from."""
    if kind is None:
        options = ", ".join(f"--{name}" for name in kinds())
        raise UsageError(f"name the kind of service: {options}")
    try:
        with out.open("w" if force else "x", encoding="utf-8") as file:
            file.write(template(kind))
    except FileExistsError:
        raise UsageError(f"{out} already exists: --force overwrites it") from None
    except OSError as error:
        raise UsageError(f"--out: {out}: {error.strerror}") from error
    click.echo(f"{out} is written. Read it, fill in what is specific to your service, then try it:")
    click.echo(f"  magic-link-conformance check-target {out}")
