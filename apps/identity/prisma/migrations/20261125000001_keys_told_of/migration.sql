-- When it was told that nothing that was exchanged for the key is worth anything any more; null: it was not, or it just ran out.
ALTER TABLE "service_key" ADD COLUMN "told_at" TIMESTAMPTZ(3);
