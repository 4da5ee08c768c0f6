import { run, startCoreRuntime } from '@forecourt/service-kit';
import { createGateway } from './app.ts';
import { readConfig } from './config.ts';
import { serveMetrics } from './metrics-port.ts';

const config = readConfig();
const runtime = await startCoreRuntime({ service: 'gateway', config });
const app = await createGateway(config, runtime);
await serveMetrics(config, runtime);
await run(runtime, app, { host: config.HOST, port: config.PORT });
