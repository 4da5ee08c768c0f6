import { randomBytes } from 'node:crypto';
import { connectNats, type Nats } from '@forecourt/messaging';
import { pino } from 'pino';

export interface TestNats extends Nats {
  /** Where to connect another process to the same system: with `streamPrefix`. */
  readonly url: string;
}

/** A connection to the test server, in a system of its own: no other test sees its streams, and `close` removes them. */
export async function createTestNats(options: { url?: string; streamPrefix?: string } = {}): Promise<TestNats> {
  const url = options.url ?? serverUrl();
  const streamPrefix = options.streamPrefix ?? `t${randomBytes(5).toString('hex')}`;
  const nats = await connectNats({ url, streamPrefix, name: 'test', log: pino({ level: 'silent' }) });
  return {
    ...nats,
    url,
    async close() {
      for await (const { config } of nats.manager.streams.list()) {
        if (config.name.startsWith(`${streamPrefix}_`)) await nats.manager.streams.delete(config.name);
      }
      await nats.close();
    },
  };
}

function serverUrl(): string {
  const url = process.env.TEST_NATS_URL;
  if (!url) throw new Error('TEST_NATS_URL is missing: run tests through vitest, whose set-up provides it');
  return url;
}
