"""What several commands have in common: the types of their options, and `--format`."""

from __future__ import annotations

from pathlib import Path

import click


def given_text(value: str) -> str:
    """Return the value of an option that must not be empty."""
    if not value:
        raise click.BadParameter("an empty value was given")
    return value


def given_path(value: str) -> Path:
    """Return a path, which need not exist."""
    return Path(given_text(value))


SEED = click.IntRange(0, 2**32 - 1)
FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
)
