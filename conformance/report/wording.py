"""Words that more than one report uses: ids, the conclusion."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from conformance.observe.evidence import masked
from conformance.outcomes import ExitCode, Outcome, exit_code
from conformance.requirements.specification import sort_key
from conformance.run.result import RequirementResult, RunResult, ScenarioResult

EXIT_MEANING = {
    ExitCode.CONFORMANT: "everything that was asked about holds",
    ExitCode.NONCONFORMANT: "a requirement failed",
    ExitCode.USAGE: "the description or the call is wrong",
    ExitCode.INCOMPLETE: "not everything that was asked about is decided",
    ExitCode.HARNESS: "the target was lost or the harness failed",
    ExitCode.STALE_EXPECTED_FAILURE: "an expected failure is stale",
}
_SHORTEST_GROUP = 3


def run_exit_code(result: RunResult) -> ExitCode:
    """Return the exit code that the command line ends with after this run."""
    return exit_code(
        result.conclusion,
        harness_errors=bool(result.errors),
        stale_expected_failures=bool(result.stale_expected_failures),
    )


def ids_in_words(ids: Iterable[str]) -> str:
    """Return ids in the order of reports, three and more consecutive ones as `AC-1 to AC-10`."""
    groups: list[list[str]] = []
    for id_ in sorted(set(ids), key=sort_key):
        if groups and _follows(groups[-1][-1], id_):
            groups[-1].append(id_)
        else:
            groups.append([id_])
    return ", ".join(
        f"{group[0]} to {group[-1]}" if len(group) >= _SHORTEST_GROUP else ", ".join(group)
        for group in groups
    )


def _follows(earlier: str, later: str) -> bool:
    (kind, number), (kind_later, number_later) = sort_key(earlier)[:2], sort_key(later)[:2]
    return kind == kind_later and number_later == number + 1


def by_outcome(requirements: Iterable[RequirementResult]) -> dict[Outcome, list[str]]:
    """Return the ids of requirements under their outcome."""
    found: dict[Outcome, list[str]] = {}
    for requirement in requirements:
        found.setdefault(requirement.outcome, []).append(requirement.id)
    return found


def asked_outcomes(result: RunResult) -> dict[Outcome, list[str]]:
    """Return the asked ids under their outcome; one without a result counts as untested."""
    known = {requirement.id: requirement.outcome for requirement in result.requirements}
    found: dict[Outcome, list[str]] = {}
    for id_ in result.asked:
        found.setdefault(known.get(id_, Outcome.UNTESTED), []).append(id_)
    return found


def fails_as_expected(scenario: ScenarioResult) -> bool:
    """Say whether the scenario failed, and was expected to."""
    return scenario.expected_failure is not None and scenario.outcome is Outcome.FAILED


def requirement_fails_as_expected(requirement: RequirementResult) -> bool:
    """Say whether a requirement failed, and only in scenarios that were expected to."""
    failed = [each for each in requirement.scenarios if each.outcome is Outcome.FAILED]
    return bool(failed) and all(fails_as_expected(scenario) for scenario in failed)


def conclusion_in_words(result: RunResult) -> str:
    """Return the conclusion with its reason and, unless it is 0, the exit code with its meaning."""
    passed = asked_outcomes(result).get(Outcome.PASSED, [])
    noun = "requirement" if len(result.asked) == 1 else "requirements"
    score = f"{len(passed)} of {len(result.asked)} asked {noun} passed"
    if passed:
        score += f" ({ids_in_words(passed)})"
    words = f"{result.conclusion.value}: {'; '.join([*_reasons(result), score])}"
    code = run_exit_code(result)
    if code is ExitCode.CONFORMANT:
        return words
    return f"{words}. Exit code {code.value}: {EXIT_MEANING[code]}."


def _reasons(result: RunResult) -> list[str]:
    judged = {each.id: each.judged for each in result.requirements}
    undecided = {id_: judged.get(id_, Outcome.UNTESTED) for id_ in result.asked}
    groups = {
        "failed": [id_ for id_, outcome in judged.items() if outcome is Outcome.FAILED],
        "failed (expected)": [
            each.id for each in result.requirements if requirement_fails_as_expected(each)
        ],
    } | {
        outcome.value: [id_ for id_, found in undecided.items() if found is outcome]
        for outcome in (Outcome.CANT_TELL, Outcome.UNTESTED, Outcome.INAPPLICABLE)
    }
    reasons = [f"{ids_in_words(ids)} {what}" for what, ids in groups.items() if ids]
    if result.partial:
        reasons.append("only a part of the scenarios was asked for")
    if result.errors:
        reasons.append(counted(len(result.errors), "error of the run", "errors of the run"))
    if result.stale_expected_failures:
        reasons.append(
            counted(
                len(result.stale_expected_failures),
                "stale expected failure",
                "stale expected failures",
            )
        )
    return reasons


def counted(number: int, one: str, more: str) -> str:
    """Return a number with its noun."""
    return f"{number} {one if number == 1 else more}"


def curl_lines(scenario: ScenarioResult) -> list[str]:
    """Return the commands that repeat the scenario's last requests, masked."""
    exchanges: Any = scenario.evidence.get("exchanges", [])
    return [str(masked(each["curl"])) for each in exchanges if each.get("curl")]
