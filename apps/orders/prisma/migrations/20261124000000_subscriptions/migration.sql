-- Packages in the copy of the catalogue, orders that wait for their code, and the subscriptions that they start. Amounts are minor units.

-- What customers of the self-service site call a product by; null until the catalogue tells of it again.
ALTER TABLE "offers" ADD COLUMN "number" INTEGER, ADD COLUMN "package" JSONB;
CREATE INDEX "offers_number_idx" ON "offers"("number");

CREATE TABLE "pending_order" (
    "id" TEXT NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "customer_id" TEXT NOT NULL,
    "phone" TEXT,
    "language" TEXT NOT NULL,
    "product_id" TEXT NOT NULL,
    "product_number" INTEGER NOT NULL,
    "sku" TEXT NOT NULL,
    "title" JSONB NOT NULL,
    "price" BIGINT NOT NULL,
    "currency" TEXT NOT NULL,
    "package" JSONB,
    "status" TEXT NOT NULL,
    "reason" TEXT,
    "code_request_id" UUID,
    "subscription_id" TEXT,
    "order_id" TEXT,
    "ordered_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "confirmed_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "due_at" TIMESTAMPTZ(3),
    "taken_until" TIMESTAMPTZ(3),

    CONSTRAINT "pending_order_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "pending_order_status_is_known"
        CHECK ("status" IN ('pending', 'confirmed', 'done', 'refused', 'lapsed')),
    CONSTRAINT "pending_order_that_is_over_has_an_end"
        CHECK (("status" IN ('done', 'refused', 'lapsed')) = ("ended_at" IS NOT NULL)),
    CONSTRAINT "pending_order_that_goes_on_is_looked_at" CHECK (("ended_at" IS NULL) = ("due_at" IS NOT NULL)),
    CONSTRAINT "pending_order_costs_something_or_nothing" CHECK ("price" BETWEEN 0 AND 9007199254740991)
);
CREATE INDEX "pending_order_customer_id_id_idx" ON "pending_order"("customer_id", "id");
CREATE INDEX "pending_order_ended_at_idx" ON "pending_order"("ended_at");
CREATE INDEX "pending_order_due" ON "pending_order"("due_at") WHERE "due_at" IS NOT NULL;

CREATE TABLE "subscription" (
    "id" TEXT NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "customer_id" TEXT NOT NULL,
    "product_id" TEXT NOT NULL,
    "product_number" INTEGER NOT NULL,
    "title" JSONB NOT NULL,
    "line" TEXT,
    "length" JSONB NOT NULL,
    "price" BIGINT NOT NULL,
    "currency" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "renews" BOOLEAN NOT NULL,
    "from" TIMESTAMPTZ(3),
    "until" TIMESTAMPTZ(3),
    "anchor" TIMESTAMPTZ(3),
    "counted" INTEGER NOT NULL DEFAULT 0,
    "noticed_for" TIMESTAMPTZ(3),
    "next" JSONB,
    "ordered_at" TIMESTAMPTZ(3) NOT NULL,
    "unpaid_since" TIMESTAMPTZ(3),
    "canceled_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "wallet_version" INTEGER NOT NULL DEFAULT 0,
    "asked_version" INTEGER NOT NULL DEFAULT 0,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "not_before" TIMESTAMPTZ(3),
    "due_at" TIMESTAMPTZ(3),
    "taken_until" TIMESTAMPTZ(3),

    CONSTRAINT "subscription_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "subscription_state_is_known" CHECK ("state" IN ('unpaid', 'active', 'ended')),
    CONSTRAINT "subscription_that_is_over_has_an_end" CHECK (("state" = 'ended') = ("ended_at" IS NOT NULL)),
    CONSTRAINT "subscription_that_waits_knows_since_when" CHECK (("state" = 'unpaid') = ("unpaid_since" IS NOT NULL)),
    CONSTRAINT "subscription_time_is_whole" CHECK (("from" IS NULL) = ("until" IS NULL) AND "from" <= "until"),
    CONSTRAINT "subscription_that_is_active_has_time" CHECK ("state" <> 'active' OR "until" IS NOT NULL)
);
CREATE INDEX "subscription_customer_id_id_idx" ON "subscription"("customer_id", "id");
CREATE INDEX "subscription_state_id_idx" ON "subscription"("state", "id");
CREATE INDEX "subscription_product_id_id_idx" ON "subscription"("product_id", "id");
-- Who orders twice at once has one, and of one line one.
CREATE UNIQUE INDEX "subscription_one_of_a_product" ON "subscription"("customer_id", "product_id") WHERE "state" <> 'ended';
CREATE UNIQUE INDEX "subscription_one_of_a_line" ON "subscription"("customer_id", "line")
    WHERE "state" <> 'ended' AND "line" IS NOT NULL;
-- What a worker looks at.
CREATE INDEX "subscription_due" ON "subscription"("due_at") WHERE "due_at" IS NOT NULL;

CREATE TABLE "subscription_period" (
    "subscription_id" TEXT NOT NULL,
    "n" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "terms" JSONB NOT NULL,
    "price" BIGINT NOT NULL,
    "credit" BIGINT NOT NULL DEFAULT 0,
    "from" TIMESTAMPTZ(3),
    "until" TIMESTAMPTZ(3),
    "cut_at" TIMESTAMPTZ(3),
    "wanted_at" TIMESTAMPTZ(3) NOT NULL,
    "answered_at" TIMESTAMPTZ(3),
    "pending_order_id" TEXT,

    CONSTRAINT "subscription_period_pkey" PRIMARY KEY ("subscription_id","n"),
    CONSTRAINT "subscription_period_kind_is_known"
        CHECK ("kind" IN ('first', 'renewal', 'extension', 'change', 'gift')),
    CONSTRAINT "subscription_period_status_is_known"
        CHECK ("status" IN ('wanted', 'asked', 'refused', 'paid', 'returning', 'dropped')),
    CONSTRAINT "subscription_period_money_is_not_negative" CHECK ("price" >= 0 AND "credit" >= 0),
    CONSTRAINT "subscription_period_that_is_paid_has_time"
        CHECK (("status" = 'paid') = ("from" IS NOT NULL) AND ("from" IS NULL) = ("until" IS NULL) AND "from" <= "until")
);
ALTER TABLE "subscription_period" ADD CONSTRAINT "subscription_period_subscription_id_fkey"
    FOREIGN KEY ("subscription_id") REFERENCES "subscription"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;
-- One at a time is asked for, so that no answer is about another one.
CREATE UNIQUE INDEX "subscription_period_one_is_asked_for" ON "subscription_period"("subscription_id")
    WHERE "status" = 'asked';

-- What was paid for stays as it was sold; only that it was cut short, and went into another package, is noted.
CREATE FUNCTION "keep_paid_period"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD."status" = 'paid' AND (TG_OP = 'DELETE' OR (NEW."status", NEW."price", NEW."credit", NEW."from", NEW."until", NEW."terms")
        IS DISTINCT FROM (OLD."status", OLD."price", OLD."credit", OLD."from", OLD."until", OLD."terms")) THEN
        RAISE EXCEPTION 'a period that is paid for is kept' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;
CREATE TRIGGER "subscription_period_is_kept" BEFORE UPDATE OR DELETE ON "subscription_period"
    FOR EACH ROW EXECUTE FUNCTION "keep_paid_period"();

CREATE TABLE "subscription_history" (
    "subscription_id" TEXT NOT NULL,
    "id" BIGINT NOT NULL GENERATED BY DEFAULT AS IDENTITY,
    "what" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "until" TIMESTAMPTZ(3),
    "at" TIMESTAMPTZ(3) NOT NULL,
    "by" TEXT,
    "note" TEXT,

    CONSTRAINT "subscription_history_pkey" PRIMARY KEY ("subscription_id","id")
);
CREATE TRIGGER "subscription_history_is_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "subscription_history"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
