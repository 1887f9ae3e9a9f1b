"""`check-target`: what works, what does not and why, and what can be judged."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from conformance.outcomes import Point
from conformance.target.database.postgres import EmbeddedPostgres
from tests.hostile.kinds import KINDS
from tests.place import Ended, Place
from tests.reference_described import described

pytestmark = pytest.mark.run


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    embedded = EmbeddedPostgres()
    yield embedded.url
    embedded.close()


def _check(text: str, *options: str) -> Ended:
    with Place() as place:
        ended = place.start("check-target", place.describe(text), *options).end(seconds=120)
        assert place.leftovers() == []
    return ended


def _words(ended: Ended) -> dict[str, str]:
    """Return the word for each point."""
    found = {}
    for line in ended.out.splitlines():
        for point in sorted(Point, key=len, reverse=True):
            if line.startswith(f"{point} "):
                words = ("works", "not tried", "no")
                rest = line.removeprefix(point).strip()
                found[str(point)] = next((w for w in words if rest.startswith(f"{w} ")), rest)
                break
    return found


def test_everything_works(server: str) -> None:
    events = {"link_sent": "link.sent", "used_token": "never, ever"}
    ended = _check(described(server, log={"events": events}))
    assert ended.code == 0, ended.out + ended.err
    assert _words(ended) == dict.fromkeys(map(str, Point), "works")
    assert "can be judged: AC-1 to AC-10, FR-1 to FR-8, NFR-1 to NFR-5, EC-1 to EC-8" in ended.out
    told = " ".join(ended.out.split())
    assert "not seen: " in told
    assert "used_token" in told.partition("not seen: ")[2]


def test_it_is_legible_at_80_columns(server: str) -> None:
    ended = _check(described(server, accounts=None))
    assert max(map(len, ended.out.splitlines())) <= 80
    assert "\x1b" not in ended.out


def test_it_says_first_what_it_will_change(server: str) -> None:
    ended = _check(described(server, accounts=None))
    before, _, _ = ended.out.partition("what was found")
    assert "makes a new database and drops it at the end" in before
    assert "moves the target's time by 16 minutes" in before


def test_what_is_missing_is_told_with_the_ids(server: str) -> None:
    ended = _check(described(server, protected=None, clock={"kind": "none"}))
    assert ended.code == 3, ended.err
    words = _words(ended)
    assert {point for point, word in words.items() if word == "no"} == {
        "protected endpoints",
        "clock",
    }
    rows = {line.split()[0]: line.split(maxsplit=1)[1].strip() for line in _rows(ended)}
    assert rows["AC-3"] == "protected endpoints"
    assert rows["AC-5"] == "clock"
    assert rows["FR-6"] == "protected endpoints"
    assert "A run would be incomplete: AC-2, AC-3, AC-5 cannot be judged." in ended.out


def _rows(ended: Ended) -> list[str]:
    return (
        ended.out.partition("because these are missing")[2].partition("A run")[0].splitlines()[2:-1]
    )


def test_a_mail_that_does_not_arrive_is_told(server: str) -> None:
    """A provider that is there, and is not the one that the service is told of."""
    elsewhere = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": "1"}
    ended = _check(described(server, elsewhere))
    assert ended.code == 3, ended.err
    assert _words(ended)["mailbox"] == "no"


def test_a_wrong_description_is_2_and_an_unreachable_target_4() -> None:
    assert _check('nmae = "x"').code == 2
    ended = _check('base_url = "http://127.0.0.1:1"')
    assert (ended.code, ended.err.count("\n")) == (4, 1)
    assert _check('base_url = "http://192.0.2.1:1"').code == 2


def test_a_target_that_ends_the_process_has_passed_no_trial() -> None:
    ended = _check(KINDS["exits when asked"].description)
    assert ended.code == 4, ended.out
    assert ended.err == "magic-link-conformance: a process of the harness ended with 0\n"
    assert "can be judged" not in ended.out


def test_daemons_of_a_target_end_with_the_trial() -> None:
    ended = _check(KINDS["leaves daemons"].description)
    assert ended.code == 3, ended.err


def test_a_target_sees_no_secrets_of_whoever_tries_it() -> None:
    with Place() as place:
        target = place.describe(KINDS["tells"].description)
        secrets = {"DEPLOY_KEY": "hunter2", "HANDED_ON": "for the target"}
        ended = place.start("check-target", target, **secrets).end()
        told = (place.directory / "environments").read_text()
    assert ended.code == 3, ended.err
    assert "for the target" in told
    assert "hunter2" not in told
