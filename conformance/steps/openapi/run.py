"""A contract run: generate, feed, send, judge, within a limit of time and number."""

from __future__ import annotations

import time
from collections import Counter, deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conformance.observe.wire import Wire
from conformance.requirements.magic_link import LOGIN
from conformance.steps.openapi.feeding import Feeder, Probe
from conformance.steps.openapi.generation import generated_cases, load_operations, quiet_generation
from conformance.steps.openapi.judgement import Judge
from conformance.steps.openapi.model import ContractFailure, ContractInputs, ContractResult, reached

if TYPE_CHECKING:
    from schemathesis import Case

    from conformance.observe.evidence import Exchange

REQUEST_TIMEOUT_SECONDS = 10.0
_LOGIN_SECONDS = 30.0
_BODY_LIMIT = 64 * 1024
# So many requests are under way at a time: a target whose answers take long is not waited for
# hundreds of times in a row, and few enough that any service can bear them.
_UNDER_WAY = 4


def run_contract(
    inputs: ContractInputs,
    *,
    time_limit: float,
    seed: int,
    max_requests: int = 400,
    max_fuzzed: int = 400,
) -> ContractResult:
    """Send what schemathesis derives from the OpenAPI document and judge the answers.

    It ends after `max_requests`, or once `max_fuzzed` of them came from fuzzing, which follows the
    examples and the coverage of the schema. No request starts after `time_limit` seconds; those
    that are under way may take 10 s, twice, and one login 30 s the second time. Unreachable targets
    get no special treatment: each request fails because there is no answer.
    """
    started = time.monotonic()
    with quiet_generation(), ThreadPoolExecutor(_UNDER_WAY) as senders:
        run = _Run(inputs, senders)
        for phase, case in generated_cases(load_operations(seed), seed):
            if case.operation.path in inputs.absent:
                continue
            if not run.requests:
                # Making the first case takes seconds on a busy machine; they are not the target's.
                started = time.monotonic()
            if time.monotonic() - started >= time_limit or run.requests >= max_requests:
                break
            if run.fuzzed >= max_fuzzed and run.reached:
                break
            run.step(phase, case)
        run.settle_all()
    return run.result(seed, time.monotonic() - started)


@dataclass(frozen=True)
class _UnderWay:
    """A request that was sent, and the answer that is awaited."""

    phase: str
    case: Case[Any]
    probe: Probe
    answer: Future[Exchange]


class _Run:
    def __init__(self, inputs: ContractInputs, senders: ThreadPoolExecutor) -> None:
        self._wire = Wire(inputs.base_url, inputs.headers, lost=lambda: "")
        self._senders = senders
        self._under_way: deque[_UnderWay] = deque()
        self._feeder = Feeder(inputs)
        self._absent = inputs.absent
        self._login_seconds = _LOGIN_SECONDS
        self._judge = Judge()
        self._sent: set[tuple[str, str, str, bytes]] = set()
        self._phases: Counter[str] = Counter()
        self._statuses: dict[str, Counter[int]] = {}

    @property
    def requests(self) -> int:
        return self._phases.total()

    @property
    def fuzzed(self) -> int:
        return self._phases["fuzzing"]

    @property
    def reached(self) -> bool:
        return reached(self._statuses, self._absent)

    def step(self, phase: str, case: Case[Any]) -> None:
        """Send one case, unless it is too long or nothing new."""
        probe = self._feeder.probe(case)
        content = (probe.method, probe.path, probe.content_type, probe.body)
        repeats = content in self._sent and not probe.deliberate
        if len(probe.body) > _BODY_LIMIT or repeats:
            return
        self._sent.add(content)
        # What is sent again on purpose is judged by its turn.
        while any(each.probe.body == probe.body for each in self._under_way):
            self._settle()
        self._phases[phase] += 1
        answer = self._senders.submit(self._send, probe)
        self._under_way.append(_UnderWay(phase, case, probe, answer))
        if len(self._under_way) == _UNDER_WAY:
            self._settle()

    def settle_all(self) -> None:
        """Await and judge what is under way still."""
        while self._under_way:
            self._settle()

    def _settle(self) -> None:
        """Await the answer to the earliest request that is under way, and judge it."""
        sent = self._under_way.popleft()
        probe, exchange = self._answered(sent)
        if exchange.status:
            self._statuses.setdefault(probe.operation, Counter())[exchange.status] += 1
        self._judge.judge(sent.case, probe, exchange)
        if probe.live and exchange.status == 200:
            self._feeder.accepted(probe)

    def _answered(self, sent: _UnderWay) -> tuple[Probe, Exchange]:
        exchange = sent.answer.result()
        if not exchange.error:
            return sent.probe, exchange
        # Once more: a single dropped connection may be the machine's fault.
        second = self._feeder.again(sent.probe)
        if second is None:
            return sent.probe, exchange
        self._phases[sent.phase] += 1
        if second.path != LOGIN:
            return second, self._send(second)
        # A password hash costs what it costs, and no sentence says how long a login may take.
        exchange = self._send(second, self._login_seconds)
        if exchange.error:
            self._login_seconds = REQUEST_TIMEOUT_SECONDS
        return second, exchange

    def _send(self, probe: Probe, timeout: float = REQUEST_TIMEOUT_SECONDS) -> Exchange:
        headers = {"content-type": probe.content_type} if probe.content_type else {}
        return self._wire.attempt(
            probe.method,
            probe.path,
            probe.body,
            headers,
            timeout=timeout,
            keep=False,
        )

    def result(self, seed: int, elapsed: float) -> ContractResult:
        statuses = {
            operation: dict(sorted(counts.items()))
            for operation, counts in sorted(self._statuses.items())
        }
        return ContractResult(
            failures=_one_of_each(self._judge.failures),
            notes=tuple(self._judge.notes),
            statuses=statuses,
            phases=dict(self._phases),
            requests=self.requests,
            seed=seed,
            elapsed=elapsed,
            reached=self.reached,
        )


def _one_of_each(failures: list[ContractFailure]) -> tuple[ContractFailure, ...]:
    """Return the failure that is shortest to reproduce of each kind, the shortest first."""
    kinds: dict[tuple[str, tuple[str, ...], str, str], ContractFailure] = {}
    for failure in sorted(failures, key=lambda failure: len(failure.reproduce)):
        # The status is a finding's kind; the rest of what was found varies from body to body.
        status = failure.found.split()[0]
        kind = (failure.operation, failure.requirement_ids, failure.expected, status)
        kinds.setdefault(kind, failure)
    return tuple(kinds.values())
