"""Test accounts: active, suspended, without password; each asked-for one is handed out once."""

from __future__ import annotations

import json
import random
import secrets
import string
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from conformance.outcomes import Inapplicable, Point, Untested, UsageError
from conformance.target.description import ListedAccount
from conformance.target.launch.process import CommandLost, run_to_end

Kind = Literal["active", "suspended", "passwordless"]
_COMMAND_SECONDS = 300.0
_ALPHABET = string.ascii_lowercase + string.digits


@dataclass(frozen=True)
class Account:
    """A registered account.

    `id` and `password` are None when the harness does not know them; `passwordless` says that
    there is no password to know.
    """

    email: str
    id: str | None
    password: str | None
    status: str = "active"
    passwordless: bool = False


def unknown_address() -> str:
    """Return an address that nobody registered, plain enough for any validator."""
    return "".join(random.choices(_ALPHABET, k=14)) + "@example.com"


class Accounts(ABC):
    """A supply of accounts.

    `take` hands out accounts that no request was made for yet; `Untested` says that there are no
    more. `with_password` may hand out the same account again.
    """

    def __init__(self) -> None:
        self._login: Account | None = None

    @abstractmethod
    def take(self, kind: Kind = "active", count: int = 1) -> list[Account]:
        """Return `count` accounts that were never handed out."""

    def make(self, address: str) -> Account:
        """Return a new active account with exactly this address.

        Raises `Inapplicable` where accounts have the addresses that they have, or where the target
        does not take this one.
        """
        raise Inapplicable(f"no account can be made with an address such as {address}")

    @property
    def plentiful(self) -> bool:
        """Whether any number can be had."""
        return False

    def recycle(self) -> bool:
        """Make used accounts usable again after their hour has passed; tells whether it could."""
        return False

    def suspend(self, account: Account) -> None:
        """Suspend an account that was handed out."""
        del account
        raise Untested(Point.ACCOUNTS, "only accounts that the harness wrote can be suspended")

    def change_password(self, account: Account) -> None:
        """Store another password for an account that was handed out."""
        del account
        raise Untested(Point.ACCOUNTS, "only passwords that the harness wrote can be changed")

    def with_password(self) -> Account:
        """Return an active account whose password and id are known, for login alone."""
        if self._login is None:
            self._login = self._password_account()
        return self._login

    def _password_account(self) -> Account:
        [account] = self.take("active")
        if account.password is None:
            raise Untested(Point.ACCOUNTS, "no account with a known password is described")
        return account


class NoAccounts(Accounts):
    """None are described."""

    def take(self, kind: Kind = "active", count: int = 1) -> list[Account]:
        """Raise `Untested`."""
        del count
        raise Untested(Point.ACCOUNTS, f"no {kind} account is described ([accounts])")


class PoolAccounts(Accounts):
    """A fixed number of accounts. `recyclable` says that time can be moved past their hour.

    `reused` says that accounts which had requests can be taken again.
    """

    def __init__(self, accounts: Iterable[Account], *, recyclable: bool) -> None:
        super().__init__()
        self._fresh = list(accounts)
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
    return [
        Account(entry.email, entry.id, entry.password, entry.status, entry.passwordless)
        for entry in accounts
    ]


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
