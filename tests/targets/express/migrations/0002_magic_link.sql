CREATE TABLE "magic_link_tokens" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "userId" UUID NOT NULL,
    "tokenHash" VARCHAR(64) NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "usedAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "magic_link_tokens_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "magic_link_tokens_userId_fkey" FOREIGN KEY ("userId")
        REFERENCES "users" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE UNIQUE INDEX "magic_link_tokens_tokenHash_key" ON "magic_link_tokens" ("tokenHash");
CREATE INDEX "magic_link_tokens_userId_createdAt_idx" ON "magic_link_tokens" ("userId", "createdAt");

-- Every request for a link, accepted or refused, whether or not the address has an account.
CREATE TABLE "magic_link_attempts" (
    "id" BIGSERIAL NOT NULL,
    "emailHash" VARCHAR(64) NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "magic_link_attempts_pkey" PRIMARY KEY ("id")
);

CREATE INDEX "magic_link_attempts_emailHash_createdAt_idx"
    ON "magic_link_attempts" ("emailHash", "createdAt");
CREATE INDEX "magic_link_attempts_createdAt_idx" ON "magic_link_attempts" ("createdAt");
