"""Was a mutant caught, for the right reason, and with nothing else?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from tests.mutants.harness_run import HarnessRun, Scenario
from tests.mutants.model import Mutant


class Catch(StrEnum):
    """How a mutant came out of a run."""

    KILLED = "killed"
    MISJUDGED = "misjudged"
    SURVIVED = "survived"
    NOT_JUDGED = "not judged yet"


@dataclass(frozen=True)
class Verdict:
    """A mutant against what the run found. `complaints` say what is not as declared."""

    mutant: Mutant
    run: HarnessRun
    catch: Catch
    complaints: tuple[str, ...]


def judge(mutant: Mutant, run: HarnessRun) -> Verdict:
    """Compare what failed with what the mutant declares.

    Every violated id has to fail, one of them at the declared step, and nothing undeclared.
    """
    expected = mutant.violates & run.judged
    undeclared = run.failed - mutant.violates - mutant.falls_with
    complaints = [f"error of the run: {error}" for error in run.errors]
    missed = expected - run.failed
    if missed:
        complaints.append(f"not caught: {told(missed)}")
    if undeclared:
        complaints.append(f"also failed: {told(undeclared)}")
    if expected & run.failed and not _fails_at_the_step(mutant, run):
        complaints.append(f"fails elsewhere: {_places(mutant, run)}")
    catch = Catch.MISJUDGED if complaints else Catch.KILLED
    if not run.failed & mutant.violates:
        catch = Catch.SURVIVED if expected else Catch.NOT_JUDGED
    return Verdict(mutant, run, catch, tuple(complaints))


def _fails_at_the_step(mutant: Mutant, run: HarnessRun) -> bool:
    return any(mutant.failing_step in each.failing_step for each in _concerned(mutant, run))


def _concerned(mutant: Mutant, run: HarnessRun) -> list[Scenario]:
    return [scenario for scenario in run.failures() if scenario.ids & mutant.violates]


def _places(mutant: Mutant, run: HarnessRun) -> str:
    return "; ".join(f"{each.name}: {each.failing_step}" for each in _concerned(mutant, run))


def told(ids: Iterable[str]) -> str:
    """Return ids as a text, in order."""
    return ", ".join(sorted(ids, key=lambda id_: (id_.split("-")[0], int(id_.split("-")[1]))))
