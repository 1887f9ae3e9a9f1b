"""Judges candidates on the workers of a Dask cluster, one on each of their threads.

A worker needs this package in the same version, and nothing else of this machine: a candidate's
folder travels in its task, its reports in the result.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import suppress
from typing import Any

from conformance.outcomes import HarnessFault, UsageError
from conformance.requirements.resources import version
from conformance.sweep.judging import Task, judge, stop
from conformance.sweep.order import Judged
from conformance.target.launch.process import undisturbed

# Dask's client has no types.
_Client = Any

_CONNECT_SECONDS = 10


class Cluster:
    """Judges candidates on the workers of a Dask cluster, whose scheduler is at `address`.

    Raises `UsageError` when Dask is not installed or the address is wrong, and
    `HarnessFault` when the cluster cannot be used.
    """

    packs = True
    cores: int | None = None

    def __init__(self, address: str) -> None:
        self._client: _Client = _connect(address)
        try:
            _check(self._client)
        except BaseException:
            self.close()
            raise
        self.workers = sum(self._client.nthreads().values())

    def close(self) -> None:
        """Leave the cluster as it is."""
        self._client.close()

    def judge(self, tasks: Mapping[str, Task]) -> Generator[tuple[str, Judged]]:
        """Judge tasks and yield each with its name, as they end.

        Once the iterator is closed nothing runs any more, whatever broke it off.
        """
        from distributed import as_completed

        client = self._client
        futures: dict[Any, str] = {}
        try:
            for name, task in tasks.items():
                futures[client.submit(judge, task, pure=False)] = name
            for future in as_completed(futures):  # type: ignore[no-untyped-call]
                # Taken out: the cluster keeps a result with its reports while somebody asks for it.
                name, error = futures.pop(future), future.exception()
                if error is None:
                    yield name, future.result()
                else:
                    # The worker is gone, or could not even start: this candidate's trouble alone.
                    yield name, Judged(trouble=f"its worker failed: {_message(error)}")
        finally:
            with undisturbed(), suppress(OSError, TimeoutError):
                client.cancel(list(futures))
                for sweep in {task.sweep for task in tasks.values()}:
                    client.run(stop, sweep)


def _connect(address: str) -> _Client:
    try:
        from distributed import Client
    except ImportError:
        raise UsageError(
            "--scheduler: Dask is not installed: install magic-link-conformance[sweep]"
        ) from None
    try:
        return Client(  # type: ignore[no-untyped-call]
            address, timeout=_CONNECT_SECONDS
        )
    except (OSError, ValueError) as error:
        raise UsageError(f"--scheduler: {address} cannot be reached: {_message(error)}") from error


def _check(client: _Client) -> None:
    """Make sure that there are workers, and that they have this package in this version."""
    if not client.nthreads():
        raise HarnessFault("the cluster has no workers: start some with `dask worker`")
    try:
        versions = set(client.run(version).values())
    except Exception as error:
        raise HarnessFault(
            f"the workers need magic-link-conformance, installed as here: {_message(error)}"
        ) from error
    if versions != {version()}:
        others = ", ".join(sorted(versions - {version()}))
        raise HarnessFault(f"the workers have magic-link-conformance {others}, not {version()}")


def _message(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())
