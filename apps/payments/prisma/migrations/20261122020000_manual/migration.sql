-- Payments by bank transfer, which an operator sees arrive and confirms.
CREATE TABLE "manual_invoice" (
    -- What the customer writes on the transfer.
    "ref" TEXT NOT NULL,
    "number" TEXT NOT NULL,
    "amount" BIGINT NOT NULL,
    "currency" TEXT NOT NULL,
    "made_at" TIMESTAMPTZ(3) NOT NULL,
    "canceled_at" TIMESTAMPTZ(3),

    CONSTRAINT "manual_invoice_pkey" PRIMARY KEY ("ref"),
    CONSTRAINT "manual_invoice_amount_is_positive" CHECK ("amount" > 0)
);
CREATE UNIQUE INDEX "manual_invoice_number_key" ON "manual_invoice"("number");

CREATE TABLE "manual_payment" (
    -- What the bank calls the transfer: one that is entered twice is one.
    "id" TEXT NOT NULL,
    "ref" TEXT NOT NULL,
    "amount" BIGINT NOT NULL,
    "currency" TEXT NOT NULL,
    "operator_id" TEXT NOT NULL,
    "confirmed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "manual_payment_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "manual_payment_ref_fkey" FOREIGN KEY ("ref") REFERENCES "manual_invoice"("ref") ON DELETE RESTRICT ON UPDATE RESTRICT,
    CONSTRAINT "manual_payment_amount_is_positive" CHECK ("amount" > 0)
);
CREATE INDEX "manual_payment_ref_idx" ON "manual_payment"("ref");
CREATE INDEX "manual_payment_confirmed_at_id_idx" ON "manual_payment"("confirmed_at", "id");
