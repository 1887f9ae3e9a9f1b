"""Faults in what the Express target makes of a token."""

from __future__ import annotations

from tests.mutants.express.model import Edit, express_mutant

_LINKS = "src/magic-link.js"
_SESSIONS = "src/auth.js"

TOKENS = (
    express_mutant(
        "select-then-update",
        fault="A token is looked up, then marked as used: both of two at once may find it unused.",
        violates="EC-8",
        falls_with="FR-6",
        step='each token was accepted once and refused 15 times with "TOKEN_USED"',
        incident="The usual race; found in two well-known identity servers.",
        edits=[
            Edit(
                _LINKS,
                """UPDATE "magic_link_tokens" AS "token" SET "usedAt" = NOW() FROM "users\"""",
                """SELECT "token"."userId" FROM "magic_link_tokens" AS "token", "users\"""",
            ),
            Edit(_LINKS, '\n       RETURNING "token"."userId"`', "`"),
            Edit(
                _LINKS,
                "return rows.length === 1 ?",
                """if (rows.length === 1) {
      await db.query(
        'UPDATE "magic_link_tokens" SET "usedAt" = NOW() WHERE "tokenHash" = $1',
        [tokenHash],
      );
    }
    return rows.length === 1 ?""",
            ),
        ],
    ),
    express_mutant(
        "token-reusable",
        fault="A token that was used is accepted again until it expires.",
        violates="AC-4 EC-5",
        falls_with="EC-6 EC-8 FR-6 NFR-4",
        step='the answer is 400 with the error "TOKEN_USED"',
        incident="Only the expiry is checked; seen in a payment platform's magic links.",
        edits=[Edit(_LINKS, '"token"."usedAt" IS NULL AND ', "")],
    ),
    express_mutant(
        "expiry-not-enforced",
        fault="The expiry is stored and never compared with the time.",
        violates="AC-5 EC-4 FR-8",
        falls_with="NFR-4",
        step='the answer is 400 with the error "TOKEN_EXPIRED"',
        incident="The comparison was lost when the query was rewritten.",
        edits=[Edit(_LINKS, ' AND "token"."expiresAt" > NOW()', "")],
    ),
    express_mutant(
        "expiry-computed-at-start",
        fault="The expiry is computed once, when the service starts.",
        violates="FR-8",
        falls_with="AC-2 AC-3 AC-4 AC-5 AC-10 EC-4 EC-5 EC-6 EC-8 FR-3 FR-5 FR-6 NFR-2 NFR-3 NFR-4",
        step="every unused link of a user who asked once expires 15 minutes after it was made",
        incident="A constant of the module that calls the clock; links live shorter and shorter.",
        edits=[
            Edit(
                _LINKS,
                "const LIFETIME = '15 minutes';",
                "const EXPIRES_AT = new Date(Date.now() + 15 * 60 * 1000);",
            ),
            Edit(_LINKS, "NOW() + $3::interval", "$3::timestamptz"),
            Edit(_LINKS, "hashToken(token), LIFETIME", "hashToken(token), EXPIRES_AT"),
        ],
    ),
    express_mutant(
        "raw-token-stored",
        fault="The raw token is stored instead of its hash.",
        violates="AC-8 NFR-1",
        falls_with="AC-2 FR-3 FR-5 FR-6 FR-8",
        step="the stored token is the SHA-256 hash of the one in the mail",
        incident="The column is called a hash and nobody looked; seen in an open auth library.",
        edits=[
            Edit(
                "src/tokens.js",
                "return crypto.createHash('sha256').update(token, 'utf8').digest('hex');",
                "return token;",
            )
        ],
    ),
    express_mutant(
        "link-cookie-readable-by-scripts",
        fault="The cookie that a link sets is not httpOnly; password login's is.",
        violates="AC-2 FR-6",
        falls_with="FR-5 FR-8",
        step='the answer sets the session cookie "auth_token"',
        incident="The front end wanted to read it after the redirect.",
        edits=[
            Edit(
                _SESSIONS, "function start(res, userId) {", "function start(res, userId, other) {"
            ),
            Edit(_SESSIONS, "path: '/',\n", "path: '/',\n      ...other,\n"),
            Edit(
                _LINKS,
                "sessions.start(res, userId);",
                "sessions.start(res, userId, { httpOnly: false });",
            ),
        ],
    ),
    express_mutant(
        "nul-token-500",
        fault="A token with a NUL in it ends in a 500: the database hashes it, unlooked at.",
        violates="EC-6",
        falls_with="FR-5",
        step='the answer is 400 with the error "TOKEN_INVALID", or says that it is too large',
        incident="PostgreSQL's text cannot hold it, and says so with an exception.",
        edits=[
            Edit(
                _LINKS,
                "isWellFormed(token)\n        ? await links.redeem(token)\n"
                "        : { error: 'TOKEN_INVALID' };",
                "await links.redeem(token);",
            ),
            Edit(
                _LINKS,
                "const tokenHash = hashToken(token);",
                """const found = await db.query(
      `SELECT encode(sha256(convert_to($1, 'UTF8')), 'hex') AS "tokenHash"`,
      [token],
    );
    const { tokenHash } = found.rows[0];""",
            ),
        ],
    ),
    express_mutant(
        "token-from-math-random",
        fault="The token is put together from Math.random().",
        violates="NFR-1",
        step="no generator is found that predicts their tokens",
        incident="The first answer to every search for a random string in JavaScript.",
        edits=[
            Edit(
                "src/tokens.js",
                "return crypto.randomBytes(32).toString('hex');",
                """let token = '';
  while (token.length < 64) token += Math.random().toString(16).slice(2);
  return token.slice(0, 64);""",
            )
        ],
    ),
    express_mutant(
        "token-bytes-from-math-random",
        fault="Each byte of the token comes from Math.random().",
        violates="NFR-1",
        step="no generator is found that predicts their tokens",
        incident="A polyfill of crypto's randomBytes for where there is none.",
        edits=[
            Edit(
                "src/tokens.js",
                "return crypto.randomBytes(32).toString('hex');",
                "return Buffer.from(Array.from({ length: 32 }, () => Math.random() * 256))"
                ".toString('hex');",
            )
        ],
    ),
)
