import { run, startCoreRuntime } from '@forecourt/service-kit';
import { createGateway } from './app.ts';
import { readConfig } from './config.ts';
import { serveMetrics } from './metrics-port.ts';
import { connectForQuestions } from './questions.ts';

const config = readConfig();
const runtime = await startCoreRuntime({ service: 'gateway', config });
const nats = connectForQuestions(config, runtime);
const app = await createGateway(config, { ...runtime, nats });
await serveMetrics(config, runtime);
await run(runtime, app, { host: config.HOST, port: config.PORT });
