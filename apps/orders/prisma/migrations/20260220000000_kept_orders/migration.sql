-- Orders are never deleted, and their history and reservations are only written from their own rows, in the same
-- statement. So the foreign keys could never fail, but cost every order a look-up and a row lock; and in a young database
-- worse: Postgres keeps the plan of such a look-up that it made while the table was small, and reads all of it.
ALTER TABLE "order_history" DROP CONSTRAINT "order_history_order_id_fkey";
ALTER TABLE "stock_reservations" DROP CONSTRAINT "stock_reservations_order_id_fkey";

CREATE TRIGGER "orders_are_kept" BEFORE DELETE OR TRUNCATE ON "orders"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
