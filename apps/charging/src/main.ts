import { run, startRuntime } from '@forecourt/service-kit';
import { answers } from './answers.ts';
import { consumers, createChargingApp } from './app.ts';
import { readConfig } from './config.ts';
import { createDeps } from './deps.ts';
import { createDoors } from './doors/doors.ts';
import { startKeeping } from './partitions.ts';
import { startRounds } from './rounds.ts';
import { startWorker } from './session/worker.ts';
import { openStations } from './station/stations.ts';
import { liftVersions } from './versions.ts';

const config = readConfig();
const runtime = await startRuntime({
  service: 'charging',
  config,
  migrations: new URL('../prisma/migrations/', import.meta.url),
});
const deps = createDeps(config, runtime);
const app = await createChargingApp(deps, runtime);
await openStations(app, deps, runtime, createDoors(deps));

runtime.onClose('partitions', startKeeping(deps).close);
const worker = startWorker(deps);
runtime.onClose('sessions', worker.close);
for (const [name, round] of Object.entries(startRounds(deps))) runtime.onClose(name, round.close);

await run(runtime, app, {
  host: config.HOST,
  port: config.PORT,
  consumers,
  transact: deps.database.transaction,
  answers: answers(deps, runtime.nats),
  liftVersions,
});
