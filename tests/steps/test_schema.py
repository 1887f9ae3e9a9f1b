"""NFR-2's default of createdAt: the present time, whatever it is called."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from conformance.observe.database import Database
from conformance.observe.evidence import Evidence
from conformance.outcomes import Failed
from conformance.steps.scene import Scene
from conformance.steps.schema import column_is
from conformance.target.testbed import Testbed
from tests.conftest import OpenDatabase

KIND = "a time with its zone, now by default"


def judge(database: Database) -> None:
    testbed = SimpleNamespace(need_database=lambda: database)
    column_is(Scene(cast("Testbed", testbed), Evidence()), "createdAt", KIND)


def tokens_with(default: str) -> str:
    return f'CREATE TABLE magic_link_tokens ("createdAt" timestamptz DEFAULT {default})'


@pytest.mark.parametrize(
    "default",
    [
        "now()",
        "CURRENT_TIMESTAMP(3)",
        "statement_timestamp()",
        "clock_timestamp()",
        "date_trunc('milliseconds', now())",
        "(timezone('utc', now()) AT TIME ZONE 'utc')",
    ],
)
def test_the_present_time_by_any_name(open_database: OpenDatabase, default: str) -> None:
    judge(open_database(tokens_with(default)))


@pytest.mark.parametrize(
    "default",
    ["NULL", "'now'::timestamptz", "now() + interval '1 hour'", "timezone('utc', now())"],
)
def test_another_time_fails(open_database: OpenDatabase, default: str) -> None:
    database = open_database(tokens_with(default))
    with pytest.raises(Failed, match="the default of createdAt"):
        judge(database)
    [zone] = database.query(
        "SELECT current_setting('TimeZone') = reset_val AS own"
        " FROM pg_settings WHERE name = 'TimeZone'"
    )
    assert zone["own"]
