/**
 * The yardstick: what a bare Fastify handler and the simplest SQL cost for the same answer. No validation beyond what
 * the SQL needs, no discounts, no languages, no events, no idempotency, nobody's token verified.
 */
import Fastify from 'fastify';
import pg from 'pg';
import { account } from './account.ts';
import { codes } from './codes.ts';
import { ledger } from './ledger.ts';
import { orders } from './orders.ts';
import { products } from './products.ts';
import { stations } from './stations.ts';
import { subscriber } from './subscriber.ts';

const connection = { connectionString: process.env.YARDSTICK_DATABASE_URL, max: 10 };
const pool = new pg.Pool(connection);
/** Planned once a connection: the planner takes an order's few lines for a reason to plan each, which costs more than the order. */
const planningOnce = new pg.Pool({ ...connection, options: '-c plan_cache_mode=force_generic_plan' });
const app = Fastify();
products(app, pool);
orders(app, planningOnce);
await account(app, pool);
codes(app, pool);
ledger(app, pool);
subscriber(app, pool);
stations(app.server, pool);

await app.listen({ port: 0, host: '127.0.0.1' });
const address = app.server.address();
process.send?.({ origin: `http://127.0.0.1:${typeof address === 'object' ? address?.port : address}` });
process.on('disconnect', () => process.exit());
