import { campaign, render, save, startTarget } from '@forecourt/fuzz';
import { startTestServers, type TestServers } from '@forecourt/local';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { seed } from './seed.ts';

const seconds = Number(process.env.FUZZ_SECONDS ?? 30);

const say = (step: string, text: string) => console.log(`${step}: ${text}`);
let servers: TestServers;

beforeAll(async () => {
  servers = await startTestServers(say);
});

afterAll(() => servers.stop());

test('whatever is sent, no answer is a fault, and no refusal changes anything', async () => {
  const target = await startTarget({ postgresUrl: servers.postgresUrl, guest: true });
  onTestFinished(target.stop);
  const result = await campaign(target, { seed, milliseconds: seconds * 1000, say });
  save(result);
  console.log(render(result));
  expect(result.findings.map(({ where, fault }) => `${where}: ${fault}`)).toEqual([]);
  // It looked at something: every call, most kinds, and what sockets can be told.
  expect(result.coverage.neverSucceeded()).toEqual([]);
  expect(result.singles.done).toBeGreaterThan(1000);
  expect(result.unchanged.batches).toBeGreaterThan(0);
  expect(result.raw.size).toBeGreaterThan(60);
});
