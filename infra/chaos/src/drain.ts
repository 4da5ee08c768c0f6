import { jetstreamManager } from '@nats-io/jetstream';
import type { Stage } from './stage.ts';
import { until } from './until.ts';

const timeoutMs = 120_000;

/**
 * Until everything that was told has been heard: all ready, every outbox published, no consumer with anything before it.
 * Gives what it waited for in vain.
 */
export async function drain(stage: Stage): Promise<string | undefined> {
  let waitingFor = '';
  const isSo = async () => {
    waitingFor = await unfinished(stage).catch((error: Error) => error.message);
    return waitingFor === '';
  };
  try {
    await stage.system.ready(timeoutMs);
    // Callbacks got lost, and we ask of ourselves so seldom that a run would wait for minutes. Providers repeat them.
    await until(async () => stage.provider.callBackAll().then(() => true), 'the provider has called back', {
      timeoutMs,
    });
    // Twice, since what is published now is heard a moment later.
    for (let look = 0; look < 2; look++) await until(isSo, 'rest', { timeoutMs, everyMs: 250 });
    return undefined;
  } catch (error) {
    return waitingFor || (error as Error).message;
  }
}

async function unfinished({ system, targets, database, nats }: Stage): Promise<string> {
  for (const service of targets.relays) {
    const { rows } = await database.query<{ behind: number }>(
      `SELECT count(*)::int AS behind FROM ${service}.outbox o, ${service}.outbox_cursor c WHERE (o.xid, o.seq) > (c.xid, c.seq)`,
    );
    const behind = rows[0]?.behind ?? 0;
    if (behind > 0) return `${service} has ${behind} events to publish`;
  }
  const manager = await jetstreamManager(nats, { timeout: 2000, checkAPI: false });
  for (const service of targets.relays) {
    const stream = [system.streamPrefix, service.toUpperCase()].filter(Boolean).join('_');
    for await (const { name, config, num_pending, num_ack_pending } of manager.consumers.list(stream)) {
      if (config.durable_name === undefined) continue;
      if (num_pending + num_ack_pending > 0) {
        return `${name} has ${num_pending} events before it and ${num_ack_pending} in hand`;
      }
    }
  }
  return '';
}
