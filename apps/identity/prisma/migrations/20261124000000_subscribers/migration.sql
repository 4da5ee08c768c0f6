-- Subscribers enter a code without a word of what it is for. `network` is a keyed hash of where it was asked for from: the
-- code is unlike every other live one of there. null: such a code is only right together with its request.
ALTER TABLE "code_request"
    ADD COLUMN "network" TEXT,
    DROP CONSTRAINT "code_request_purpose_is_known",
    ADD CONSTRAINT "code_request_purpose_is_known" CHECK ("purpose" IN
        ('sign_in', 'driver_sign_in', 'subscriber_sign_in', 'registration', 'restore', 'phone_change', 'email_change',
         'confirmation'));
CREATE INDEX "code_request_network_expires_at_idx" ON "code_request"("network", "expires_at");

-- Of the person's papers, as whoever ordered for them gave it.
ALTER TABLE "customer"
    ADD COLUMN "personal_number" TEXT,
    ADD CONSTRAINT "customer_personal_number_is_whole" CHECK ("personal_number" ~ '^[0-9]{11}$'),
    DROP CONSTRAINT "customer_erased_is_nobody",
    ADD CONSTRAINT "customer_erased_is_nobody" CHECK ("erased_at" IS NULL OR (
        "phone" IS NULL AND "email" IS NULL AND "name" IS NULL AND "first_name" IS NULL AND "middle_name" IS NULL
        AND "last_name" IS NULL AND "birthday" IS NULL AND "sex" IS NULL AND "additional_info" IS NULL
        AND "personal_number" IS NULL AND "password_hash" IS NULL));

-- A login on the subscribers' site: one opaque token, which the gateway exchanges for an access token of a minute.
CREATE TABLE "site_token" (
    -- SHA-256: it has 256 random bits.
    "hash" BYTEA NOT NULL,
    "session_id" TEXT NOT NULL,

    CONSTRAINT "site_token_pkey" PRIMARY KEY ("hash")
);
ALTER TABLE "site_token" ADD CONSTRAINT "site_token_session_id_fkey"
    FOREIGN KEY ("session_id") REFERENCES "session"("id") ON DELETE CASCADE ON UPDATE CASCADE;
CREATE UNIQUE INDEX "site_token_session_id_key" ON "site_token"("session_id");

-- A program of somebody else's that works with us: no person, and no customer.
CREATE TABLE "service_account" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "roles" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "service_account_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "service_account_is_no_operator" CHECK (NOT "roles" @> ARRAY['operator'])
);
CREATE INDEX "service_account_name_id_idx" ON "service_account"("name", "id");

CREATE TABLE "service_key" (
    -- What access tokens name as their session.
    "id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    -- SHA-256: it has 256 random bits.
    "hash" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "last_used_at" TIMESTAMPTZ(3),
    -- null: until it is rotated or revoked.
    "expires_at" TIMESTAMPTZ(3),

    CONSTRAINT "service_key_pkey" PRIMARY KEY ("id")
);
ALTER TABLE "service_key" ADD CONSTRAINT "service_key_account_id_fkey"
    FOREIGN KEY ("account_id") REFERENCES "service_account"("id") ON DELETE CASCADE ON UPDATE CASCADE;
CREATE UNIQUE INDEX "service_key_hash_key" ON "service_key"("hash");
CREATE INDEX "service_key_account_id_idx" ON "service_key"("account_id");
CREATE INDEX "service_key_expires_at_idx" ON "service_key"("expires_at");
