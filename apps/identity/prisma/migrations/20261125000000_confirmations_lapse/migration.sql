-- When what a code confirms is worth nothing any more, such as an order that waited for it; null: as long as the request lives.
ALTER TABLE "code_request" ADD COLUMN "lapses_at" TIMESTAMPTZ(3);
