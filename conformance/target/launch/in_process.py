"""Serves a Python ASGI application over a real socket, from a thread of the harness's process."""

from __future__ import annotations

import asyncio
import importlib
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import uvicorn

from conformance.observe.mail.loop_thread import SteadyLoop
from conformance.observe.time_limits import TimeIsUp, at_most
from conformance.outcomes import TargetLost, UsageError

# To import and build the application, and then for it to start.
_BUILD_SECONDS = 60.0
_START_SECONDS = 30.0
_STOP_SECONDS = 10.0


class InProcessTarget:
    """An ASGI application on 127.0.0.1.

    `app` names the factory as `module:callable`. The factory is called with `environment` in
    `os.environ`, which is put back afterwards. Raises `TargetLost` when it does not start.
    """

    def __init__(self, app: str, environment: Mapping[str, str], port: int) -> None:
        self.base_url = f"http://127.0.0.1:{port}"
        with _environ(environment):
            application = _application(app)
        self._server = uvicorn.Server(
            uvicorn.Config(
                application,
                host="127.0.0.1",
                port=port,
                log_config=None,
                access_log=False,
                lifespan="on",
                timeout_graceful_shutdown=5,
            )
        )
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._serve, name="in-process target", daemon=True)

    def _serve(self) -> None:
        try:
            with asyncio.Runner(loop_factory=SteadyLoop) as runner:
                runner.run(self._server.serve())
        except BaseException as error:  # also SystemExit, uvicorn's way to fail
            self._failure = error

    def start(self) -> None:
        """Serve; return when the application accepts requests."""
        self._thread.start()
        waiting = threading.Event()
        for _ in range(int(_START_SECONDS / 0.01)):
            if self._server.started or not self._thread.is_alive():
                break
            waiting.wait(0.01)
        if not self._server.started:
            self.stop()
            raise TargetLost(f"the application did not start{self._why()}")

    def _why(self) -> str:
        return f": {self._failure!r}" if self._failure is not None else ""

    def ended(self) -> str:
        """Return how serving ended, or "" while it goes on."""
        return "" if self._thread.is_alive() else f"the application stopped serving{self._why()}"

    def stop(self) -> None:
        """Shut the application down gracefully."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(_STOP_SECONDS)


def preload(modules: Sequence[str]) -> None:
    """Import modules, so that workers that are forked later share them.

    Raises `UsageError` for one that cannot be imported, `TargetLost` for one that takes too long.
    """
    for module in modules:
        try:
            with at_most(_BUILD_SECONDS):
                importlib.import_module(module)
        except TimeIsUp:
            raise TargetLost(
                f"in_process.preload: {module}: it was not imported within {_BUILD_SECONDS:g} s"
            ) from None
        except (Exception, SystemExit) as error:
            # One that reads its environment has none here; what it raises is its own choice.
            raise UsageError(f"in_process.preload: {module}: {error!r}") from error


def _application(name: str) -> Any:
    try:
        with at_most(_BUILD_SECONDS):
            return _factory(name)()
    except TimeIsUp:
        raise TargetLost(
            f"the application did not start: {name} was not imported and built within "
            f"{_BUILD_SECONDS:g} s"
        ) from None
    except UsageError:
        raise
    except (Exception, SystemExit) as error:
        raise TargetLost(f"the application did not start: {error!r}") from error


def _factory(name: str) -> Any:
    module, _, attribute = name.partition(":")
    try:
        found: Any = importlib.import_module(module)
        for part in attribute.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        raise UsageError(f"in_process.app: {name}: {error}") from error
    return found


@contextmanager
def _environ(values: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
