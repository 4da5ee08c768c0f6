import { run, startRuntime } from '@forecourt/service-kit';
import { consumers, createOrdersApp } from './app.ts';
import { readConfig } from './config.ts';
import { createDeps } from './deps.ts';
import { startWorker } from './due-work.ts';
import { answerClaims } from './order/requests.ts';
import { pendingWork } from './pending/fulfilling.ts';
import { answerExports } from './person/requests.ts';
import { subscriptionWork } from './subscription/worker.ts';
import { keepSweeping } from './sweep.ts';
import { liftVersions } from './versions.ts';

const config = readConfig();
const runtime = await startRuntime({
  service: 'orders',
  config,
  migrations: new URL('../prisma/migrations/', import.meta.url),
});
const deps = createDeps(config, runtime);
const app = await createOrdersApp(deps, runtime);
runtime.onClose('sweep', keepSweeping(deps));
for (const work of [pendingWork(deps), subscriptionWork(deps)])
  runtime.onClose(work.name, startWorker(deps, work).close);

await run(runtime, app, {
  host: config.HOST,
  port: config.PORT,
  consumers: consumers(deps),
  transact: deps.database.transaction,
  answers: [answerClaims(deps, runtime.nats), answerExports(deps, runtime.nats)],
  liftVersions,
});
