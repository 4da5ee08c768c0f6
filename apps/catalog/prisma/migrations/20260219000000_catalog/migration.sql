-- Trigrams for mistyped words. A trusted extension; where the role may not create it, an administrator has.
CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public;

-- What can be bought. The derived columns (category_path, price_now, in_stock, search) make a list one index scan.
CREATE TABLE "product" (
    "id" TEXT NOT NULL,
    "number" BIGSERIAL NOT NULL,
    "slug" TEXT NOT NULL,
    "sku" TEXT NOT NULL,
    "title_uk" TEXT NOT NULL,
    "title_ru" TEXT,
    "title_en" TEXT,
    "description_uk" TEXT,
    "description_ru" TEXT,
    "description_en" TEXT,
    "price" BIGINT NOT NULL,
    "price_now" BIGINT NOT NULL,
    "unit" TEXT,
    "category_id" TEXT,
    "category_path" TEXT[],
    "manufacturer_id" TEXT,
    "country_id" TEXT,
    "tags" TEXT[],
    "images" TEXT[],
    "options" JSONB NOT NULL,
    "active" BOOLEAN NOT NULL,
    "in_stock" BOOLEAN NOT NULL DEFAULT true,
    "stock_imported" INTEGER,
    "search" tsvector NOT NULL DEFAULT ''::tsvector,
    "version" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "removed_at" TIMESTAMPTZ(3),

    CONSTRAINT "product_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "product_price_is_no_debt" CHECK ("price" >= 0 AND "price_now" BETWEEN 0 AND "price"),
    CONSTRAINT "product_has_a_category_while_it_lives" CHECK ("category_id" IS NOT NULL OR "removed_at" IS NOT NULL)
);

CREATE TABLE "product_slug" (
    "slug" TEXT NOT NULL,
    "product_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "product_slug_pkey" PRIMARY KEY ("slug")
);

CREATE TABLE "product_stock" (
    "product_id" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "quantity" INTEGER,
    "in_stock" BOOLEAN NOT NULL,

    CONSTRAINT "product_stock_pkey" PRIMARY KEY ("product_id")
);

CREATE TABLE "category" (
    "id" TEXT NOT NULL,
    "parent_id" TEXT,
    "path" TEXT[],
    "slug" TEXT NOT NULL,
    "name_uk" TEXT NOT NULL,
    "name_ru" TEXT,
    "name_en" TEXT,
    "position" INTEGER NOT NULL DEFAULT 0,
    "active" BOOLEAN NOT NULL,
    "version" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "category_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "category_path_ends_here" CHECK ("path"[cardinality("path")] = "id")
);

CREATE TABLE "manufacturer" (
    "id" TEXT NOT NULL,
    "slug" TEXT NOT NULL,
    "name_uk" TEXT NOT NULL,
    "name_ru" TEXT,
    "name_en" TEXT,
    "active" BOOLEAN NOT NULL,
    "version" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "manufacturer_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "country" (
    "id" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "name_uk" TEXT NOT NULL,
    "name_ru" TEXT,
    "name_en" TEXT,
    "active" BOOLEAN NOT NULL,
    "version" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "country_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "country_code_is_alpha_2" CHECK ("code" ~ '^[A-Z]{2}$')
);

CREATE TABLE "discount" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "percent_hundredths" INTEGER,
    "amount" BIGINT,
    "scope" TEXT NOT NULL,
    "target_id" TEXT,
    "from_at" TIMESTAMPTZ(3),
    "to_at" TIMESTAMPTZ(3),
    "active" BOOLEAN NOT NULL,
    "version" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "removed_at" TIMESTAMPTZ(3),

    CONSTRAINT "discount_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "discount_is_percent_or_fixed" CHECK (
        ("type" = 'percent' AND "amount" IS NULL AND "percent_hundredths" BETWEEN 1 AND 10000)
        OR ("type" = 'fixed' AND "percent_hundredths" IS NULL AND "amount" > 0)),
    CONSTRAINT "discount_names_its_target" CHECK (
        ("scope" = 'everything' AND "target_id" IS NULL)
        OR ("scope" IN ('category', 'product') AND "target_id" IS NOT NULL)),
    CONSTRAINT "discount_ends_after_it_begins" CHECK ("from_at" < "to_at"),
    CONSTRAINT "discount_is_off_when_removed" CHECK (NOT "active" OR "removed_at" IS NULL)
);

CREATE TABLE "price_clock" (
    "id" INTEGER NOT NULL,
    "as_of" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "price_clock_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "price_clock_is_one_row" CHECK ("id" = 1)
);
INSERT INTO "price_clock" VALUES (1, 'epoch');

CREATE TABLE "change_log" (
    "seq" BIGSERIAL NOT NULL,
    "xid" xid8 NOT NULL DEFAULT pg_current_xact_id(),
    "at" TIMESTAMPTZ(3) NOT NULL,
    "kind" TEXT NOT NULL,
    "thing_id" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "change" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "data" JSONB NOT NULL,

    CONSTRAINT "change_log_pkey" PRIMARY KEY ("seq")
);

CREATE TABLE "search_word" (
    "word" TEXT NOT NULL,
    "stem" TEXT NOT NULL,
    "variants" TEXT[],

    CONSTRAINT "search_word_pkey" PRIMARY KEY ("word")
);

CREATE UNIQUE INDEX "product_number_key" ON "product"("number");
CREATE INDEX "product_manufacturer_id_idx" ON "product"("manufacturer_id");
CREATE INDEX "product_country_id_idx" ON "product"("country_id");
CREATE INDEX "product_slug_product_id_idx" ON "product_slug"("product_id");
CREATE UNIQUE INDEX "category_slug_key" ON "category"("slug");
CREATE INDEX "category_parent_id_idx" ON "category"("parent_id");
CREATE UNIQUE INDEX "manufacturer_slug_key" ON "manufacturer"("slug");
CREATE UNIQUE INDEX "country_code_key" ON "country"("code");
CREATE INDEX "change_log_xid_seq_idx" ON "change_log"("xid", "seq");
CREATE INDEX "change_log_kind_thing_id_seq_idx" ON "change_log"("kind", "thing_id", "seq");

ALTER TABLE "product" ADD CONSTRAINT "product_category_id_fkey" FOREIGN KEY ("category_id") REFERENCES "category"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "product" ADD CONSTRAINT "product_manufacturer_id_fkey" FOREIGN KEY ("manufacturer_id") REFERENCES "manufacturer"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "product" ADD CONSTRAINT "product_country_id_fkey" FOREIGN KEY ("country_id") REFERENCES "country"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "product_slug" ADD CONSTRAINT "product_slug_product_id_fkey" FOREIGN KEY ("product_id") REFERENCES "product"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "category" ADD CONSTRAINT "category_parent_id_fkey" FOREIGN KEY ("parent_id") REFERENCES "category"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- A removed product gives its SKU free.
CREATE UNIQUE INDEX "product_sku_key" ON "product"("sku") WHERE "removed_at" IS NULL;
CREATE INDEX "product_category_id_idx" ON "product"("category_id") WHERE "removed_at" IS NULL;

-- What the shop shows: one index a sort, each with the id as its tie-break, and one a filter.
CREATE INDEX "product_newest_idx" ON "product"("created_at" DESC, "id" DESC) WHERE "active" AND "removed_at" IS NULL;
CREATE INDEX "product_price_now_idx" ON "product"("price_now", "id") WHERE "active" AND "removed_at" IS NULL;
CREATE INDEX "product_title_uk_idx" ON "product"("title_uk" COLLATE "und-x-icu", "id") WHERE "active" AND "removed_at" IS NULL;
CREATE INDEX "product_title_ru_idx" ON "product"(coalesce("title_ru", "title_uk") COLLATE "und-x-icu", "id") WHERE "active" AND "removed_at" IS NULL;
CREATE INDEX "product_title_en_idx" ON "product"(coalesce("title_en", "title_uk") COLLATE "und-x-icu", "id") WHERE "active" AND "removed_at" IS NULL;
CREATE INDEX "product_category_path_idx" ON "product" USING gin ("category_path") WHERE "active" AND "removed_at" IS NULL;
CREATE INDEX "product_tags_idx" ON "product" USING gin ("tags") WHERE "active" AND "removed_at" IS NULL;
-- Without a pending list, which an import would fill and every search would then have to read.
CREATE INDEX "product_search_idx" ON "product" USING gin ("search") WITH (fastupdate = off) WHERE "active" AND "removed_at" IS NULL;

CREATE INDEX "search_word_word_idx" ON "search_word" USING gin ("word" gin_trgm_ops);
CREATE INDEX "search_word_variants_idx" ON "search_word" USING gin ("variants");
