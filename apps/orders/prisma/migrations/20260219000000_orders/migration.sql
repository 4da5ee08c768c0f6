CREATE TABLE "orders" (
    "id" TEXT NOT NULL,
    "number" TEXT NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "status" TEXT NOT NULL,
    "customer_id" TEXT,
    "phone" TEXT NOT NULL,
    "client_id" TEXT NOT NULL,
    "name" TEXT,
    "comment" TEXT,
    "language" TEXT NOT NULL,
    "currency" TEXT NOT NULL,
    "items" JSONB NOT NULL,
    "items_total" BIGINT NOT NULL,
    "delivery_fee" BIGINT NOT NULL,
    "total" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "orders_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "orders_status_known" CHECK ("status" IN ('new', 'processing', 'done', 'cancelled')),
    CONSTRAINT "orders_has_items" CHECK (jsonb_array_length("items") > 0),
    CONSTRAINT "orders_adds_up" CHECK ("items_total" >= 0 AND "delivery_fee" >= 0 AND "total" = "items_total" + "delivery_fee"),
    CONSTRAINT "orders_total_is_safe" CHECK ("total" <= 9007199254740991)
);

CREATE UNIQUE INDEX "orders_number_key" ON "orders"("number");
CREATE INDEX "orders_customer_id_created_at_id_idx" ON "orders"("customer_id", "created_at", "id");
CREATE INDEX "orders_phone_client_id_created_at_id_idx" ON "orders"("phone", "client_id", "created_at", "id");
CREATE INDEX "orders_status_id_idx" ON "orders"("status", "id");

CREATE TABLE "order_history" (
    "order_id" TEXT NOT NULL,
    "entry" INTEGER NOT NULL,
    "what" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "by" TEXT,
    "reason" TEXT,

    CONSTRAINT "order_history_pkey" PRIMARY KEY ("order_id", "entry"),
    CONSTRAINT "order_history_what_known" CHECK ("what" IN ('placed', 'moved', 'claimed'))
);

ALTER TABLE "order_history" ADD CONSTRAINT "order_history_order_id_fkey"
    FOREIGN KEY ("order_id") REFERENCES "orders"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

CREATE FUNCTION "refuse_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER "order_history_is_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "order_history"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();

CREATE TABLE "idempotency_keys" (
    "scope" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "fingerprint" BYTEA NOT NULL,
    "order_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY ("scope", "key")
);

-- Rows lie in the order of their time, so a handful of block ranges find the old ones; inserts hardly pay for it.
CREATE INDEX "idempotency_keys_created_at_idx" ON "idempotency_keys" USING BRIN ("created_at");

CREATE TABLE "offers" (
    "product_id" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "sku" TEXT NOT NULL,
    "title" JSONB NOT NULL,
    "price" BIGINT NOT NULL,
    "currency" TEXT NOT NULL,
    "unit" TEXT,
    "category_path" TEXT[],
    "manufacturer_id" TEXT,
    "country_id" TEXT,
    "options" JSONB NOT NULL,
    "active" BOOLEAN NOT NULL,
    "removed_at" TIMESTAMPTZ(3),

    CONSTRAINT "offers_pkey" PRIMARY KEY ("product_id"),
    CONSTRAINT "offers_price_not_negative" CHECK ("price" >= 0)
);

CREATE TABLE "discounts" (
    "discount_id" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "percent_hundredths" INTEGER,
    "amount" BIGINT,
    "scope" TEXT NOT NULL,
    "target_id" TEXT,
    "from" TIMESTAMPTZ(3),
    "to" TIMESTAMPTZ(3),
    "active" BOOLEAN NOT NULL,

    CONSTRAINT "discounts_pkey" PRIMARY KEY ("discount_id")
);

CREATE TABLE "terms" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "version" INTEGER NOT NULL DEFAULT 1,
    "discounts_known_at" TIMESTAMPTZ(3),
    "delivery_fee" BIGINT,
    "delivery_free_from" BIGINT,
    "delivery_changed_at" TIMESTAMPTZ(3),
    "delivery_changed_by" TEXT,

    CONSTRAINT "terms_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "terms_is_one_row" CHECK ("id" = 1),
    CONSTRAINT "terms_delivery_not_negative" CHECK ("delivery_fee" >= 0 AND "delivery_free_from" >= 0),
    CONSTRAINT "terms_free_from_needs_fee" CHECK ("delivery_fee" IS NOT NULL OR "delivery_free_from" IS NULL)
);

INSERT INTO "terms" DEFAULT VALUES;

-- Room on each page keeps the updates of a product that sells fast out of the index.
CREATE TABLE "stock" (
    "product_id" TEXT NOT NULL,
    "quantity" INTEGER,
    "version" INTEGER NOT NULL,
    "imported_version" INTEGER NOT NULL DEFAULT 0,
    "counted_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "stock_pkey" PRIMARY KEY ("product_id"),
    CONSTRAINT "stock_not_negative" CHECK ("quantity" >= 0)
) WITH (fillfactor = 70);

CREATE TABLE "stock_reservations" (
    "order_id" TEXT NOT NULL,
    "product_id" TEXT NOT NULL,
    "quantity" INTEGER NOT NULL,
    "released_at" TIMESTAMPTZ(3),

    CONSTRAINT "stock_reservations_pkey" PRIMARY KEY ("order_id", "product_id"),
    CONSTRAINT "stock_reservations_take_something" CHECK ("quantity" > 0)
);

ALTER TABLE "stock_reservations" ADD CONSTRAINT "stock_reservations_order_id_fkey"
    FOREIGN KEY ("order_id") REFERENCES "orders"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
