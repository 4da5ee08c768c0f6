import { randomBytes } from 'node:crypto';
import { connectNats, type Nats, type NatsOptions } from '@forecourt/messaging';
import { databaseRefusal } from '@forecourt/service-kit';
import { pino } from 'pino';

export interface TestNats extends Nats {
  /** Where to connect another process to the same system: with `streamPrefix`. */
  readonly url: string;
}

export type TestNatsOptions = Partial<Pick<NatsOptions, 'url' | 'streamPrefix' | 'refusalOf'>>;

/** A connection to the test server, in a system of its own: no other test sees its streams, and `close` removes them. */
export async function createTestNats(options: TestNatsOptions = {}): Promise<TestNats> {
  const { url = serverUrl(), refusalOf = databaseRefusal } = options;
  const streamPrefix = options.streamPrefix ?? `t${randomBytes(5).toString('hex')}`;
  const log = pino({ level: 'silent' });
  const nats = await connectNats({ url, streamPrefix, refusalOf, name: 'test', log });
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
