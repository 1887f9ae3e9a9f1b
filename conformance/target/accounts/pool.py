"""A fixed number of accounts: listed in the description, or invented for the target to make."""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from conformance.outcomes import Point, Untested, UsageError
from conformance.target.accounts.supply import Account, Accounts, Kind, unknown_address
from conformance.target.description import ListedAccount
from conformance.target.launch.process import CommandLost, run_to_end

_COMMAND_SECONDS = 300.0


class PoolAccounts(Accounts):
    """A fixed number of accounts. `recyclable` says that time can be moved past their hour.

    `reused` says that accounts which had requests can be taken again.
    """

    def __init__(self, accounts: Iterable[Account], *, recyclable: bool) -> None:
        super().__init__()
        self._fresh = list(accounts)
        self.addresses = {account.email.lower() for account in self._fresh}
        self._used: list[Account] = []
        self._recyclable = recyclable
        self.reused = False

    def take(self, kind: Kind = "active", count: int = 1) -> list[Account]:
        """Return `count` accounts that were not handed out since the last `recycle`."""
        fitting = [account for account in self._fresh if _fits(account, kind)]
        if len(fitting) < count:
            have = sum(_fits(account, kind) for account in (*self._fresh, *self._used))
            raise Untested(
                Point.ACCOUNTS,
                f"{count} unused {kind} needed here, {len(fitting)} of {have} left",
            )
        taken = fitting[:count]
        self._fresh = [account for account in self._fresh if account not in taken]
        self._used += taken
        return taken

    def left(self, kind: Kind) -> int:
        """Return how many accounts of a kind can be taken."""
        return sum(_fits(account, kind) for account in self._fresh)

    def recycle(self) -> bool:
        """Make every account available again."""
        if self._recyclable:
            self.reused = self.reused or bool(self._used)
            self._fresh += self._used
            self._used = []
        return self._recyclable

    def _password_account(self) -> Account:
        # Logging in uses up nothing, so an account that had requests serves as well; it is kept
        # apart from then on, unless it is the only one that is left.
        for account in (*self._used, *self._fresh):
            if account.status == "active" and account.password is not None:
                if account in self._used or self.left("active") > 1:
                    self._used = [other for other in self._used if other != account]
                    self._fresh = [other for other in self._fresh if other != account]
                return account
        raise Untested(Point.ACCOUNTS, "no account with a known password is described")


def listed(accounts: Iterable[ListedAccount]) -> list[Account]:
    """Return the accounts of a description's fixed list."""
    return [Account(**entry.model_dump()) for entry in accounts]


def invented(count: int) -> list[Account]:
    """Return accounts to hand to a target that makes them itself.

    One in six is suspended, one in twenty has no password; ids are UUIDs.
    """
    password = f"Pw-{secrets.token_hex(8)}"
    made = []
    for number in range(count):
        suspended, bare = number % 6 == 5, number % 20 == 19
        made.append(
            Account(
                email=unknown_address(),
                id=str(uuid.uuid4()),
                password=None if bare else password,
                status="suspended" if suspended and not bare else "active",
                passwordless=bare,
            )
        )
    return made


def as_json(accounts: Iterable[Account]) -> str:
    """Return accounts as the JSON that is handed over: email, id, password, status."""
    return json.dumps([asdict(account) for account in accounts])


def hand_to_command(
    command: list[str], accounts: Sequence[Account], directory: Path, env: dict[str, str]
) -> None:
    """Run the description's command that makes accounts from JSON on its standard input."""
    try:
        status, output = run_to_end(
            command, directory, env, as_json(accounts).encode(), _COMMAND_SECONDS
        )
    except (OSError, CommandLost) as error:
        raise UsageError(f"`accounts.command`: {' '.join(command)}: {error}") from error
    if status:
        raise UsageError(
            f"`accounts.command` ended with status {status}: {' / '.join(output[-10:])}"
        )


def _fits(account: Account, kind: Kind) -> bool:
    if kind == "passwordless":
        return account.passwordless
    return account.status == kind and not account.passwordless
