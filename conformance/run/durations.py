"""Where a run's time went."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from conformance.observe.mail import Sink
from conformance.outcomes import Method
from conformance.run.result import ScenarioResult
from conformance.target.testbed import Testbed

# In the order in which they are told; they overlap, and workers add up.
PARTS = {
    "starting": "starting the target and its instances",
    "answers": "waiting for the target's answers",
    "mail_provider": "the mail provider's own delay",
    "sampling": "scenarios that judge times by samples",
    "scenarios": "all scenarios",
}


def spent_on(testbed: Testbed) -> dict[str, float]:
    """Return the seconds that went by on one testbed, by part."""
    mailbox, instances = testbed.mailbox, testbed.instances
    return {
        "starting": sum(instances.start_seconds) if instances is not None else 0.0,
        "answers": sum(testbed.wire.elapsed),
        "mail_provider": sum(mailbox.delays) if isinstance(mailbox, Sink) else 0.0,
    }


def in_all(
    workers: Iterable[Mapping[str, float]], scenarios: Iterable[ScenarioResult]
) -> dict[str, float]:
    """Return the seconds of a run by part (see `PARTS`), summed over its workers."""
    spent, judged = list(workers), list(scenarios)
    total = {part: sum(worker.get(part, 0.0) for worker in spent) for part in PARTS}
    total["scenarios"] = sum(each.seconds for each in judged)
    total["sampling"] = sum(each.seconds for each in judged if Method.STATISTIC in each.points)
    return {part: round(seconds, 3) for part, seconds in total.items()}
