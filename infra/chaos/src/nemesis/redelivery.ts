import { randomUUID } from 'node:crypto';
import { type JetStreamManager, jetstream, jetstreamManager, type StoredMsg } from '@nats-io/jetstream';
import { headers as newHeaders } from '@nats-io/transport-node';
import { type Random, seeded } from '../random.ts';
import type { Stage } from '../stage.ts';
import { until } from '../until.ts';
import { type Damage, Impossible } from './damage.ts';
import type { PlannedFault } from './plan.ts';

/** Copies that the harness made carry a message id that begins so. */
const copyPrefix = 'chaos-copy-';

const timeout = 1500;
const patienceMs = 6_000;

/** Says again what was said: the newest events once more, or old ones after new ones, the newest first. */
export async function deliver({ kind, target, at, degree }: PlannedFault, { system, nats }: Stage): Promise<Damage> {
  if (nats.isClosed()) throw new Impossible('no connection to the broker');
  const stream = [system.streamPrefix, target.toUpperCase()].filter(Boolean).join('_');
  const manager = await jetstreamManager(nats, { timeout, checkAPI: false });
  const state = await extentOf(manager, stream);
  const places = kind === 'deliver-again' ? newest(state, degree) : scattered(state, degree, seeded(at));
  const found: StoredMsg[] = [];
  for (const seq of places) {
    const message = await manager.streams.getMessage(stream, { seq });
    if (message) found.push(message);
  }
  const client = jetstream(nats, { timeout });
  for (const { subject, data, header } of found) {
    const headers = newHeaders();
    for (const key of header.keys()) headers.set(key, header.get(key));
    await client.publish(subject, data, { headers, msgID: `${copyPrefix}${randomUUID()}` });
  }
  return { detail: `${found.length} events`, mend: async () => {} };
}

interface Extent {
  readonly first_seq: number;
  readonly last_seq: number;
}

/** The broker may just have been killed, and lost all it had: it is there again in a moment. */
async function extentOf(manager: JetStreamManager, stream: string): Promise<Extent> {
  const seen: Extent[] = [];
  const saysSomething = async () => {
    const { state } = await manager.streams.info(stream);
    if (state.messages > 0) seen.push(state);
    return state.messages > 0;
  };
  await until(saysSomething, `${stream} says something`, { timeoutMs: patienceMs, everyMs: 200 });
  return seen[0] as Extent;
}

function newest({ first_seq, last_seq }: Extent, count: number): number[] {
  const first = Math.max(first_seq, last_seq - count + 1);
  return Array.from({ length: last_seq - first + 1 }, (_, n) => first + n);
}

function scattered({ first_seq, last_seq }: Extent, count: number, random: Random): number[] {
  const places = new Set(Array.from({ length: count }, () => first_seq + random.below(last_seq - first_seq + 1)));
  return [...places].sort((a, b) => b - a);
}
