-- The ledger: accounts, transfers between them, the postings that a transfer consists of, and money that is held.
-- Amounts are minor units of the account's currency. Positive is what we owe a customer or have earned; what a provider
-- holds for us is negative: so that the postings of every transfer, and of all of them, add up to zero.
CREATE TABLE "account" (
    "id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    -- The customer of a wallet, the provider of a clearing account, the kind of revenue; empty for the others.
    "owner" TEXT NOT NULL,
    "currency" TEXT NOT NULL,
    -- Accounts of the house take part in every transfer: each is kept in several rows, so that no two transfers wait for one.
    "stripe" SMALLINT NOT NULL DEFAULT 0,
    "posted" BIGINT NOT NULL DEFAULT 0,
    "held" BIGINT NOT NULL DEFAULT 0,
    "available" BIGINT NOT NULL DEFAULT 0,
    "version" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    -- When the customer of a wallet was forgotten: it stays, and so does what is in it.
    "erased_at" TIMESTAMPTZ(3),

    CONSTRAINT "account_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "account_kind_is_known" CHECK ("kind" IN ('wallet', 'clearing', 'revenue', 'fees', 'adjustments')),
    CONSTRAINT "account_currency_is_a_code" CHECK ("currency" ~ '^[A-Z]{3}$'),
    CONSTRAINT "account_wallet_is_one_row" CHECK ("kind" <> 'wallet' OR "stripe" = 0),
    CONSTRAINT "account_available_adds_up" CHECK ("available" = "posted" - "held"),
    CONSTRAINT "account_wallet_is_never_overdrawn" CHECK ("kind" <> 'wallet' OR "available" >= 0),
    CONSTRAINT "account_only_wallets_are_held" CHECK ("held" >= 0 AND ("kind" = 'wallet' OR "held" = 0)),
    CONSTRAINT "account_posted_is_safe" CHECK ("posted" BETWEEN -9007199254740991 AND 9007199254740991)
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX "account_kind_owner_currency_stripe_key" ON "account"("kind", "owner", "currency", "stripe");

CREATE TABLE "transfer" (
    "id" TEXT NOT NULL,
    -- The caller's word for it; the same key again is the same transfer.
    "key" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "currency" TEXT NOT NULL,
    -- What the caller calls the thing that it pays for.
    "reference" TEXT,
    -- The transfer that this one gives back, in whole or in part.
    "refunds" TEXT,
    -- The operator who asked for it, where one did.
    "operator_id" TEXT,
    "reason" TEXT,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "transfer_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "transfer_kind_is_known"
        CHECK ("kind" IN ('replenishment', 'charge', 'capture', 'refund', 'adjustment', 'fee'))
);
CREATE UNIQUE INDEX "transfer_key_key" ON "transfer"("key");
CREATE INDEX "transfer_refunds_idx" ON "transfer"("refunds");

CREATE TABLE "posting" (
    "id" BIGSERIAL NOT NULL,
    "transfer_id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "amount" BIGINT NOT NULL,
    -- What was posted to this row of the account after it: a statement begins anywhere without adding up what came before.
    "balance" BIGINT,

    CONSTRAINT "posting_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "posting_moves_something" CHECK ("amount" <> 0)
);
CREATE INDEX "posting_account_id_id_idx" ON "posting"("account_id", "id");
CREATE INDEX "posting_transfer_id_idx" ON "posting"("transfer_id");

CREATE TABLE "hold" (
    "id" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    -- null: released before anybody placed it.
    "account_id" TEXT,
    "amount" BIGINT NOT NULL,
    "captured" BIGINT NOT NULL DEFAULT 0,
    "status" TEXT NOT NULL,
    "reference" TEXT,
    "transfer_id" TEXT,
    "placed_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "hold_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "hold_status_is_known" CHECK ("status" IN ('placed', 'captured', 'released', 'expired')),
    CONSTRAINT "hold_captures_at_most_what_is_held" CHECK ("captured" BETWEEN 0 AND "amount"),
    CONSTRAINT "hold_ends_with_a_time" CHECK (("status" = 'placed') = ("ended_at" IS NULL)),
    CONSTRAINT "hold_is_of_a_wallet" CHECK ("account_id" IS NOT NULL OR "status" = 'released')
);
CREATE UNIQUE INDEX "hold_key_key" ON "hold"("key");
CREATE INDEX "hold_account_id_id_idx" ON "hold"("account_id", "id");
CREATE INDEX "hold_placed_expires_at_idx" ON "hold"("expires_at") WHERE "status" = 'placed';

-- An operator proposes, another one decides.
CREATE TABLE "adjustment" (
    "id" TEXT NOT NULL,
    -- The proposer's word for it; the same key again is the same proposal.
    "key" TEXT NOT NULL,
    -- kind:owner:currency, since the wallet of who never had money is not there yet.
    "account_id" TEXT NOT NULL,
    "amount" BIGINT NOT NULL,
    "reason" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "proposed_by" TEXT NOT NULL,
    "proposed_at" TIMESTAMPTZ(3) NOT NULL,
    "decided_by" TEXT,
    "decided_at" TIMESTAMPTZ(3),
    "transfer_id" TEXT,

    CONSTRAINT "adjustment_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "adjustment_status_is_known" CHECK ("status" IN ('proposed', 'approved', 'rejected')),
    CONSTRAINT "adjustment_moves_something" CHECK ("amount" <> 0),
    CONSTRAINT "adjustment_is_decided_by_another" CHECK ("decided_by" <> "proposed_by"),
    CONSTRAINT "adjustment_decision_is_whole"
        CHECK (("status" = 'proposed') = ("decided_by" IS NULL) AND ("decided_by" IS NULL) = ("decided_at" IS NULL))
);
CREATE UNIQUE INDEX "adjustment_key_key" ON "adjustment"("key");
CREATE INDEX "adjustment_account_id_id_idx" ON "adjustment"("account_id", "id");
CREATE INDEX "adjustment_status_id_idx" ON "adjustment"("status", "id");

CREATE FUNCTION "refuse_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER "transfer_is_append_only" BEFORE DELETE OR TRUNCATE ON "transfer"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
-- But for what an operator wrote about a customer who is forgotten.
CREATE TRIGGER "transfer_forgets_its_reason_only" BEFORE UPDATE ON "transfer"
    FOR EACH ROW WHEN (NEW."reason" IS NOT NULL OR to_jsonb(NEW) - 'reason' <> to_jsonb(OLD) - 'reason')
    EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "posting_is_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "posting"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();

CREATE TRIGGER "account_is_kept" BEFORE DELETE OR TRUNCATE ON "account"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "hold_is_kept" BEFORE DELETE OR TRUNCATE ON "hold"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
CREATE TRIGGER "hold_ends_once" BEFORE UPDATE ON "hold"
    FOR EACH ROW WHEN (OLD."status" <> 'placed') EXECUTE FUNCTION "refuse_change"();

-- Whatever a statement writes adds up when the statement ends, and nothing is added to a transfer of another transaction. Once
-- for all of a statement: a look for each transfer cost as much as all else that is written of it. By index, whatever
-- was known of the tables when this was planned: they grow by millions.
CREATE FUNCTION "demand_zero_sums"() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    "wrong" RECORD;
BEGIN
    SELECT "touched"."id", "transfer"."currency", "sums".* INTO "wrong"
    FROM (SELECT DISTINCT "transfer_id" AS "id" FROM "added") AS "touched"
    LEFT JOIN "transfer" ON "transfer"."id" = "touched"."id" AND "transfer"."xmin" = pg_current_xact_id()::xid
    CROSS JOIN LATERAL (
        SELECT sum("amount") AS "total", count(*) AS "legs",
            count(*) FILTER (WHERE "account"."currency" = "transfer"."currency") AS "mine"
        FROM "posting" LEFT JOIN "account" ON "account"."id" = "account_id"
        WHERE "transfer_id" = "touched"."id"
    ) AS "sums"
    WHERE "legs" < 2 OR "total" <> 0 OR "mine" <> "legs"
    LIMIT 1;
    IF FOUND AND "wrong"."currency" IS NULL THEN
        RAISE EXCEPTION 'a posting belongs to a transfer of the same transaction' USING ERRCODE = 'check_violation';
    ELSIF FOUND THEN
        RAISE EXCEPTION 'transfer % has % postings, % of them in %, that add up to %', "wrong"."id", "wrong"."legs",
            "wrong"."mine", "wrong"."currency", "wrong"."total" USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER "posting_adds_up_to_zero" AFTER INSERT ON "posting" REFERENCING NEW TABLE AS "added"
    FOR EACH STATEMENT EXECUTE FUNCTION "demand_zero_sums"();

CREATE FUNCTION "demand_postings"() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    IF EXISTS (
        SELECT FROM "moved"
        WHERE NOT EXISTS (SELECT FROM "posting" WHERE "posting"."transfer_id" = "moved"."id")
    ) THEN
        RAISE EXCEPTION 'a transfer comes with its postings, in one statement' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER "transfer_comes_with_its_postings" AFTER INSERT ON "transfer" REFERENCING NEW TABLE AS "moved"
    FOR EACH STATEMENT EXECUTE FUNCTION "demand_postings"();

-- Each time that the whole ledger was added up again, and what did not fit.
CREATE TABLE "verification" (
    "id" TEXT NOT NULL,
    "begun_at" TIMESTAMPTZ(3) NOT NULL,
    "took_ms" INTEGER NOT NULL,
    "accounts" BIGINT NOT NULL,
    "transfers" BIGINT NOT NULL,
    "postings" BIGINT NOT NULL,
    "differences" JSONB NOT NULL,

    CONSTRAINT "verification_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "verification_begun_at_idx" ON "verification"("begun_at");
