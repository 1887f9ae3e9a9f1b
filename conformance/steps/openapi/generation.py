"""The requests that schemathesis derives from `spec/openapi.yaml`, phase by phase."""

from __future__ import annotations

import gzip
import itertools
import json
import random
import sys
import tempfile
import unicodedata
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from unittest.mock import patch

from conformance.requirements.magic_link import LOGIN, REQUEST, VERIFY
from conformance.requirements.resources import spec_dir
from conformance.target.launch.scratch import prefix

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy
    from schemathesis import Case

_T = TypeVar("_T")

# In fuzzing: a request costs a mail and a login a password hash, where a verification is quick.
_SHARES = {REQUEST: 1, LOGIN: 2, VERIFY: 4}
# Cases drawn at a time: few enough that a time limit takes hold between two draws.
_CHUNK = 12


def load_operations(seed: int) -> list[Any]:
    """Return the document's operations as schemathesis knows them."""
    import schemathesis

    # An explicit configuration: a file in the working directory must not change what is sent.
    config = schemathesis.Config(seed=seed)
    schema = schemathesis.openapi.from_path(spec_dir() / "openapi.yaml", config=config)
    operations = []
    for result in schema.get_all_operations():
        operation: Any = result
        operations.append(operation.ok())
    return operations


def generated_cases(operations: list[Any], seed: int) -> Iterator[tuple[str, Case[Any]]]:
    """Yield phase and case: examples, then coverage of the schema, then fuzzing without end.

    Operations take turns, so that a limit on time or number cuts all of them alike.
    """
    for phase, source in (
        ("examples", _example_cases),
        ("coverage", _coverage_cases),
        ("fuzzing", _fuzzed_cases),
    ):
        streams = [source(operation, seed) for operation in operations]
        shares = [_SHARES[operation.path] for operation in operations]
        for case in _in_turn(streams, shares if phase == "fuzzing" else [1] * len(shares)):
            yield phase, case


@contextmanager
def quiet_generation() -> Iterator[None]:
    """Keep Hypothesis from printing, and from writing into the working directory."""
    from hypothesis import configuration, reporting
    from hypothesis.internal.conjecture import providers
    from hypothesis.internal.constants_ast import Constants

    before = configuration.storage_directory(intent_to_write=False).home_directory
    with (
        tempfile.TemporaryDirectory(prefix=prefix("contract")) as scratch,
        warnings.catch_warnings(),
        reporting.with_reporter(_say_nothing),
        # Hypothesis also draws constants from whatever code is loaded: then the same seed would
        # not give the same cases everywhere.
        patch.object(providers, "_get_local_constants", Constants, create=True),
    ):
        warnings.simplefilter("ignore")
        configuration.set_hypothesis_home_dir(scratch)
        _write_utf8_table(Path(scratch))
        try:
            yield
        finally:
            configuration.set_hypothesis_home_dir(before)


def _write_utf8_table(home: Path) -> None:
    """Write what Hypothesis would take a second to find out by trying every code point.

    A version that looks for another file, or for another form, computes the table by itself.
    """
    version = unicodedata.unidata_version
    table = home / "unicode_data" / version / "codec-v2-utf-8.json.gz"
    table.parent.mkdir(parents=True)
    encodable = [[0, 0xD7FF], [0xE000, sys.maxunicode]]  # all but the surrogates
    without_round_trip: list[list[int]] = []
    table.write_bytes(gzip.compress(json.dumps([encodable, without_round_trip]).encode()))


def _say_nothing(_: object) -> None:
    pass


def _example_cases(operation: Any, _seed: int) -> Iterator[Case[Any]]:
    from schemathesis.generation.drivers import ExamplesGenerator
    from schemathesis.generation.feedback import NO_FEEDBACK
    from schemathesis.generation.overrides import Override

    return iter(
        ExamplesGenerator(
            operation=operation, override=Override(), feedback=NO_FEEDBACK, fill_missing=True
        )
    )


def _coverage_cases(operation: Any, _seed: int) -> Iterator[Case[Any]]:
    from schemathesis import GenerationMode
    from schemathesis.generation.drivers import CoverageGenerator
    from schemathesis.generation.feedback import NO_FEEDBACK
    from schemathesis.generation.overrides import Override

    return iter(
        CoverageGenerator(
            operation=operation,
            generation_modes=list(GenerationMode),
            generation_config=operation.schema.config.generation,
            auth_storage=None,
            override=Override(),
            feedback=NO_FEEDBACK,
        )
    )


def _fuzzed_cases(operation: Any, seed: int) -> Iterator[Case[Any]]:
    from schemathesis import GenerationMode

    strategies = {mode: operation.as_strategy(generation_mode=mode) for mode in GenerationMode}
    for turn in itertools.count():
        for mode, strategy in strategies.items():
            number = random.Random(f"{seed}/{operation.label}/{mode}/{turn}").getrandbits(64)
            yield from _drawn(strategy, number)


def _drawn(strategy: SearchStrategy[Case[Any]], seed: int) -> list[Case[Any]]:
    import hypothesis

    drawn: list[Case[Any]] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=_CHUNK,
        database=None,
        deadline=None,
        derandomize=False,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
        verbosity=hypothesis.Verbosity.quiet,
    )
    @hypothesis.given(case=strategy)
    def collect(case: Case[Any]) -> None:
        drawn.append(case)

    collect()
    return drawn


def _in_turn(streams: Iterable[Iterator[_T]], shares: Iterable[int]) -> Iterator[_T]:
    waiting = list(zip(streams, shares, strict=True))
    while waiting:
        for stream, share in list(waiting):
            cases = list(itertools.islice(stream, share))
            yield from cases
            if len(cases) < share:
                waiting.remove((stream, share))
