-- Charging sessions, the money that is held for them, and what their meters say. Amounts are minor units.

-- Its rows change with every reading: room in their pages, and no indexed column that changes with them, keep that cheap.
CREATE TABLE "session" (
    "id" TEXT NOT NULL,
    "uuid" UUID NOT NULL,
    "number" SERIAL NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "state" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "customer_id" TEXT,
    "station_id" TEXT NOT NULL,
    "device_id" TEXT NOT NULL,
    "device_number" TEXT NOT NULL,
    "protocol" TEXT,
    "currency" TEXT NOT NULL,
    "price" BIGINT NOT NULL,
    "waiting_price" BIGINT NOT NULL,
    "grace_sec" INTEGER NOT NULL,
    "waiting_cap_sec" INTEGER NOT NULL,
    "most_power_w" INTEGER NOT NULL,
    "id_token" TEXT,
    "remote_start_id" INTEGER,
    "transaction_id" TEXT,
    "start_key" TEXT,
    "meter_start_wh" BIGINT,
    "meter_from_wh" BIGINT,
    "meter_wh" BIGINT,
    "counted_wh" BIGINT NOT NULL DEFAULT 0,
    "doubted_wh" BIGINT,
    "metered_at" TIMESTAMPTZ(3),
    "energy_wh" BIGINT NOT NULL DEFAULT 0,
    "power_w" INTEGER,
    "charging_state" TEXT,
    "waited_sec" INTEGER NOT NULL DEFAULT 0,
    "waiting_since" TIMESTAMPTZ(3),
    "requested_at" TIMESTAMPTZ(3) NOT NULL,
    "start_asked_at" TIMESTAMPTZ(3),
    "started_at" TIMESTAMPTZ(3),
    "charged_at" TIMESTAMPTZ(3),
    "stop_asked_at" TIMESTAMPTZ(3),
    "stopped_at" TIMESTAMPTZ(3),
    "unplugged_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "heard_at" TIMESTAMPTZ(3),
    "reason" TEXT,
    "flag" TEXT,
    "amount" BIGINT NOT NULL DEFAULT 0,
    "paid" BIGINT NOT NULL DEFAULT 0,
    "refunded" BIGINT NOT NULL DEFAULT 0,
    "settled" BIGINT,
    "due_at" TIMESTAMPTZ(3),
    "taken_until" TIMESTAMPTZ(3),
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "not_before" TIMESTAMPTZ(3),
    "station_attempts" INTEGER NOT NULL DEFAULT 0,
    "station_not_before" TIMESTAMPTZ(3),
    "quiet_until" TIMESTAMPTZ(3),

    CONSTRAINT "session_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "session_state_is_known"
        CHECK ("state" IN ('requested', 'held', 'starting', 'charging', 'waiting', 'finished', 'failed')),
    CONSTRAINT "session_origin_is_known" CHECK ("origin" IN ('app', 'card', 'free', 'found')),
    CONSTRAINT "session_energy_is_not_negative" CHECK ("energy_wh" >= 0 AND "counted_wh" >= 0 AND "waited_sec" >= 0),
    CONSTRAINT "session_money_adds_up" CHECK ("amount" >= 0 AND "paid" BETWEEN 0 AND "amount" AND "refunded" BETWEEN 0 AND "paid"),
    CONSTRAINT "session_that_is_over_has_an_end" CHECK (("state" IN ('finished', 'failed')) = ("ended_at" IS NOT NULL))
) WITH (fillfactor = 70);

CREATE TABLE "session_hold" (
    "session_id" TEXT NOT NULL,
    "n" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "wanted" BIGINT NOT NULL,
    "amount" BIGINT NOT NULL DEFAULT 0,
    "status" TEXT NOT NULL,
    "take" BIGINT,
    "captured" BIGINT NOT NULL DEFAULT 0,
    "asked_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "session_hold_pkey" PRIMARY KEY ("session_id","n"),
    CONSTRAINT "session_hold_kind_is_known" CHECK ("kind" IN ('hold', 'charge')),
    CONSTRAINT "session_hold_status_is_known" CHECK ("status" IN ('asked', 'placed', 'refused', 'captured', 'released')),
    CONSTRAINT "session_hold_is_captured_within_itself" CHECK ("captured" BETWEEN 0 AND "amount")
);

CREATE TABLE "session_refund" (
    "key" TEXT NOT NULL,
    "n" INTEGER NOT NULL,
    "session_id" TEXT NOT NULL,
    "amount" BIGINT NOT NULL,
    "reason" TEXT NOT NULL,
    "operator_id" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "asked_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "session_refund_pkey" PRIMARY KEY ("session_id","key","n"),
    CONSTRAINT "session_refund_gives_something" CHECK ("amount" > 0),
    CONSTRAINT "session_refund_status_is_known" CHECK ("status" IN ('asked', 'done', 'refused'))
);

CREATE TABLE "reading" (
    "received_on" DATE NOT NULL,
    "session_id" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,
    "register_wh" BIGINT,
    "power_w" INTEGER,
    "raw" JSONB NOT NULL,

    CONSTRAINT "reading_pkey" PRIMARY KEY ("session_id","key","received_on")
) PARTITION BY RANGE ("received_on");

CREATE TABLE "reading_default" PARTITION OF "reading" DEFAULT;

CREATE TABLE "feedback" (
    "session_id" TEXT NOT NULL,
    "device_id" TEXT NOT NULL,
    "score" SMALLINT NOT NULL,
    "description" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "feedback_pkey" PRIMARY KEY ("session_id"),
    CONSTRAINT "feedback_score_is_of_five" CHECK ("score" BETWEEN 1 AND 5)
);
CREATE UNIQUE INDEX "session_uuid_key" ON "session"("uuid");
CREATE UNIQUE INDEX "session_number_key" ON "session"("number");
CREATE UNIQUE INDEX "session_remote_start_id_key" ON "session"("remote_start_id");
CREATE INDEX "session_customer_id_id_idx" ON "session"("customer_id", "id");
CREATE INDEX "session_device_id_id_idx" ON "session"("device_id", "id");
CREATE INDEX "session_state_id_idx" ON "session"("state", "id");
CREATE INDEX "session_id_token_id_idx" ON "session"("id_token", "id");
CREATE INDEX "session_ended_at_idx" ON "session"("ended_at");
CREATE UNIQUE INDEX "session_station_id_transaction_id_key" ON "session"("station_id", "transaction_id");
CREATE UNIQUE INDEX "session_station_id_start_key_key" ON "session"("station_id", "start_key");
CREATE INDEX "feedback_device_id_idx" ON "feedback"("device_id");
CREATE INDEX "feedback_at_idx" ON "feedback"("at");
ALTER TABLE "session_hold" ADD CONSTRAINT "session_hold_session_id_fkey" FOREIGN KEY ("session_id") REFERENCES "session"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE "feedback" ADD CONSTRAINT "feedback_session_id_fkey" FOREIGN KEY ("session_id") REFERENCES "session"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

ALTER TABLE "session_refund" ADD CONSTRAINT "session_refund_session_id_fkey" FOREIGN KEY ("session_id") REFERENCES "session"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;
-- What nobody has heard payments' answer about yet.
CREATE INDEX "session_refund_asked" ON "session_refund"("asked_at") WHERE "status" = 'asked';

-- A device has one session at a time, whoever starts it and however often.
CREATE UNIQUE INDEX "session_device_one_at_a_time" ON "session"("device_id")
    WHERE "state" IN ('requested', 'held', 'starting', 'charging', 'waiting');
-- What a worker looks at.
CREATE INDEX "session_due" ON "session"("due_at") WHERE "due_at" IS NOT NULL;
