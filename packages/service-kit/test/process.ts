import { setTimeout as pause } from 'node:timers/promises';
import { commonConfig, createApp, loadConfig, run, startRuntime } from '../src/index.ts';

// A whole service without a feature, for the tests of how a process starts and leaves.
const config = loadConfig(commonConfig);
const runtime = await startRuntime({
  service: 'orders',
  config,
  migrations: new URL('../../../apps/orders/prisma/migrations/', import.meta.url),
});
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
await run(runtime, app, { port: config.PORT, relay: false });
