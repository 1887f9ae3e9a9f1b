"""A module that is never imported to its end."""

import threading

threading.Event().wait()
