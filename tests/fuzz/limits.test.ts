import { startTarget, underLimits } from '@forecourt/fuzz';
import { startTestServers, type TestServers } from '@forecourt/local';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { seed } from './seed.ts';

let servers: TestServers;

beforeAll(async () => {
  servers = await startTestServers((step, text) => console.log(`${step}: ${text}`));
});

afterAll(() => servers.stop());

test('with the limits of production the answers are refusals, and still no faults', async () => {
  // That of orders is lower: among so many calls there are few of each.
  const env = { LIMIT_ORDINARY: '600', LIMIT_CREDENTIALS: '30', LIMIT_ORDERS: '4', ADDRESS_LIMIT_SCALE: '1' };
  const target = await startTarget({ postgresUrl: servers.postgresUrl, guest: true, env });
  onTestFinished(target.stop);
  const { findings, requests, limited } = await underLimits(target, { seed, requests: 1500 });
  expect(findings, `FUZZ_SEED=${seed}`).toEqual([]);
  expect(requests).toBe(1500);
  for (const call of ['POST /auth/login', 'POST /orders', 'GET /products']) expect(limited).toContain(call);
});
