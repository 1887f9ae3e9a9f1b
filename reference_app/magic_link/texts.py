"""What the mail says, by language. One more entry here is one more language for MAIL_LOCALE."""

from __future__ import annotations

from typing import NamedTuple


class MailTexts(NamedTuple):
    """The mail in one language, as text; `{minutes}` stands for how long the link works."""

    lang: str
    subject: str
    invitation: str
    note: str


TEXTS = {
    texts.lang: texts
    for texts in (
        MailTexts(
            lang="en",
            subject="Your login link",
            invitation="Open this link to log in:",
            note="It works once, for {minutes} minutes. "
            "If you did not ask for it, you need not do anything.",
        ),
        MailTexts(
            lang="de",
            subject="Ihr Anmeldelink",
            invitation="Öffnen Sie diesen Link, um sich anzumelden:",
            note="Er funktioniert einmal und ist {minutes} Minuten lang gültig. "
            "Wenn Sie ihn nicht angefordert haben, brauchen Sie nichts zu tun.",
        ),
        MailTexts(
            lang="fr",
            subject="Votre lien de connexion",
            # French has a space before a colon, and no line may end there.
            invitation="Ouvrez ce lien pour vous connecter\N{NO-BREAK SPACE}:",
            note="Il ne fonctionne qu’une fois et reste valable {minutes} minutes. "
            "Si vous ne l’avez pas demandé, vous n’avez rien à faire.",
        ),
    )
}
ENGLISH = TEXTS["en"]
