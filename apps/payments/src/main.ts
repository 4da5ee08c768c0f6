import { repeat, run, startRuntime } from '@forecourt/service-kit';
import { answers } from './answers.ts';
import { consumers, createPaymentsApp } from './app.ts';
import { readConfig } from './config.ts';
import { createDeps } from './deps.ts';
import { compareDays } from './replenishment/comparing.ts';
import { startWorker } from './replenishment/worker.ts';
import { startRounds } from './rounds.ts';
import { liftVersions } from './versions.ts';

const config = readConfig();
const runtime = await startRuntime({
  service: 'payments',
  config,
  migrations: new URL('../prisma/migrations/', import.meta.url),
});
const deps = createDeps(config, runtime);
const app = await createPaymentsApp(deps, runtime);

const worker = startWorker(deps);
deps.hints.listen(worker.wake);
runtime.onClose('invoices', worker.close);
const anHour = 3_600_000;
const comparing = repeat({
  name: 'the provider’s list',
  everyMs: anHour,
  work: () => compareDays(deps),
  log: deps.log,
});
runtime.onClose('comparing', comparing.close);

for (const [name, round] of Object.entries(startRounds(deps))) runtime.onClose(name, round.close);

await run(runtime, app, {
  host: config.HOST,
  port: config.PORT,
  consumers,
  transact: deps.database.transaction,
  answers: answers(deps, runtime.nats),
  liftVersions,
});
