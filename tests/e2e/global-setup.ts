import { randomBytes } from 'node:crypto';
import { startTestServers } from '@forecourt/local';
import type { TestProject } from 'vitest/node';
import { startTestSystem } from './own-system.ts';

/** One system for all files, with two processes of orders and of charging, so that no race is won by being alone. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const servers = await startTestServers((step, text) => console.log(`${step}: ${text}`));
  process.env.TEST_POSTGRES_URL = servers.postgresUrl;
  const secret = randomBytes(24).toString('hex');
  const secrets = { TOKEN_SECRET: secret, DEVICE_KEY_SECRETS: `e2e:${secret}` };
  // Stations that a file leaves behind change nothing in the middle of another one.
  const env = { ...secrets, DEVICE_LOST_AFTER_SECONDS: '3600' };
  const system = await startTestSystem({ scale: { orders: 2, charging: 2 }, env });
  project.provide('gatewayUrl', system.gateway);
  project.provide(
    'processes',
    system.instances.map(({ name, service, url }) => ({ name, service, url })),
  );
  project.provide(
    'databaseUrls',
    (['identity', 'catalog', 'orders', 'charging', 'payments'] as const).map((service) => system.databaseUrl(service)),
  );
  project.provide('identityEnvironment', {
    DATABASE_URL: system.databaseUrl('identity'),
    NATS_URL: system.natsUrlOf('identity'),
    STREAM_PREFIX: system.streamPrefix,
    ...secrets,
  });
  return async () => {
    await system.stop();
    await servers.stop();
  };
}
