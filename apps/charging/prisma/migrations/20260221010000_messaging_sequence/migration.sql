-- The relay numbers the events of each type as it publishes them, beginning anew with each epoch: so that who hears
-- them notices when one is missing.
ALTER TABLE "outbox_cursor" ADD COLUMN "epoch" TEXT NOT NULL DEFAULT '';
ALTER TABLE "outbox_cursor" ADD COLUMN "numbers" JSONB NOT NULL DEFAULT '{}';

-- Which numbers a consumer has done with. While nothing is missing, one range.
CREATE TABLE "heard" (
    "consumer" TEXT NOT NULL,
    "epoch" TEXT NOT NULL,
    "numbers" int8multirange NOT NULL,

    CONSTRAINT "heard_pkey" PRIMARY KEY ("consumer")
);
