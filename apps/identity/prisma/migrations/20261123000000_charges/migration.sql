-- The newest that was heard of a charging session of somebody with an app, and what of it their apps were told.
CREATE TABLE "charge" (
    "session_id" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "device_id" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "energy_wh" BIGINT NOT NULL,
    "duration_sec" BIGINT NOT NULL,
    "waiting_sec" BIGINT NOT NULL,
    "amount" BIGINT NOT NULL,
    "paid" BIGINT NOT NULL,
    "currency" TEXT NOT NULL,
    "heard_at" TIMESTAMPTZ(3) NOT NULL,
    "told_version" INTEGER NOT NULL DEFAULT 0,
    "told_state" TEXT,
    "told_amount" BIGINT,
    "told_paid" BIGINT NOT NULL DEFAULT 0,
    -- Whoever starts a device has seen that it was idle.
    "told_device" TEXT NOT NULL DEFAULT 'Idle',
    "told_at" TIMESTAMPTZ(3),
    -- null: everything was told.
    "due_at" TIMESTAMPTZ(3),

    CONSTRAINT "charge_pkey" PRIMARY KEY ("session_id")
);
-- Whoever is erased has no topic any more, and nothing is told of them.
ALTER TABLE "charge" ADD CONSTRAINT "charge_customer_id_fkey"
    FOREIGN KEY ("customer_id") REFERENCES "push_topic"("customer_id") ON DELETE CASCADE ON UPDATE CASCADE;
CREATE INDEX "charge_customer_id_idx" ON "charge"("customer_id");
CREATE INDEX "charge_device_id_idx" ON "charge"("device_id");
CREATE INDEX "charge_due_at_idx" ON "charge"("due_at");

-- Each device's newest state, since a driver hears of that too, and events of devices and sessions come as they like.
CREATE TABLE "device_state" (
    "device_id" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "state" TEXT NOT NULL,

    CONSTRAINT "device_state_pkey" PRIMARY KEY ("device_id")
);
