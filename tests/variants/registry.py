"""Every permitted variant, by name."""

from __future__ import annotations

import importlib
import pkgutil

from tests.variants import choices
from tests.variants.model import VARIANTS, Variant


def all_variants() -> dict[str, Variant]:
    """Return every variant, in the order of the modules that hold them."""
    for module in pkgutil.iter_modules(choices.__path__):
        importlib.import_module(f"{choices.__name__}.{module.name}")
    return VARIANTS
