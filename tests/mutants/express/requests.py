"""Faults in the Express target's way from a request to a mail."""

from __future__ import annotations

from tests.mutants.express.model import Edit, express_mutant

_LINKS = "src/magic-link.js"
_SERVER = "src/server.js"

REQUESTS = (
    express_mutant(
        "mailed-after-the-answer",
        fault="The mail is sent after the answer.",
        violates="EC-7 FR-3 NFR-3",
        falls_with="FR-6 NFR-4",
        step="the answer takes as long as the mail provider does",
        incident="An await is missing, or left out to make the endpoint fast.",
        edits=[
            Edit(
                _LINKS,
                "await deliver(recipient, token);",
                "deliver(recipient, token).catch((err) =>"
                " logger.error({ err }, 'magic link email failed'));",
            )
        ],
    ),
    express_mutant(
        "failed-send-swallowed",
        fault="When the mail cannot be sent, the answer is 202 all the same.",
        violates="EC-7 NFR-3",
        step='the answer is 503 with the error "EMAIL_SEND_FAILED"',
        incident="Catch, log, carry on: the user waits for a mail that nobody sent.",
        edits=[
            Edit(
                _LINKS,
                "        res.status(503).json({ error: 'EMAIL_SEND_FAILED' });\n        return;\n",
                "",
            )
        ],
    ),
    express_mutant(
        "limit-in-memory",
        fault="The limit is kept in the process's memory.",
        violates="FR-7",
        step='the answer is 429 with the error "RATE_LIMIT_EXCEEDED"',
        incident="The default store of the limiter that everybody installs.",
        edits=[
            Edit(
                _SERVER,
                "const rateLimiter = createRateLimiter(db);",
                """const attempts = new Map();
  const rateLimiter = {
    async admit(email) {
      const hourAgo = Date.now() - 60 * 60 * 1000;
      const recent = (attempts.get(email) ?? []).filter((time) => time > hourAgo);
      attempts.set(email, [...recent, Date.now()]);
      return recent.length < 5;
    },
    async purge() {},
  };""",
            )
        ],
    ),
    express_mutant(
        "limit-counts-known-users-only",
        fault="Only requests for registered users are counted: the sixth reveals who is one.",
        violates="AC-7 EC-1 FR-7",
        falls_with="EC-3 NFR-4",
        step='the answer is 429 with the error "RATE_LIMIT_EXCEEDED"',
        incident="Rows are kept per user, and strangers have none; two CVEs.",
        edits=[
            Edit(
                "src/rate-limit.js",
                """'INSERT INTO "magic_link_attempts" ("emailHash") VALUES ($1)', [emailHash]""",
                """`INSERT INTO "magic_link_attempts" ("emailHash")
         SELECT $1 FROM "users" WHERE "email" = $2`,
        [emailHash, email],
      """,
            )
        ],
    ),
    express_mutant(
        "early-return-for-strangers",
        fault="For an address without an active account no mail provider is called.",
        violates="AC-9",
        falls_with="EC-1 EC-2 FR-2",
        step="the median times of the answers differ by less than 50 milliseconds",
        incident="`if (!user) return` before the slow part, as most implementations have it.",
        edits=[Edit(_LINKS, "mailer.rehearseTransactional(SUBJECT, html)", "Promise.resolve()")],
    ),
    express_mutant(
        "link-from-the-host-header",
        fault="The link's host is the request's Host header.",
        violates="FR-4",
        step="the link leads to the configured address",
        incident="Whoever asks for somebody's link chooses where the token goes.",
        edits=[
            Edit(
                _LINKS,
                "await deliver(recipient, token);",
                "await deliver(recipient, token, `https://${req.get('host')}`);",
            ),
            Edit(
                _LINKS,
                "function deliver(recipient, token) {",
                "function deliver(recipient, token, appBaseUrl) {",
            ),
        ],
    ),
    express_mutant(
        "token-in-the-log",
        fault="The token is in the log line of the mail that was sent.",
        violates="NFR-1",
        step="the log holds no token",
        incident="The way to try the login before there was a mailbox.",
        edits=[Edit(_LINKS, "{ userId: recipient.userId }", "{ userId: recipient.userId, token }")],
    ),
    express_mutant(
        "suspended-users-are-mailed",
        fault="A suspended user gets a link by mail.",
        violates="EC-2",
        step="no mail goes out to the address",
        incident="The status is looked at when the link is opened, not when it is asked for.",
        edits=[Edit(_LINKS, """$1 AND "status" = 'active'""", "$1")],
    ),
)
