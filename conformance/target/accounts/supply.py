"""Test accounts: active, suspended, without password; each asked-for one is handed out once."""

from __future__ import annotations

import random
import string
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Literal

from conformance.outcomes import Inapplicable, Point, Untested

Kind = Literal["active", "suspended", "passwordless"]
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

    @property
    def known_id(self) -> str:
        """The id; raises `Untested` where the harness does not know it."""
        if self.id is None:
            raise Untested(Point.ACCOUNTS, "the user's id is not described")
        return self.id


def unknown_address() -> str:
    """Return an address that nobody registered, plain enough for any validator."""
    return "".join(random.choices(_ALPHABET, k=14)) + "@example.com"


class Accounts(ABC):
    """A supply of accounts.

    `take` hands out accounts that no request was made for yet; `Untested` says that there are no
    more. `with_password` may hand out the same account again. `addresses` are those of all accounts
    that are there, in lower case.
    """

    def __init__(self) -> None:
        self.addresses: set[str] = set()
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
        """Make used accounts usable again after their hour has passed; return whether it could."""
        return False

    @property
    def changeable(self) -> bool:
        """Whether accounts can be suspended, reinstated and deleted."""
        return False

    def suspend(self, account: Account) -> None:
        """Suspend an account that was handed out."""
        del account
        raise Untested(Point.ACCOUNTS, "only accounts that the harness wrote can be suspended")

    def reinstate(self, account: Account) -> None:
        """Make an account active that was suspended."""
        del account
        raise Untested(Point.ACCOUNTS, "only accounts that the harness wrote can be reinstated")

    def delete(self, account: Account) -> None:
        """Delete an account that was handed out, with its tokens."""
        del account
        raise Untested(Point.ACCOUNTS, "only accounts that the harness wrote can be deleted")

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
