-- An order outlives the person who placed it: what was bought and for how much stays, who it was does not.
ALTER TABLE "orders"
    ALTER COLUMN "phone" DROP NOT NULL,
    ALTER COLUMN "client_id" DROP NOT NULL,
    ADD CONSTRAINT "orders_person_is_whole_or_gone" CHECK (
        ("phone" IS NOT NULL AND "client_id" IS NOT NULL)
        OR ("phone" IS NULL AND "client_id" IS NULL AND "name" IS NULL AND "comment" IS NULL AND "customer_id" IS NOT NULL));

-- Whom nothing may be attached to any more; the id says nothing of a person.
CREATE TABLE "forgotten_customers" (
    "customer_id" TEXT NOT NULL,
    "erased_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "forgotten_customers_pkey" PRIMARY KEY ("customer_id")
);
CREATE INDEX "forgotten_customers_erased_at_idx" ON "forgotten_customers"("erased_at");
