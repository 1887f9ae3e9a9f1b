"""Headers that tell known addresses from unknown ones (EC-1)."""

from __future__ import annotations

import random

import pytest

from conformance.steps.statistics.binomial import fisher_exact
from conformance.steps.statistics.headers import MINIMUM_GROUP, systematic_difference

Headers = dict[str, str]


def response(rng: random.Random, at: int) -> Headers:
    """Give what an honest server sends: constants, a clock, ids, counters, several instances."""
    return {
        "Content-Type": "application/json",
        "Content-Length": "63",
        "Date": f"Mon, 05 Jan 2026 10:00:{at // 3:02} GMT",
        "X-Request-Id": f"{rng.getrandbits(128):032x}",
        "X-RateLimit-Remaining": str(1000 - at),
        "X-Served-By": rng.choice(["one", "two"]),
        "Server-Timing": f"total;dur={rng.uniform(95, 105):.1f}",
        "Set-Cookie": f"sid={rng.getrandbits(200):x}; Path=/",
    }


def groups(seed: int = 1, each: int = 12) -> tuple[list[Headers], list[Headers]]:
    rng = random.Random(seed)
    order = [True, False] * each
    rng.shuffle(order)
    known: list[Headers] = []
    unknown: list[Headers] = []
    for at, is_known in enumerate(order):
        (known if is_known else unknown).append(response(rng, at))
    return known, unknown


def names(known: list[Headers], unknown: list[Headers]) -> list[str]:
    return [difference.name for difference in systematic_difference(known, unknown)]


@pytest.mark.parametrize("each", [8, 12, 40])
def test_what_varies_alike_in_both_is_not_flagged(each: int) -> None:
    flagged = [seed for seed in range(60) if names(*groups(seed, each))]
    assert flagged == []


def test_a_header_of_known_addresses_only() -> None:
    known, unknown = groups()
    for at, headers in enumerate(known):
        headers["X-User"] = f"user-{at}"
    (difference,) = systematic_difference(known, unknown)
    assert difference.name == "x-user"
    assert difference.reason == (
        "x-user is present in 12 of 12 answers to known addresses and in 0 of 12 to unknown ones"
    )


def test_a_header_of_unknown_addresses_only() -> None:
    known, unknown = groups()
    for headers in known:
        del headers["Set-Cookie"]
    assert names(known, unknown) == ["set-cookie"]


def test_the_name_in_another_case_is_the_same_header() -> None:
    known, unknown = groups()
    for headers in known:
        headers["SERVER"] = "x"
    for headers in unknown:
        headers["server"] = "x"
    assert names(known, unknown) == []


@pytest.mark.parametrize("name", ["Content-Length", "X-RateLimit-Remaining", "ETag"])
def test_one_value_each(name: str) -> None:
    known, unknown = groups()
    for headers in known:
        headers[name] = "63"
    for headers in unknown:
        headers[name] = "64"
    assert names(known, unknown) == [name.lower()]


def test_one_value_in_one_group_and_changing_ones_in_the_other() -> None:
    known, unknown = groups()
    for headers in unknown:
        headers["X-Request-Id"] = "0" * 32
    assert names(known, unknown) == ["x-request-id"]


def test_changing_values_of_two_lengths() -> None:
    known, unknown = groups()
    rng = random.Random(2)
    for headers in known:
        headers["Set-Cookie"] = f"sid={rng.getrandbits(800):0200x}"
    (difference,) = systematic_difference(known, unknown)
    assert difference.name == "set-cookie"
    assert "characters" in difference.reason


def test_a_header_that_is_mostly_there_for_one_group() -> None:
    known, unknown = groups(each=20)
    for headers in [*known[:18], *unknown[:2]]:
        headers["X-Cache"] = "hit"
    assert names(known, unknown) == ["x-cache"]


def test_a_duration_is_left_to_the_timing() -> None:
    known, unknown = groups()
    for at, headers in enumerate(unknown):
        headers["Server-Timing"] = f"total;dur=9{at / 10:.1f}"
    for at, headers in enumerate(known):
        headers["Server-Timing"] = f"total;dur=10{at / 10:.1f}"
    assert names(known, unknown) == []


def test_no_reason_holds_a_value() -> None:
    known, unknown = groups()
    for headers in known:
        headers["Set-Cookie"] = "sid=secret-of-a-user"
    (difference,) = systematic_difference(known, unknown)
    assert "secret" not in difference.reason


def test_too_few_responses_are_refused() -> None:
    known, unknown = groups(each=MINIMUM_GROUP)
    with pytest.raises(ValueError, match="8 and 7 responses are too few"):
        systematic_difference(known, unknown[:-1])


def test_the_smallest_groups_suffice_for_a_plain_difference() -> None:
    known, unknown = groups(each=MINIMUM_GROUP)
    for headers in known:
        headers["X-User"] = "1"
    assert names(known, unknown) == ["x-user"]


def test_fishers_test_by_hand() -> None:
    # The lady tasting tea: 4 of 4 against 0 of 4 is 2 in 70; 3 against 1 is 34 in 70.
    assert fisher_exact(4, 4, 0, 4) == pytest.approx(2 / 70)
    assert fisher_exact(3, 4, 1, 4) == pytest.approx(34 / 70)
    assert fisher_exact(2, 4, 2, 4) == 1.0
