"""The help of the options that several commands, and the pytest plugin, have in common."""

from __future__ import annotations

TARGET = "Target description (TOML)."
ONLY = (
    "Run only the scenarios of these requirements, or these scenarios (verifying_a_token:31); "
    "such a run is never conformant."
)
ONLY_IDS = "Run only the scenarios of these requirements; such a run is never conformant."
LAST_FAILED = "Run only what failed in the last run, or everything when nothing did."
FAILED_FIRST = "Run everything, what failed in the last run first."
EXITFIRST = "End the run at the first failure."
SLICE = (
    "Judge a service of which only this part is built yet: `request` has no verify. "
    "Such a run is never conformant."
)
MIN_SCORE = (
    "End with 0 when at least this share of what was asked about passed (0 to 1), else with 1. "
    "The reports keep the gate's conclusion."
)
REQUIRE = "The requirements that must be decided: ids, or all.  [default: AC-1 to AC-10]"
GATE = "Run only what decides the required requirements; the others are not looked at."
EXPECTED_FAILURES = "Failures that do not count, each with a reason (TOML)."
REPORT_DIR = "Where the reports are written."
ADVISORIES = "Also run the advisories, which decide nothing."
ALLOW_REMOTE = "Allow targets that are not on this machine."
