"""Hundreds of requests, made once a run: their times (NFR-5) and their tokens (NFR-1)."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from conformance.observe.evidence import Exchange
from conformance.observe.mail.links import token_of
from conformance.outcomes import Method, Point, Untested
from conformance.steps import actions
from conformance.steps.generators import TOKENS, Issued
from conformance.steps.scene import Scene
from conformance.steps.statistics.percentile import PercentilePlan

FEWEST_TOKENS = 40
# Side by side, to save time. A target that serves one request after another takes ten times the
# provider's delay then, which is still within NFR-5's limit.
_WORKERS = 10
_FEW = 4


@dataclass
class Harvest:
    """The addresses for which links were requested, and the answers."""

    addresses: set[str] = field(default_factory=set)
    answers: list[Exchange] = field(default_factory=list)
    shortage: Untested | None = None


def gather(scene: Scene) -> Harvest:
    """Request a link for as many users as a percentile takes; only once in a run."""
    shared = scene.testbed.shared
    if "harvest" not in shared:
        shared["harvest"] = gather_anew(scene)
    harvest: Harvest = shared["harvest"]
    scene.evidence.points.update((Point.WIRE, Method.REPETITION))
    return harvest


def gather_anew(scene: Scene) -> Harvest:
    """Request the links, also once more: tokens of the first time may have expired since."""
    harvest = Harvest()
    wanted = PercentilePlan().first
    addresses: list[str] = []
    scene.replenish()
    while len(addresses) < wanted:
        try:
            [account] = scene.take()
        except Untested as shortage:
            harvest.shortage = shortage
            break
        addresses.append(account.email)
    if not addresses and harvest.shortage is not None:
        raise harvest.shortage
    with ThreadPoolExecutor(_WORKERS) as workers:
        harvest.answers = list(workers.map(lambda address: actions.ask(scene, address), addresses))
    for answer in harvest.answers:
        actions.expect_accepted(scene, answer, "a registered user's request")
    harvest.addresses = set(addresses)
    return harvest


def one_after_another(scene: Scene) -> list[Issued]:
    """Request links for users in turn; return their tokens in the order in which they were made."""
    # A fixed list is spared: one token shows most generators.
    wanted = TOKENS if scene.testbed.accounts.plentiful else _FEW
    issued = []
    # What a token was computed from is the target's time.
    ahead = scene.testbed.clock.ahead.total_seconds() if scene.testbed.clock is not None else 0.0
    for account in scene.take(count=wanted):
        requested = time.time() + ahead
        answer = actions.ask(scene, account.email)
        actions.expect_accepted(scene, answer, "a registered user's request")
        answered = time.time() + ahead
        mails = actions.await_mail(scene, account.email, 1)
        token = next((token_of(link) for mail in mails for link in mail.magic_links()), None)
        issued.append(Issued((token or "").lower(), account.email, account.id, requested, answered))
        if not token:
            # Nothing can be predicted then, and each further mail would be waited for as well.
            break
    return issued


def tokens_of(scene: Scene, harvest: Harvest) -> list[str]:
    """Return the newest token that was mailed to each of the addresses."""
    newest = {
        address: token
        for message in scene.testbed.need_mailbox().messages()
        for address in {*message.recipients} & harvest.addresses
        for link in message.magic_links()
        if (token := token_of(link))
    }
    return list(newest.values())
