"""The target that a run talks to: started by the harness, or running already."""

from __future__ import annotations

import time

from conformance.observe.wire import Wire
from conformance.outcomes import TargetLost
from conformance.target.launch.instances import Instance, Instances

_REACH_SECONDS = 10.0
_END_SECONDS = 1.0


class RunningTarget:
    """The first of `instances`, always on `port`; without any, what runs at `base_url`."""

    def __init__(self, instances: Instances | None, port: int, base_url: str | None) -> None:
        self.instances = instances
        self._port = port
        self._base_url = base_url or ""
        self._instance: Instance | None = None

    @property
    def base_url(self) -> str:
        """Where it answers."""
        return self._instance.base_url if self._instance is not None else self._base_url

    def start(self) -> None:
        """Start it, if it is the harness that starts it; raise `TargetLost` if it does not run."""
        if self.instances is not None:
            self._instance = self.instances.start(port=self._port)
        answer = self._look()
        if answer:
            raise TargetLost(f"{self.base_url} does not answer HTTP: {answer}")

    def stop(self) -> None:
        """Stop what was started."""
        if self._instance is not None:
            self._instance.stop()

    def restart(self) -> None:
        """Stop it and start it again."""
        self.stop()
        self.start()

    def why_lost(self) -> str:
        """Return why it is gone, "" while it is there."""
        failure = self._look()
        if not failure:
            return ""
        ended = self._how_it_ended()
        if ended:
            return f"the target is gone: {ended}"
        return f"{self.base_url} cannot be reached any more: {failure}"

    def _look(self) -> str:
        """Return why it does not answer, "" when it does."""
        return Wire(self.base_url, {}, str).attempt("GET", "/", timeout=_REACH_SECONDS).error

    def _how_it_ended(self) -> str:
        # Its connections end a moment before its process.
        deadline = time.monotonic() + _END_SECONDS
        while self._instance is not None and time.monotonic() < deadline:
            if ended := self._instance.ended():
                return ended
            time.sleep(0.02)
        return ""
