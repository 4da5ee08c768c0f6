import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { compare } from './compare.ts';
import type { Flow } from './flows/flow.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(answer: (path: string) => { status?: number; body: string }): Promise<string> {
  const server = createServer(({ url = '' }, response) => {
    const { status = 200, body } = answer(url);
    response.writeHead(status).end(body);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const effort = {
  connections: 2,
  rounds: 3,
  secondsPerTurn: 10,
  warmUpSeconds: 10,
  countedSeconds: 10,
  maxRequestsPerTurn: 20,
};

const flowOf = (yardstick: string, ours: string, request: (n: number) => string): Flow => {
  const side = (origin: string) => ({
    place: { origin, processes: [], database: '' },
    visitors: { expectedStatus: 200, request: (n: number) => ({ method: 'GET' as const, path: request(n) }) },
  });
  return { name: 'flow', yardstick: side(yardstick), ours: side(ours) };
};

test('sides take turns, and who begins changes from round to round', async () => {
  const turns: string[] = [];
  const noted = (side: string) => () => {
    if (turns.at(-1) !== side) turns.push(side);
    return { body: '' };
  };
  const [yardstick, ours] = [await serve(noted('yardstick')), await serve(noted('ours'))];
  await compare(
    flowOf(yardstick, ours, () => '/'),
    effort,
  );
  // Warm-up of both; then yardstick and ours, ours and yardstick, yardstick and ours.
  expect(turns).toEqual(['yardstick', 'ours', 'yardstick', 'ours', 'yardstick', 'ours']);
});

test('both sides are asked the same, and a turn goes on where the last one ended', async () => {
  const asked = { yardstick: [] as string[], ours: [] as string[] };
  const noted = (side: keyof typeof asked) => (path: string) => {
    asked[side].push(path);
    return { body: '' };
  };
  const flow = flowOf(await serve(noted('yardstick')), await serve(noted('ours')), (n) => `/${n}`);
  const { ours, yardstick } = await compare(flow, effort);
  expect(asked.ours.sort()).toEqual(asked.yardstick.sort());
  // Four turns of 20, the first one to warm up; none is asked twice.
  expect(new Set(asked.ours).size).toBe(80);
  expect([ours.requests, yardstick.requests]).toEqual([60, 60]);
});

test('an answer that was not expected is told, and counts for no rate', async () => {
  const [yardstick, ours] = [
    await serve(() => ({ body: '' })),
    await serve((path) => (path.endsWith('7') ? { status: 503, body: 'busy' } : { body: '' })),
  ];
  const { failures, rate } = await compare(
    flowOf(yardstick, ours, (n) => `/${n}`),
    effort,
  );
  expect(failures).toContain('GET /7: 503 busy');
  expect(rate.value).toBeGreaterThan(0);
});

test('who asks otherwise than over HTTP is timed and counted alike, and what goes wrong is told', async () => {
  const flow = flowOf(await serve(() => ({ body: '' })), '', () => '/');
  const acts: number[] = [];
  flow.ours.visitors = async (n) => {
    acts.push(n);
    if (n === 7) throw new Error('the seventh was refused');
  };
  const { ours, failures } = await compare(flow, effort);
  expect(acts).toEqual(Array.from({ length: 80 }, (_, n) => n));
  expect(ours.requests).toBe(60);
  expect(failures).toEqual(['the seventh was refused']);
});

test('what a flow leaves behind is looked at once, after all of its turns', async () => {
  const seen: number[] = [];
  let acts = 0;
  const flow = flowOf(await serve(() => ({ body: '' })), '', () => '/');
  flow.ours.visitors = async () => void acts++;
  flow.audit = async () => {
    seen.push(acts);
    return ['money is missing'];
  };
  expect((await compare(flow, effort)).failures).toEqual(['money is missing']);
  expect(seen).toEqual([80]);
});

test('a visitor goes on from their own last answer', async () => {
  const origin = await serve((path) => ({ body: `${path}+` }));
  const held = ['/a', '/b'];
  const flow = flowOf(origin, origin, () => '/');
  flow.ours.visitors = {
    expectedStatus: 200,
    request: (_n, connection) => ({ method: 'GET', path: held[connection] as string }),
    answered: (body, connection) => {
      held[connection] = body;
    },
  };
  await compare(flow, { ...effort, rounds: 1 });
  expect(held[0]).toMatch(/^\/a\++$/);
  expect(held[1]).toMatch(/^\/b\++$/);
  expect(held.join('').replaceAll(/[^+]/g, '')).toHaveLength(40);
});
