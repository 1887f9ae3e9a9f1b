"""Starts instances of a described target: the first, further ones beside it, and again."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from conformance.target.description import InProcess, Launch, TargetDescription
from conformance.target.launch.in_process import InProcessTarget
from conformance.target.launch.launched import LaunchedTarget, OutputFile, run_prepare
from conformance.target.launch.placeholders import environment, fill
from conformance.target.launch.ports import free_port

Instance = LaunchedTarget | InProcessTarget


class Zones(NamedTuple):
    """Time zones: of a service's process, and of the database sessions of a client of libpq."""

    process: str
    sessions: str


class Instances:
    """Everything that instances of one target share: description, placeholders, output.

    `values` are the placeholders of the first instance; a further one differs in its port alone.
    `preset` are environment variables of the harness's own (libfaketime's). `start_seconds` holds
    what each start took.
    """

    def __init__(
        self,
        description: TargetDescription,
        values: Mapping[str, str],
        output: OutputFile,
        preset: Mapping[str, str],
    ) -> None:
        self._part: Launch | InProcess | None = description.launch or description.in_process
        self._directory = description.directory
        self._values = dict(values)
        self._output = output
        self._preset = dict(preset)
        self.start_seconds: list[float] = []

    def prepare(self) -> None:
        """Run the description's `prepare` commands."""
        part = self._described
        run_prepare(part.prepare, self._folder, self._environment(self._values), self._values)

    def start(
        self,
        *,
        port: int | None = None,
        other_values: Mapping[str, str] | None = None,
        real_time: bool = False,
        zones: Zones | None = None,
    ) -> Instance:
        """Start an instance on a port (by default a free one) and return it when it is ready.

        `other_values` take the place of placeholders' usual ones.
        In `real_time` its clock is not faked. With `zones` it is a process in any case: what is
        served in this process has its time frozen, and frozen time has no zone.
        """
        chosen = str(port or free_port())
        values = {**self._values, "port": chosen, "base_url": f"http://127.0.0.1:{chosen}"}
        values |= other_values or {}
        preset = {} if real_time else self._preset
        env = {**self._environment(values), **preset}
        part, folder = self._described, self._folder
        if zones is not None:
            env |= {"TZ": zones.process, "PGTZ": zones.sessions}
        if zones is not None and isinstance(part, InProcess):
            command = [sys.executable, "-m", "uvicorn", part.app, "--factory", "--port", chosen]
            part, folder, env = Launch(command=command), Path.cwd(), environment({}, [], {}) | env
        began = time.monotonic()
        instance: Instance = (
            InProcessTarget(part.app, env, int(chosen))
            if isinstance(part, InProcess)
            else LaunchedTarget(part, folder, env, values, self._output)
        )
        instance.start()
        self.start_seconds.append(time.monotonic() - began)
        return instance

    @contextmanager
    def beside(
        self,
        *,
        other_values: Mapping[str, str] | None = None,
        real_time: bool = False,
        zones: Zones | None = None,
    ) -> Iterator[Instance]:
        """Start a further instance, as `start` does, and stop it at the end of the with-block."""
        instance = self.start(other_values=other_values, real_time=real_time, zones=zones)
        try:
            yield instance
        finally:
            instance.stop()

    @property
    def _described(self) -> Launch | InProcess:
        assert self._part is not None
        return self._part

    @property
    def _folder(self) -> Path:
        inner = self._part.directory if isinstance(self._part, Launch) else Path()
        return self._directory / inner

    def _environment(self, values: Mapping[str, str]) -> dict[str, str]:
        part = self._described
        if isinstance(part, Launch):
            return environment(part.environment, part.inherit, values)
        return {
            key: fill(value, values, f"in_process.environment.{key}")
            for key, value in part.environment.items()
        }
