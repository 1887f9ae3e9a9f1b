"""The page of a rule: why it is there, a bad and a good example, and how to switch it off."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from textwrap import indent


@dataclass(frozen=True)
class Page:
    """What is said of a rule; the examples are parts of specs."""

    code: str
    why: str
    bad: str
    good: str

    def text(self) -> str:
        """Return the page as Markdown."""
        return (
            f"# {self.code}\n\n{self.why}\n\n"
            f"Bad:\n\n{indent(self.bad.strip(), '    ')}\n\n"
            f"Good:\n\n{indent(self.good.strip(), '    ')}\n\n"
            f"To switch it off: `--off {self.code}` for a run; in the spec, "
            f"`<!-- lint-off: {self.code} (the reason) -->` before an entry or at the end of a "
            f"line, and `<!-- lint-off-file: {self.code} -->` for the whole file.\n"
        )


@lru_cache(maxsize=1)
def pages() -> Mapping[str, Page]:
    """Return the page of each rule by its code."""
    text = (Path(__file__).parent / "rules.toml").read_text(encoding="utf-8")
    return {code: Page(code, **table) for code, table in tomllib.loads(text).items()}
