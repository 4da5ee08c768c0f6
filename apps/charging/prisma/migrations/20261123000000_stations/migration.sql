-- Stations, the devices on them, what they say and are asked, and who may use them.

CREATE TABLE "station" (
    "id" TEXT NOT NULL,
    "identity" TEXT NOT NULL,
    "name" TEXT,
    "status" TEXT NOT NULL,
    "protocol" TEXT,
    "vendor" TEXT,
    "model" TEXT,
    "serial_number" TEXT,
    "firmware" TEXT,
    "password_hash" TEXT,
    "next_password_hash" TEXT,
    "generation" BIGINT NOT NULL DEFAULT 0,
    "instance" TEXT,
    "connected_at" TIMESTAMPTZ(3),
    "disconnected_at" TIMESTAMPTZ(3),
    "heard_at" TIMESTAMPTZ(3),
    "booted_at" TIMESTAMPTZ(3),
    "own_status" TEXT,
    "own_error_code" TEXT,
    "own_status_at" TIMESTAMPTZ(3),
    "clock_ahead_ms" BIGINT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "station_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "station_status_is_known" CHECK ("status" IN ('pending', 'accepted', 'blocked'))
);

CREATE TABLE "device" (
    "id" TEXT NOT NULL,
    "uuid" UUID NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "number" TEXT NOT NULL,
    "station_id" TEXT NOT NULL,
    "connector" INTEGER NOT NULL,
    "longitude" DOUBLE PRECISION NOT NULL,
    "latitude" DOUBLE PRECISION NOT NULL,
    "currency" TEXT NOT NULL,
    "price" BIGINT NOT NULL,
    "waiting_price" BIGINT NOT NULL,
    "power_w" INTEGER,
    "active" BOOLEAN NOT NULL DEFAULT true,
    "in_repair" BOOLEAN NOT NULL DEFAULT false,
    "status" TEXT,
    "error_code" TEXT,
    "status_at" TIMESTAMPTZ(3),
    "state" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "changed_at" TIMESTAMPTZ(3) NOT NULL,
    "changed_xid" xid8 NOT NULL DEFAULT pg_current_xact_id(),

    CONSTRAINT "device_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "device_connector_is_real" CHECK ("connector" > 0),
    CONSTRAINT "device_is_on_earth" CHECK ("longitude" BETWEEN -180 AND 180 AND "latitude" BETWEEN -90 AND 90),
    CONSTRAINT "device_prices_are_not_negative" CHECK ("price" >= 0 AND "waiting_price" >= 0),
    CONSTRAINT "device_state_is_known" CHECK ("state" IN ('Idle', 'Busy', 'Repair', 'Error'))
);

CREATE TABLE "handled_call" (
    "received_on" DATE NOT NULL,
    "station_id" TEXT NOT NULL,
    "message_id" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "answer" JSONB NOT NULL,

    CONSTRAINT "handled_call_pkey" PRIMARY KEY ("received_on","station_id","message_id","hash")
) PARTITION BY RANGE ("received_on");

CREATE TABLE "handled_call_default" PARTITION OF "handled_call" DEFAULT;

CREATE TABLE "frame" (
    "at" TIMESTAMPTZ(3) NOT NULL,
    "seq" BIGSERIAL NOT NULL,
    "station_id" TEXT NOT NULL,
    "direction" TEXT NOT NULL,
    "text" TEXT NOT NULL,

    CONSTRAINT "frame_pkey" PRIMARY KEY ("at","seq"),
    CONSTRAINT "frame_direction_is_known" CHECK ("direction" IN ('in', 'out'))
) PARTITION BY RANGE ("at");

CREATE TABLE "frame_default" PARTITION OF "frame" DEFAULT;

CREATE TABLE "station_event" (
    "id" TEXT NOT NULL,
    "station_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "kind" TEXT NOT NULL,
    "detail" JSONB NOT NULL,
    "operator_id" TEXT,

    CONSTRAINT "station_event_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "instance" (
    "id" TEXT NOT NULL,
    "seen_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "instance_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "command" (
    "id" TEXT NOT NULL,
    "station_id" TEXT NOT NULL,
    "session_id" TEXT,
    "action" TEXT NOT NULL,
    "payload" JSONB NOT NULL,
    "outcome" TEXT NOT NULL,
    "answer" JSONB,
    "operator_id" TEXT,
    "asked_at" TIMESTAMPTZ(3) NOT NULL,
    "deadline_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "command_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "command_outcome_is_known"
        CHECK ("outcome" IN ('pending', 'accepted', 'rejected', 'not_supported', 'offline', 'timeout', 'failed'))
);

CREATE TABLE "card" (
    "id" TEXT NOT NULL,
    "token" TEXT NOT NULL,
    "group_token" TEXT,
    "customer_id" TEXT NOT NULL,
    "label" TEXT,
    "blocked" BOOLEAN NOT NULL DEFAULT false,
    "expires_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "card_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "reservation" (
    "id" TEXT NOT NULL,
    "number" SERIAL NOT NULL,
    "device_id" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "id_token" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "reservation_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "reservation_status_is_known"
        CHECK ("status" IN ('asked', 'active', 'used', 'canceled', 'expired', 'refused'))
);

CREATE TABLE "suspect_call" (
    "id" TEXT NOT NULL,
    "station_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "action" TEXT NOT NULL,
    "payload" JSONB NOT NULL,
    "reason" TEXT NOT NULL,
    "resolved_at" TIMESTAMPTZ(3),
    "resolved_by" TEXT,

    CONSTRAINT "suspect_call_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "station_identity_key" ON "station"("identity");
CREATE INDEX "station_status_id_idx" ON "station"("status", "id");
CREATE UNIQUE INDEX "device_uuid_key" ON "device"("uuid");
CREATE UNIQUE INDEX "device_number_key" ON "device"("number");
CREATE UNIQUE INDEX "device_station_id_connector_key" ON "device"("station_id", "connector");
CREATE INDEX "device_changed_xid_idx" ON "device"("changed_xid");
CREATE INDEX "frame_station_id_at_seq_idx" ON "frame"("station_id", "at", "seq");
CREATE INDEX "station_event_station_id_id_idx" ON "station_event"("station_id", "id");
CREATE INDEX "command_station_id_id_idx" ON "command"("station_id", "id");
CREATE INDEX "command_session_id_idx" ON "command"("session_id");
CREATE UNIQUE INDEX "card_token_key" ON "card"("token");
CREATE INDEX "card_customer_id_id_idx" ON "card"("customer_id", "id");
CREATE UNIQUE INDEX "reservation_number_key" ON "reservation"("number");
CREATE INDEX "reservation_customer_id_id_idx" ON "reservation"("customer_id", "id");
CREATE INDEX "suspect_call_station_id_id_idx" ON "suspect_call"("station_id", "id");
ALTER TABLE "device" ADD CONSTRAINT "device_station_id_fkey" FOREIGN KEY ("station_id") REFERENCES "station"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- A device is kept for one driver at a time.
CREATE UNIQUE INDEX "reservation_device_one_at_a_time" ON "reservation"("device_id") WHERE "status" IN ('asked', 'active');
-- And a driver keeps one device at a time, not all of a forecourt.
CREATE UNIQUE INDEX "reservation_customer_one_at_a_time" ON "reservation"("customer_id") WHERE "status" IN ('asked', 'active');
-- What runs out next.
CREATE INDEX "reservation_running_out" ON "reservation"("expires_at") WHERE "status" IN ('asked', 'active');
-- Of processes that died before they heard what came of it.
CREATE INDEX "command_pending" ON "command"("deadline_at") WHERE "outcome" = 'pending';
