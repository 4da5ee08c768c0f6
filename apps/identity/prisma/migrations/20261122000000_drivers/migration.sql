-- Drivers' phones keep one opaque token for weeks; the gateway exchanges it for an access token of a minute.
CREATE TABLE "app_token" (
    -- SHA-256: it has 256 random bits.
    "hash" BYTEA NOT NULL,
    "session_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    -- null: it may never have reached its app, which then goes on with the one before.
    "used_at" TIMESTAMPTZ(3),
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "app_token_pkey" PRIMARY KEY ("hash")
);
ALTER TABLE "app_token" ADD CONSTRAINT "app_token_session_id_fkey"
    FOREIGN KEY ("session_id") REFERENCES "session"("id") ON DELETE CASCADE ON UPDATE CASCADE;
CREATE INDEX "app_token_session_id_idx" ON "app_token"("session_id");
CREATE INDEX "app_token_expires_at_idx" ON "app_token"("expires_at");

-- Their codes are entered by phone alone, so they are told apart from all others.
ALTER TABLE "code_request"
    DROP CONSTRAINT "code_request_purpose_is_known",
    ADD CONSTRAINT "code_request_purpose_is_known" CHECK ("purpose" IN
        ('sign_in', 'driver_sign_in', 'registration', 'restore', 'phone_change', 'email_change', 'confirmation'));

-- Where a customer's apps listen: random, so that nobody guesses it, and one for all of their apps.
CREATE TABLE "push_topic" (
    "customer_id" TEXT NOT NULL,
    "topic" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "push_topic_pkey" PRIMARY KEY ("customer_id"),
    CONSTRAINT "push_topic_is_plain" CHECK ("topic" ~ '^push[.][A-Za-z0-9_-]{20,}$')
);
ALTER TABLE "push_topic" ADD CONSTRAINT "push_topic_customer_id_fkey"
    FOREIGN KEY ("customer_id") REFERENCES "customer"("id") ON DELETE CASCADE ON UPDATE CASCADE;
CREATE UNIQUE INDEX "push_topic_topic_key" ON "push_topic"("topic");

-- What an app connects to the broker with, made at a sign-in. Not bound to its session by a key: who takes it away once
-- the session has ended must still find that there was one.
CREATE TABLE "broker_credential" (
    "id" TEXT NOT NULL,
    "session_id" TEXT NOT NULL,
    -- SHA-256: it has 256 random bits.
    "password_hash" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "broker_credential_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "broker_credential_session_id_idx" ON "broker_credential"("session_id");
CREATE INDEX "broker_credential_expires_at_idx" ON "broker_credential"("expires_at");

-- Sessions that ended while an app of theirs may be connected to the broker, until it is not.
CREATE TABLE "broker_kick" (
    "session_id" TEXT NOT NULL,
    "requested_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "broker_kick_pkey" PRIMARY KEY ("session_id")
);

-- What an app is told over its topic, until the broker has it.
CREATE TABLE "push" (
    "id" UUID NOT NULL,
    "customer_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    -- As it goes to the topic itself, and to the sub-topic of its name: to the letter, in the order of the document.
    "wrapped" JSON,
    "bare" JSON,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "push_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "push_created_at_idx" ON "push"("created_at");

-- What payments last told of a wallet, for when it cannot be asked.
CREATE TABLE "wallet_copy" (
    "customer_id" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "currency" TEXT NOT NULL,
    "available" BIGINT NOT NULL,

    CONSTRAINT "wallet_copy_pkey" PRIMARY KEY ("customer_id")
);
