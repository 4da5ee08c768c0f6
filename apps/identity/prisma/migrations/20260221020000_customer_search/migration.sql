-- Operators look for a part of a name or an e-mail address; without these that reads every customer, twice.
CREATE INDEX "customer_email_name_idx" ON "customer" USING gin ("email" gin_trgm_ops, "name" gin_trgm_ops);

-- Each login notes its instant. Room on the page keeps that out of the indexes.
ALTER TABLE "customer" SET (fillfactor = 80);
