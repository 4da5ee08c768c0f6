#!/usr/bin/env node
/**
 * streams compare | replay
 *
 * Holds one service's outbox (DATABASE_URL) against its stream (NATS_URL, STREAM_PREFIX), event by event. Made to be run
 * every night: it ends with 1 when the stream lacks something that was told.
 */
import type { Service } from '@forecourt/contracts';
import pg from 'pg';
import { pino } from 'pino';
import { connectNats, type Nats } from './nats.ts';
import { compareStream, replayMissing } from './streams-compare.ts';

const usage = `streams compare    each type of event: how many the outbox has told, how many of them the stream has
streams replay     the same, and the service's relay publishes again what is missing`;

const print = (text: string) => process.stdout.write(`${text}\n`);

/** The one whose tables these are. */
async function serviceOf(client: pg.Client, prefix: string): Promise<Service> {
  const { rows } = await client.query<{ stream: string }>('SELECT stream FROM outbox_cursor');
  const start = prefix === '' ? '' : `${prefix}_`;
  const [name] = rows.flatMap(({ stream }) => (stream.startsWith(start) ? [stream.slice(start.length)] : []));
  if (name === undefined) throw new Error('no relay has ever published from this database under this prefix');
  return name.toLowerCase() as Service;
}

async function run(client: pg.Client, nats: Nats, command: string): Promise<void> {
  const place = { client, nats, service: await serviceOf(client, nats.streamPrefix) };
  const types = await compareStream(place);
  print(['type', 'outbox', 'stream', 'missing', 'unknown'].join('\t'));
  for (const { type, outbox, stream, missing, unknown } of types) {
    print([type, outbox, stream, missing, unknown].join('\t'));
  }
  if (types.every(({ missing }) => missing === 0)) return;
  if (command === 'replay') print(`${await replayMissing(place)} published again`);
  else process.exitCode = 1;
}

const [command = '', ...rest] = process.argv.slice(2);
if (rest.length > 0 || !['compare', 'replay'].includes(command)) {
  process.stderr.write(`${usage}\n`);
  process.exit(1);
}
// biome-ignore lint/style/noProcessEnv: a command of its own, which no service's configuration reaches
const { DATABASE_URL, NATS_URL = 'nats://127.0.0.1:4222', STREAM_PREFIX = '' } = process.env;
const client = new pg.Client({ connectionString: DATABASE_URL, application_name: 'streams' });
let nats: Nats | undefined;
try {
  await client.connect();
  const log = pino({ level: 'silent' });
  nats = await connectNats({ url: NATS_URL, name: 'streams', log, streamPrefix: STREAM_PREFIX });
  await run(client, nats, command);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
} finally {
  await nats?.close();
  await client.end();
}
