import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import pg from 'pg';
import { freePort } from '../free-port.ts';
import { startTestSystem, type TestSystem } from '../own-system.ts';
import type { Answer, HttpClient } from '../storefront-client.ts';
import { listenIn, type Wire } from './wire.ts';

export interface Piece {
  /** `log identity.log`, `trace`, `metrics identity`, `nats <subject>`, `table identity.message`. */
  readonly where: string;
  readonly text: string;
}

/** A system whose every word is heard: it logs all that it can and hands all its traces on. */
export interface OverheardSystem {
  readonly system: TestSystem;
  readonly wire: Wire;
  /** What was said and kept by everybody so far. Ends the processes first, so that they have said their last. */
  everything(): Promise<Piece[]>;
  stop(): Promise<void>;
}

export async function startOverheardSystem(env: NodeJS.ProcessEnv): Promise<OverheardSystem> {
  const traces: Piece[] = [];
  const collector = createServer(async (request, response) => {
    traces.push({ where: `trace ${request.url}`, text: (await buffer(request)).toString() });
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  }).listen(0, '127.0.0.1');
  await once(collector, 'listening');
  const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  const metricsPort = String(await freePort());
  const system = await startTestSystem({
    env: { LOG_LEVEL: 'trace', OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, METRICS_PORT: metricsPort, ...env },
  });
  const wire = await listenIn(system.natsUrl);
  return {
    system,
    wire,
    everything: async () => {
      const measured = await metricsOf(system, metricsPort);
      for (const { name } of system.instances) await system.program(name).stop();
      return [
        ...traces,
        ...measured,
        ...(await logsOf(system)),
        ...(await tablesOf(system)),
        ...wire.heard.map(({ subject, text }) => ({ where: `nats ${subject}`, text })),
      ];
    },
    stop: async () => {
      wire.close();
      await system.stop();
      collector.close();
    },
  };
}

/** The gateway's are at a port of their own. */
const metricsOf = ({ instances }: TestSystem, gatewaysPort: string): Promise<Piece[]> =>
  Promise.all(
    instances.map(async ({ name, service, url }) => {
      const origin = service === 'gateway' ? `http://127.0.0.1:${gatewaysPort}` : url;
      return { where: `metrics ${name}`, text: await (await fetch(`${origin}/metrics`)).text() };
    }),
  );

/** Remembers what was refused, each with its headers. */
export function overhearing(spoken: HttpClient, refusals: string[]): HttpClient {
  const heard = <B>(answer: Answer<B>): Answer<B> => {
    if (answer.status >= 400) refusals.push(`${answer.text} ${JSON.stringify([...answer.headers])}`);
    return answer;
  };
  return {
    get: async (...call) => heard(await spoken.get(...call)),
    post: async (...call) => heard(await spoken.post(...call)),
    put: async (...call) => heard(await spoken.put(...call)),
    patch: async (...call) => heard(await spoken.patch(...call)),
    delete: async (...call) => heard(await spoken.delete(...call)),
  };
}

async function logsOf({ directory }: TestSystem): Promise<Piece[]> {
  const logs = join(directory, 'logs');
  const pieces = (await readdir(logs)).map(async (file) => {
    const lines = (await readFile(join(logs, file), 'utf8')).split('\n');
    return lines.map((text) => ({ where: `log ${file}`, text }));
  });
  return (await Promise.all(pieces)).flat();
}

/** Every row of every table of every service. */
async function tablesOf({ adminUrl }: TestSystem): Promise<Piece[]> {
  const database = new pg.Client({ connectionString: adminUrl });
  await database.connect();
  try {
    const { rows: tables } = await database.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
       WHERE schemaname IN ('identity', 'catalog', 'orders', 'charging', 'payments')`,
    );
    const pieces: Piece[] = [];
    for (const { name } of tables) {
      const { rows } = await database.query<{ text: string }>(`SELECT t::text AS text FROM ${name} t`);
      pieces.push(...rows.map(({ text }) => ({ where: `table ${name}`, text })));
    }
    return pieces;
  } finally {
    await database.end();
  }
}
