-- Products that are packages, and what partners call products. A removed product gives its external id free.
ALTER TABLE "product" ADD COLUMN "external_id" TEXT;
ALTER TABLE "product" ADD COLUMN "package" JSONB;
ALTER TABLE "product" ADD CONSTRAINT "product_package_is_an_object" CHECK (jsonb_typeof("package") = 'object');
CREATE UNIQUE INDEX "product_external_id_key" ON "product"("external_id") WHERE "removed_at" IS NULL;

-- Whether a change of a product is the last one of it, which those ask who follow.
CREATE INDEX "change_log_product_idx" ON "change_log"("thing_id", "xid", "seq") WHERE "kind" IN ('product', 'stock', 'price');

-- What positions in the change log are positions of. Another one when the database has gone back in time.
CREATE TABLE "change_log_epoch" (
    "id" INTEGER NOT NULL,
    "epoch" TEXT NOT NULL,

    CONSTRAINT "change_log_epoch_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "change_log_epoch_is_one_row" CHECK ("id" = 1)
);
INSERT INTO "change_log_epoch" VALUES (1, replace(gen_random_uuid()::text, '-', ''));

-- What calls abroad cost, a whole list at a time. The one in force is the last that has begun; none is ever changed.
CREATE TABLE "call_rate_list" (
    "number" SERIAL NOT NULL,
    "effective_from" TIMESTAMPTZ(3) NOT NULL,
    "imported_at" TIMESTAMPTZ(3) NOT NULL,
    "imported_by" TEXT NOT NULL,
    "destinations" INTEGER NOT NULL,

    CONSTRAINT "call_rate_list_pkey" PRIMARY KEY ("number"),
    CONSTRAINT "call_rate_list_begins_after_it_came" CHECK ("effective_from" >= "imported_at")
);
CREATE INDEX "call_rate_list_effective_from_number_idx" ON "call_rate_list"("effective_from", "number");

CREATE TABLE "call_rate" (
    "list" INTEGER NOT NULL,
    "name_en" TEXT NOT NULL,
    "name_ka" TEXT NOT NULL,
    "name_ru" TEXT NOT NULL,
    "home_price" BIGINT NOT NULL,
    "home_code" TEXT NOT NULL,
    "mobile_price" BIGINT NOT NULL,
    "mobile_code" TEXT NOT NULL,

    CONSTRAINT "call_rate_pkey" PRIMARY KEY ("list", "name_en"),
    CONSTRAINT "call_rate_is_no_debt" CHECK ("home_price" >= 0 AND "mobile_price" >= 0)
);
ALTER TABLE "call_rate" ADD CONSTRAINT "call_rate_list_fkey" FOREIGN KEY ("list") REFERENCES "call_rate_list"("number") ON DELETE CASCADE ON UPDATE CASCADE;
