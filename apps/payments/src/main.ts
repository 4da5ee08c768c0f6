import { run, startRuntime } from '@forecourt/service-kit';
import { createPaymentsApp } from './app.ts';
import { readConfig } from './config.ts';
import { createDeps } from './deps.ts';

const config = readConfig();
const runtime = await startRuntime({
  service: 'payments',
  config,
  migrations: new URL('../prisma/migrations/', import.meta.url),
});
const deps = createDeps(config, runtime);
const app = await createPaymentsApp(deps, runtime);

await run(runtime, app, { host: config.HOST, port: config.PORT, transact: deps.database.transaction });
