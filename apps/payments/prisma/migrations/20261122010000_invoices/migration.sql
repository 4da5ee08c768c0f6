-- Money on its way in: what customers were asked to pay, and what providers say was paid.
CREATE TABLE "invoice" (
    "id" UUID NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "customer_id" TEXT NOT NULL,
    "amount" BIGINT NOT NULL,
    "currency" TEXT NOT NULL,
    -- What was paid and is in the wallet.
    "paid" BIGINT NOT NULL DEFAULT 0,
    "provider" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    -- The provider's own name for it, and where it is paid.
    "provider_ref" TEXT,
    "url" TEXT,
    -- Something that a person should look at.
    "flag" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "opened_at" TIMESTAMPTZ(3),
    "settled_at" TIMESTAMPTZ(3),
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    -- When a worker looks at it next; null: never by itself.
    "due_at" TIMESTAMPTZ(3),
    -- Until when a worker has it in hand.
    "taken_until" TIMESTAMPTZ(3),
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "checked_at" TIMESTAMPTZ(3),
    "checks" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "invoice_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "invoice_status_is_known" CHECK ("status" IN ('requested', 'pending', 'success', 'error', 'canceled')),
    CONSTRAINT "invoice_amount_is_positive" CHECK ("amount" > 0 AND "paid" >= 0),
    CONSTRAINT "invoice_pending_can_be_paid" CHECK ("status" <> 'pending' OR ("provider_ref" IS NOT NULL AND "opened_at" IS NOT NULL))
) WITH (fillfactor = 80);
CREATE INDEX "invoice_customer_id_id_idx" ON "invoice"("customer_id", "id");
CREATE INDEX "invoice_due_at_idx" ON "invoice"("due_at") WHERE "due_at" IS NOT NULL;
CREATE INDEX "invoice_provider_provider_ref_idx" ON "invoice"("provider", "provider_ref");

-- Each wish to a provider to make an invoice has a number of its own that is never used again. A row without an outcome:
-- nobody knows what became of it. What was made and is not the invoice's own is an orphan: withdrawn, or paid all the same.
CREATE TABLE "invoice_attempt" (
    "number" TEXT NOT NULL,
    "invoice_id" UUID NOT NULL,
    "begun_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    "outcome" TEXT,
    "provider_ref" TEXT,
    "error" TEXT,

    CONSTRAINT "invoice_attempt_pkey" PRIMARY KEY ("number"),
    CONSTRAINT "invoice_attempt_outcome_is_known" CHECK ("outcome" IN ('made', 'refused', 'in_doubt', 'withdrawn', 'paid')),
    CONSTRAINT "invoice_attempt_ends_with_an_outcome" CHECK (("ended_at" IS NULL) = ("outcome" IS NULL))
);
CREATE INDEX "invoice_attempt_invoice_id_idx" ON "invoice_attempt"("invoice_id");

-- What a provider says was paid, credited once.
CREATE TABLE "provider_payment" (
    "provider" TEXT NOT NULL,
    "payment_id" TEXT NOT NULL,
    "invoice_id" UUID NOT NULL,
    "amount" BIGINT NOT NULL,
    "currency" TEXT NOT NULL,
    "transfer_id" TEXT,
    "flag" TEXT,
    "seen_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "provider_payment_pkey" PRIMARY KEY ("provider", "payment_id"),
    CONSTRAINT "provider_payment_amount_is_positive" CHECK ("amount" > 0)
);
CREATE INDEX "provider_payment_invoice_id_idx" ON "provider_payment"("invoice_id");

-- The days whose payments were compared with the provider's own list. A row that is not done is somebody's until `taken_until`.
CREATE TABLE "compared_day" (
    "provider" TEXT NOT NULL,
    "day" DATE NOT NULL,
    "taken_until" TIMESTAMPTZ(3) NOT NULL,
    "done_at" TIMESTAMPTZ(3),
    "listed" INTEGER NOT NULL DEFAULT 0,
    "found" INTEGER NOT NULL DEFAULT 0,
    "unknown" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "compared_day_pkey" PRIMARY KEY ("provider", "day")
);
