import { randomInt } from 'node:crypto';
import { campaign, render, save, startTarget, type Target, underLimits } from '@forecourt/fuzz';
import { startTestServers, type TestServers } from '@forecourt/local';
import { afterAll, beforeAll, expect, test } from 'vitest';

// Another one each time, so that every run of the tests looks elsewhere; what is found says how to repeat it.
const seed = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 31));
const seconds = Number(process.env.FUZZ_SECONDS ?? 30);

const say = (step: string, text: string) => console.log(`${step}: ${text}`);
let servers: TestServers;

beforeAll(async () => {
  servers = await startTestServers(say);
});

afterAll(() => servers.stop());

async function against<T>(env: NodeJS.ProcessEnv, work: (target: Target) => Promise<T>): Promise<T> {
  const { postgresUrl } = servers;
  const target = await startTarget({ postgresUrl, guest: true, env });
  try {
    return await work(target);
  } finally {
    await target.stop();
  }
}

test('whatever is sent, no answer is a fault, and no refusal changes anything', async () => {
  const result = await against({}, (target) => campaign(target, { seed, milliseconds: seconds * 1000, say }));
  save(result);
  console.log(render(result));
  expect(result.findings.map(({ where, fault }) => `${where}: ${fault}`)).toEqual([]);
  // It looked at something: every call, most kinds, and what sockets can be told.
  expect(result.coverage.neverSucceeded()).toEqual([]);
  expect(result.singles.done).toBeGreaterThan(1000);
  expect(result.unchanged.batches).toBeGreaterThan(0);
  expect(result.raw.size).toBeGreaterThan(60);
});

test('with the limits of production the answers are refusals, and still no faults', async () => {
  // That of orders is lower: among so many calls there are few of each.
  const env = { LIMIT_ORDINARY: '600', LIMIT_CREDENTIALS: '30', LIMIT_ORDERS: '4', ADDRESS_LIMIT_SCALE: '1' };
  const { findings, requests, limited } = await against(env, (target) => underLimits(target, { seed, requests: 1500 }));
  expect(findings).toEqual([]);
  expect(requests).toBe(1500);
  for (const call of ['POST /auth/login', 'POST /orders', 'GET /products']) expect(limited).toContain(call);
});
