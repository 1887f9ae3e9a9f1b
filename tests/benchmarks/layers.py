"""Where the time of a verify goes: one process of each layer, from the bare server to the whole.

`stack.py` has the layers. What a layer adds to the one above it in the table is what it costs.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from conformance.target.database.postgres import EmbeddedPostgres
from tests.benchmarks.result import Result
from tests.benchmarks.servers import express, layer, reference
from tests.benchmarks.stack import LAYERS
from tests.benchmarks.verify import ANSWERS, PROCESSOR, Verifying, add_tokens, in_turns

_ROUNDS = 5
_SECONDS = 1.5
_TOKENS = 40_000


def run(postgres: EmbeddedPostgres, scratch: Path) -> Result:
    """Measure every layer, the reference and Express in turns."""
    result = Result("layers")
    with ExitStack() as stack:
        servers = [stack.enter_context(layer(name, postgres, scratch)) for name in LAYERS]
        servers.append(stack.enter_context(reference(postgres, scratch)))
        servers.append(stack.enter_context(express(postgres, scratch)))
        for server in servers:
            add_tokens(server, _TOKENS)
        measured = [Verifying(server) for server in servers]
        in_turns(measured, rounds=_ROUNDS, seconds=_SECONDS)
        for each in measured:
            each.report(result)
    whole = result.figures["express"]
    for name in (LAYERS[-1], "reference"):
        figures = result.figures[name]
        result.ratios[f"{name} : express, processor time"] = figures[PROCESSOR] / whole[PROCESSOR]
        result.ratios[f"{name} : express, answers/s"] = figures[ANSWERS] / whole[ANSWERS]
    return result
