"""The help of the options that several commands, and the pytest plugin, have in common."""

from __future__ import annotations

TARGET = "Target description (TOML)."
ONLY = "Run only the scenarios of these requirements; such a run is never conformant."
REQUIRE = "The requirements that must be decided: ids, or all.  [default: AC-1 to AC-10]"
EXPECTED_FAILURES = "Failures that do not count, each with a reason (TOML)."
REPORT_DIR = "Where the reports are written."
ADVISORIES = "Also run the advisories, which decide nothing."
ALLOW_REMOTE = "Allow targets that are not on this machine."
