-- A transaction whose start was lost is taken for what the station was asked for, until its start says otherwise.
ALTER TABLE "session" ADD COLUMN "assumed" BOOLEAN NOT NULL DEFAULT false;
