"""The spec that a new feature begins with: its six sections, to be filled in."""

from __future__ import annotations

import re
from pathlib import Path
from string import Template

_TEXT = Path(__file__).with_name("spec.md")


def spec_of(name: str) -> str:
    """Return the spec to fill in of a feature: `password-reset` is “Password reset”."""
    words = re.findall(r"\w+", name.replace("_", " ")) or ["feature"]
    title = " ".join(words)
    return Template(_TEXT.read_text(encoding="utf-8")).substitute(
        title=title[0].upper() + title[1:],
        slug="-".join(words).lower(),
        table="_".join(words).lower(),
    )
