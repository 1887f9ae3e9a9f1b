"""argon2id, off the event loop."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError, VerifyMismatchError

from reference_app.auth import former_hashes

_ARGON2 = "$argon2"


class Passwords:
    """Verifies passwords; each verification costs about twenty milliseconds and 19 MiB."""

    def __init__(self) -> None:
        # The least that OWASP's Password Storage Cheat Sheet recommends.
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        # As many at once as there are processors: more would only cost memory.
        self._threads = ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="argon2")
        self._nobodys_hash = self._hasher.hash("the password of nobody")

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Return whether the password fits.

        Without a hash, and with one of a scheme that is not known, take as long and say no.
        """
        loop = asyncio.get_running_loop()
        known = password_hash or self._nobodys_hash
        fits = await loop.run_in_executor(self._threads, self._fits, known, password)
        return fits and password_hash is not None

    async def replacement(self, password_hash: str | None, password: str) -> str | None:
        """Return the hash that a password which fits should have; None when it has it."""
        if password_hash is None or password_hash.startswith(_ARGON2):
            return None
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._hasher.hash, password)

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=False)

    def _fits(self, password_hash: str, password: str) -> bool:
        try:
            if password_hash.startswith(_ARGON2):
                return self._hasher.verify(password_hash, password)
            return former_hashes.fits(password_hash, password)
        except VerifyMismatchError:
            return False
        except (VerificationError, ValueError):
            # It cannot be read, and an answer at once would say that this account is there.
            self._fits(self._nobodys_hash, password)
            return False
