-- Rows of products are wide, mostly for their search documents. A category is now looked up by the ids of all that lie
-- within it, so that a list, its count and its facets are read from indexes alone.
DROP INDEX "product_category_path_idx";
CREATE INDEX "product_category_newest_idx" ON "product"("category_id", "created_at" DESC, "id" DESC) INCLUDE ("price_now", "manufacturer_id", "country_id") WHERE "active" AND "removed_at" IS NULL;

DROP INDEX "product_price_now_idx";
CREATE INDEX "product_price_now_idx" ON "product"("price_now", "id") INCLUDE ("category_id", "manufacturer_id", "country_id") WHERE "active" AND "removed_at" IS NULL;

-- What somebody may have meant by a word, as a tsquery's alternatives; null when nothing is like it. Postgres takes the
-- comparison of two arrays for as cheap as that of two numbers, and would rather compare every word than use an index.
CREATE FUNCTION "words_like"("typed" TEXT, "forms" TEXT[]) RETURNS TEXT LANGUAGE sql STABLE STRICT
SET enable_seqscan = off
AS $$
    SELECT string_agg(DISTINCT near.stem, ' | ') FROM (
        SELECT known.stem FROM search_word known WHERE known.variants && forms OR known.word % typed
        ORDER BY known.variants && forms DESC, similarity(known.word, typed) DESC, known.word LIMIT 4
    ) near
$$;
