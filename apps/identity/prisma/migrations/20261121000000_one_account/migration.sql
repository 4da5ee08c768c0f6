-- One account in every dialect: who a customer is, how they prove it, and what was done to their account.
ALTER TABLE "customer"
    ADD COLUMN "email_verified_at" TIMESTAMPTZ(3),
    ADD COLUMN "first_name" TEXT,
    ADD COLUMN "middle_name" TEXT,
    ADD COLUMN "last_name" TEXT,
    ADD COLUMN "birthday" DATE,
    ADD COLUMN "sex" TEXT,
    ADD COLUMN "additional_info" TEXT,
    ADD COLUMN "referral_code" TEXT,
    ADD COLUMN "erased_at" TIMESTAMPTZ(3),
    ADD CONSTRAINT "customer_sex_is_known" CHECK ("sex" IN ('female', 'male')),
    DROP CONSTRAINT "customer_can_be_reached",
    ADD CONSTRAINT "customer_can_be_reached"
        CHECK ("phone" IS NOT NULL OR "email" IS NOT NULL OR "erased_at" IS NOT NULL),
    ADD CONSTRAINT "customer_erased_is_nobody" CHECK ("erased_at" IS NULL OR (
        "phone" IS NULL AND "email" IS NULL AND "name" IS NULL AND "first_name" IS NULL AND "middle_name" IS NULL
        AND "last_name" IS NULL AND "birthday" IS NULL AND "sex" IS NULL AND "additional_info" IS NULL
        AND "password_hash" IS NULL));

-- An app with a device key has no end.
ALTER TABLE "session" ALTER COLUMN "expires_at" DROP NOT NULL;

-- A message that would come too late is not sent at all.
ALTER TABLE "message"
    ADD COLUMN "not_after" TIMESTAMPTZ(3),
    DROP CONSTRAINT "message_status_is_known",
    ADD CONSTRAINT "message_status_is_known"
        CHECK ("status" IN ('queued', 'sent', 'dropped', 'failed', 'expired', 'in_doubt', 'undeliverable'));

-- Two queues instead of one: somebody sits and waits for some messages, and a thousand others must not be in front.
DROP INDEX "message_due_idx";
CREATE INDEX "message_awaited_idx" ON "message"("next_attempt_at")
    WHERE "status" = 'queued' AND "kind" IN ('code', 'password_reset');
CREATE INDEX "message_due_idx" ON "message"("next_attempt_at")
    WHERE "status" = 'queued' AND "kind" NOT IN ('code', 'password_reset');

-- What went to somebody is shown to them, and forgotten with them.
CREATE INDEX "message_recipient_idx" ON "message"("recipient");

-- Written before a provider is called: a row without an end says that nobody knows what became of the call. Not bound to
-- its message by a key, which would lock and touch that row for each call.
CREATE TABLE "message_call" (
    "id" UUID NOT NULL,
    "message_id" TEXT NOT NULL,
    "provider" TEXT NOT NULL,
    "begun_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    "outcome" TEXT,
    "reference" TEXT,
    "error" TEXT,

    CONSTRAINT "message_call_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "message_call_outcome_is_known"
        CHECK ("outcome" IN ('taken', 'refused', 'unwanted', 'later', 'in_doubt')),
    CONSTRAINT "message_call_ends_with_an_outcome" CHECK (("ended_at" IS NULL) = ("outcome" IS NULL))
) WITH (fillfactor = 80);
CREATE INDEX "message_call_message_id_idx" ON "message_call"("message_id");

CREATE TABLE "app_profile" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "region" TEXT NOT NULL,
    "code_digits" SMALLINT NOT NULL,
    "blocked_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "app_profile_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "app_profile_id_fits_a_header" CHECK ("id" ~ '^[!-~]{1,64}$'),
    CONSTRAINT "app_profile_region_is_a_country" CHECK ("region" ~ '^[A-Z]{2}$'),
    CONSTRAINT "app_profile_code_is_long_enough" CHECK ("code_digits" BETWEEN 4 AND 8)
);

CREATE TABLE "device_key" (
    "session_id" TEXT NOT NULL,
    "profile_id" TEXT NOT NULL,
    "sealed_key" BYTEA NOT NULL,
    "sealed_by" TEXT NOT NULL,
    "push_token" TEXT,
    "push_token_at" TIMESTAMPTZ(3),

    CONSTRAINT "device_key_pkey" PRIMARY KEY ("session_id"),
    CONSTRAINT "device_key_push_token_has_a_time" CHECK (("push_token" IS NULL) = ("push_token_at" IS NULL))
);

CREATE TABLE "signed_request" (
    "customer_number" BIGINT NOT NULL,
    "digest" BYTEA NOT NULL,
    "seen_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "signed_request_pkey" PRIMARY KEY ("customer_number", "digest")
);

-- The code itself is nowhere: it follows from the nonce, the number of the send and a secret.
CREATE TABLE "code_request" (
    "id" UUID NOT NULL,
    "short_id" INTEGER,
    "purpose" TEXT NOT NULL,
    "channel" TEXT NOT NULL,
    "recipient" TEXT NOT NULL,
    "language" TEXT NOT NULL,
    "customer_id" TEXT,
    "owner" TEXT,
    "reference" TEXT,
    "facts" JSONB NOT NULL,
    "nonce" BYTEA NOT NULL,
    "digits" SMALLINT NOT NULL,
    "delivers" BOOLEAN NOT NULL,
    "tries" SMALLINT NOT NULL DEFAULT 0,
    "max_tries" SMALLINT NOT NULL,
    "sends" SMALLINT NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "resend_at" TIMESTAMPTZ(3) NOT NULL,
    "accepted_at" TIMESTAMPTZ(3),

    CONSTRAINT "code_request_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "code_request_purpose_is_known"
        CHECK ("purpose" IN ('sign_in', 'registration', 'restore', 'phone_change', 'email_change', 'confirmation')),
    CONSTRAINT "code_request_channel_is_known" CHECK ("channel" IN ('sms', 'voice', 'email')),
    CONSTRAINT "code_request_tries_are_bounded" CHECK ("tries" <= "max_tries"),
    CONSTRAINT "code_request_is_long_enough" CHECK ("digits" BETWEEN 4 AND 8 AND octet_length("nonce") >= 16),
    CONSTRAINT "code_request_confirms_something"
        CHECK (("purpose" = 'confirmation') = ("owner" IS NOT NULL AND "reference" IS NOT NULL)),
    CONSTRAINT "code_request_short_id_is_positive" CHECK ("short_id" > 0)
);

CREATE TABLE "audit_entry" (
    "id" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "act" TEXT NOT NULL,
    "actor_role" TEXT NOT NULL,
    "actor_id" TEXT,
    "subject_id" TEXT,
    "address" TEXT,
    "facts" JSONB NOT NULL,

    CONSTRAINT "audit_entry_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "audit_entry_actor_is_named" CHECK (("actor_role" = 'system') = ("actor_id" IS NULL))
);

-- Operators look for people by their first and last name, too.
DROP INDEX "customer_email_name_idx";
CREATE INDEX "customer_search_idx" ON "customer" USING gin
    ("email" gin_trgm_ops, "name" gin_trgm_ops, "first_name" gin_trgm_ops, "last_name" gin_trgm_ops);
-- Who has a role is asked whenever somebody is to lose one.
CREATE INDEX "customer_role_idx" ON "customer" USING gin ("roles") WHERE "roles" <> '{}';
-- What housekeeping looks for: apps that somebody has ended.
CREATE INDEX "session_ended_device_idx" ON "session"("ended_at") WHERE "expires_at" IS NULL AND "ended_at" IS NOT NULL;
CREATE INDEX "device_key_sealed_by_idx" ON "device_key"("sealed_by");
CREATE INDEX "device_key_push_token_idx" ON "device_key"("push_token");
CREATE INDEX "signed_request_seen_at_idx" ON "signed_request"("seen_at");
CREATE UNIQUE INDEX "code_request_short_id_key" ON "code_request"("short_id");
CREATE UNIQUE INDEX "code_request_owner_reference_key" ON "code_request"("owner", "reference");
CREATE INDEX "code_request_recipient_purpose_idx" ON "code_request"("recipient", "purpose");
CREATE INDEX "code_request_customer_id_idx" ON "code_request"("customer_id");
CREATE INDEX "code_request_created_at_idx" ON "code_request"("created_at");
CREATE INDEX "audit_entry_at_id_idx" ON "audit_entry"("at" DESC, "id" DESC);
CREATE INDEX "audit_entry_subject_id_at_id_idx" ON "audit_entry"("subject_id", "at" DESC, "id" DESC);
CREATE INDEX "audit_entry_actor_id_at_id_idx" ON "audit_entry"("actor_id", "at" DESC, "id" DESC);
CREATE INDEX "audit_entry_act_at_id_idx" ON "audit_entry"("act", "at" DESC, "id" DESC);

ALTER TABLE "device_key" ADD CONSTRAINT "device_key_session_id_fkey"
    FOREIGN KEY ("session_id") REFERENCES "session"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "device_key" ADD CONSTRAINT "device_key_profile_id_fkey"
    FOREIGN KEY ("profile_id") REFERENCES "app_profile"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

CREATE FUNCTION "refuse_change_of_history"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the rows of % are only ever added', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER "audit_entry_is_only_added_to" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_entry"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change_of_history"();
