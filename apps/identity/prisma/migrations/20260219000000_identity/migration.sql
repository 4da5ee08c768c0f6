-- One person in all dialects, with three public identifiers.
CREATE TABLE "customer" (
    "id" TEXT NOT NULL,
    "uuid" UUID NOT NULL,
    "number" BIGSERIAL NOT NULL,
    "phone" TEXT,
    "phone_verified_at" TIMESTAMPTZ(3),
    "email" TEXT,
    "name" TEXT,
    "password_hash" TEXT,
    "marketing_opt_in" BOOLEAN NOT NULL DEFAULT false,
    "language" TEXT NOT NULL,
    "roles" TEXT[],
    "blocked_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "last_login_at" TIMESTAMPTZ(3),

    CONSTRAINT "customer_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "customer_email_is_lower_case" CHECK ("email" = lower("email")),
    CONSTRAINT "customer_phone_is_e164" CHECK ("phone" ~ '^\+[1-9][0-9]{4,14}$'),
    CONSTRAINT "customer_can_be_reached" CHECK ("phone" IS NOT NULL OR "email" IS NOT NULL)
);

-- One login on one device: the family that its refresh tokens belong to.
CREATE TABLE "session" (
    "id" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "client_id" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "last_used_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    "end_reason" TEXT,
    "user_agent" TEXT,
    "address" TEXT,

    CONSTRAINT "session_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "session_end_has_a_reason" CHECK (("ended_at" IS NULL) = ("end_reason" IS NULL))
);

-- Never the token, only its SHA-256.
CREATE TABLE "refresh_token" (
    "hash" BYTEA NOT NULL,
    "session_id" TEXT NOT NULL,
    "key_id" TEXT NOT NULL,
    "issued_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "spent_at" TIMESTAMPTZ(3),

    CONSTRAINT "refresh_token_pkey" PRIMARY KEY ("hash"),
    CONSTRAINT "refresh_token_hash_is_sha256" CHECK (octet_length("hash") = 32)
);

CREATE TABLE "signing_key" (
    "id" TEXT NOT NULL,
    "public_jwk" JSONB NOT NULL,
    "private_key" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "active_from" TIMESTAMPTZ(3) NOT NULL,
    "retires_at" TIMESTAMPTZ(3),

    CONSTRAINT "signing_key_pkey" PRIMARY KEY ("id")
);

-- What goes out to a person. Rows say what to write; the text is made when it is sent.
CREATE TABLE "message" (
    "id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "facts" JSONB NOT NULL,
    "channel" TEXT NOT NULL,
    "recipient" TEXT NOT NULL,
    "language" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMPTZ(3),
    "last_error" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "sent_at" TIMESTAMPTZ(3),
    "dedupe_key" TEXT NOT NULL,

    CONSTRAINT "message_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "message_status_is_known" CHECK ("status" IN ('queued', 'sent', 'failed', 'undeliverable', 'dropped')),
    CONSTRAINT "message_queued_has_a_time" CHECK (("status" = 'queued') = ("next_attempt_at" IS NOT NULL))
);

-- Filled by the development transport alone, never in production.
CREATE TABLE "development_message" (
    "id" TEXT NOT NULL,
    "channel" TEXT NOT NULL,
    "recipient" TEXT NOT NULL,
    "subject" TEXT,
    "text" TEXT NOT NULL,
    "html" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "development_message_pkey" PRIMARY KEY ("id")
);

-- Counted attempts, an account or address each. Unlogged would forget them in a crash, and let guessing begin anew.
CREATE TABLE "throttle" (
    "key" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL,
    "free_at" TIMESTAMPTZ(3) NOT NULL,
    "forgotten_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "throttle_pkey" PRIMARY KEY ("key")
);

CREATE UNIQUE INDEX "customer_uuid_key" ON "customer"("uuid");
CREATE UNIQUE INDEX "customer_number_key" ON "customer"("number");
CREATE UNIQUE INDEX "customer_phone_key" ON "customer"("phone");
CREATE UNIQUE INDEX "customer_email_key" ON "customer"("email");
CREATE INDEX "customer_created_at_id_idx" ON "customer"("created_at" DESC, "id" DESC);

CREATE INDEX "session_customer_id_client_id_idx" ON "session"("customer_id", "client_id");
CREATE INDEX "session_expires_at_idx" ON "session"("expires_at");

CREATE INDEX "refresh_token_session_id_idx" ON "refresh_token"("session_id");
CREATE INDEX "refresh_token_expires_at_idx" ON "refresh_token"("expires_at");

CREATE UNIQUE INDEX "message_dedupe_key_key" ON "message"("dedupe_key");
CREATE INDEX "message_created_at_idx" ON "message"("created_at");
-- The worker's queue: only what is still to be sent.
CREATE INDEX "message_due_idx" ON "message"("next_attempt_at") WHERE "status" = 'queued';

CREATE INDEX "development_message_recipient_created_at_idx" ON "development_message"("recipient", "created_at" DESC);

CREATE INDEX "throttle_forgotten_at_idx" ON "throttle"("forgotten_at");

ALTER TABLE "session" ADD CONSTRAINT "session_customer_id_fkey"
    FOREIGN KEY ("customer_id") REFERENCES "customer"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "refresh_token" ADD CONSTRAINT "refresh_token_session_id_fkey"
    FOREIGN KEY ("session_id") REFERENCES "session"("id") ON DELETE CASCADE ON UPDATE CASCADE;
