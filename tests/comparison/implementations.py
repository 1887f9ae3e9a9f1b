"""What the ways are measured against: the reference, every mutant, every permitted variant."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bcrypt
from argon2 import PasswordHasher

from tests.comparison.serving import settings
from tests.mutants.harness_run import reference_description
from tests.mutants.model import Mutant
from tests.mutants.registry import all_mutants
from tests.variants.model import Variant
from tests.variants.registry import all_variants

PASSWORD = "correct horse battery staple"
_ARGON2 = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
_NOT_ITS_OWN = frozenset(settings("", 0, "")) | {"PORT", "LOG_FILE"}


@dataclass(frozen=True)
class Implementation:
    """One implementation and how it is served.

    `told` is its fault or its choice. `{port}` in the command is replaced by the port.
    `password_hash` is PASSWORD's, as the implementation hashes it.
    """

    name: str
    told: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    app_base_url: str = "app.example.com"
    password_hash: str = _ARGON2


def _by_uvicorn(app: str) -> tuple[str, ...]:
    options = ("--port", "{port}", "--no-access-log", "--log-level", "warning")
    return (sys.executable, "-m", "uvicorn", "--factory", app, *options)


def plain_reference() -> Implementation:
    """Return the reference as it is."""
    app = "tests.mutants.app:create_app"
    return Implementation("reference", "the reference as it is", _by_uvicorn(app), {"MUTANT": ""})


def of_mutant(mutant: Mutant) -> Implementation:
    """Return a mutant of the reference."""
    app = "tests.mutants.app:create_app"
    return Implementation(mutant.name, mutant.fault, _by_uvicorn(app), {"MUTANT": mutant.name})


def of_variant(variant: Variant, place: Path) -> Implementation | None:
    """Return a permitted variant, None for one that sends its mail otherwise than by SMTP.

    `place` is a directory for the variant's files.
    """
    app = "tests.variants.app:create_app"
    description = reference_description(app, variant.name, {"VARIANT": variant.name})
    place.mkdir(parents=True, exist_ok=True)
    variant.describe(description, place)
    if description["mail"]["kind"] != "smtp":
        return None
    served: dict[str, Any] = description.get("launch") or description["in_process"]
    launched = tuple(part.replace("{python}", sys.executable) for part in served.get("command", ()))
    bcrypted = description["accounts"]["password_hash"] == "bcrypt"
    return Implementation(
        variant.name,
        variant.choice,
        launched or _by_uvicorn(app),
        {key: value for key, value in served["environment"].items() if key not in _NOT_ITS_OWN},
        description.get("app_base_url", "app.example.com"),
        _bcrypt_hash() if bcrypted else _ARGON2,
    )


def _bcrypt_hash() -> str:
    return bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()


def chosen(names: list[str]) -> tuple[list[Mutant], list[Variant]]:
    """Return mutants and variants by name; all of them without names."""
    mutants, variants = all_mutants(), all_variants()
    unknown = sorted(set(names) - set(mutants) - set(variants))
    if unknown:
        raise SystemExit(f"there is no mutant or variant {', '.join(unknown)}")
    return (
        [mutant for name, mutant in mutants.items() if not names or name in names],
        [variant for name, variant in variants.items() if not names or name in names],
    )
