-- Until when a worker has it in hand. Not next_attempt_at, as that is indexed: with room on the page a message is taken
-- without a touch to any index.
ALTER TABLE "message" ADD COLUMN "taken_until" TIMESTAMPTZ(3);
ALTER TABLE "message" SET (fillfactor = 70);
