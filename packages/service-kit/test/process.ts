import { setTimeout as pause } from 'node:timers/promises';
import { stockChanged } from '@forecourt/contracts';
import { consumer, enqueue } from '@forecourt/messaging';
import { z } from 'zod';
import { commonConfig, createApp, loadConfig, newObjectId, run, startRuntime } from '../src/index.ts';

// A whole service without a feature, for the tests of how a process starts and leaves.
const config = loadConfig({ ...commonConfig, FIRST_QUESTION: z.string().optional() });
const runtime = await startRuntime({
  service: 'orders',
  config,
  migrations: new URL('../../../apps/orders/prisma/migrations/', import.meta.url),
});
if (config.FIRST_QUESTION) await runtime.database.pool.query(config.FIRST_QUESTION);
const app = await createApp(runtime);
app.get('/slow', async () => {
  runtime.log.info('slow request began');
  await pause(400);
  return { finished: true };
});
app.post('/bug', async () => {
  setImmediate(() => {
    throw new Error('nobody caught this');
  });
  return {};
});
app.get('/stuck', { handlerTimeout: 60_000 }, () => new Promise(() => undefined));
app.post('/tell', async () => {
  const fact = { productId: newObjectId(new Date()), version: 1, quantity: 3, inStock: true, changedAt: new Date() };
  await runtime.database.transaction((tx) => enqueue(tx, stockChanged, fact));
  return {};
});
const hears = consumer({
  event: stockChanged,
  durable: 'orders-hears-itself',
  handle: async (_tx, { quantity }) => runtime.log.info({ quantity }, 'heard'),
});
await run(runtime, app, { port: config.PORT, consumers: [hears], transact: runtime.database.transaction });
