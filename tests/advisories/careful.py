"""The reference, with links that a change of password makes worthless: no advisory speaks."""

from __future__ import annotations

from reference_app.magic_link import repository
from tests.mutants.change import Change


def alter(change: Change) -> None:
    """Bind each token to the password of its time; give a hung provider two seconds."""
    change.settings(mail_timeout_seconds=2.0)
    change.schema('ALTER TABLE magic_link_tokens ADD COLUMN "passwordThen" TEXT')
    change.rewrite(repository, "_STORE", "SELECT id, email FROM", "SELECT * FROM")
    change.rewrite(repository, "_STORE", '"createdAt")', '"createdAt", "passwordThen")')
    change.rewrite(repository, "_STORE", "%(now)s FROM", '%(now)s, "passwordHash" FROM')
    change.rewrite(
        repository,
        "_SPEND",
        "AND users.id =",
        'AND "passwordThen" IS NOT DISTINCT FROM users."passwordHash" AND users.id =',
    )
