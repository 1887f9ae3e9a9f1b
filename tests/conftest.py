"""What all tests share."""

from __future__ import annotations

import subprocess

# With vfork, a process started from one thread while others run has been seen to fail with
# "Bad address" (EFAULT); several tests start processes from threads.
setattr(subprocess, "_USE_VFORK", False)  # noqa: B010 - the documented switch, untyped
