"""An existing service that has taken over the magic link, as docs/reference/adopt.md says.

It has users of its own, with a history of migrations, a password login and a session. What it got
from reference_app is one call in `app.py`, and an index in its second migration.
"""
