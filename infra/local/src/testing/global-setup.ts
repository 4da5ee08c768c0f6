import { startTestServers } from './servers.ts';

/** For vitest: tests find their servers in TEST_POSTGRES_URL and TEST_NATS_URL, whoever has started them. */
export async function setup(): Promise<() => Promise<void>> {
  const { postgresUrl, natsUrl, stop } = await startTestServers((step, text) => console.log(`${step}: ${text}`));
  process.env.TEST_POSTGRES_URL = postgresUrl;
  process.env.TEST_NATS_URL = natsUrl;
  return stop;
}
