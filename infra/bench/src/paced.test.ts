import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { readAtPace } from './paced.ts';

async function serve(answer: (path: string, asked: number) => number): Promise<string> {
  let asked = 0;
  const server = createServer(({ url = '' }, response) => response.writeHead(answer(url, ++asked)).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('reads go on until what they accompany is over, and every one is accounted for', async () => {
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const paths: string[] = [];
  const origin = await serve((path, asked) => {
    paths.push(path);
    if (asked === 30) resolve();
    return 200;
  });
  const { milliseconds, failures } = await readAtPace({ origin, path: (n) => `/${n}`, perSecond: 1000, until: over });
  expect(milliseconds).toHaveLength(paths.length);
  expect(new Set(paths).size).toBe(paths.length);
  expect(failures).toEqual([]);
});

test('a read that is refused is a failure, and the others go on', async () => {
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const origin = await serve((path, asked) => {
    if (asked === 20) resolve();
    return path === '/3' ? 503 : 200;
  });
  const { milliseconds, failures } = await readAtPace({ origin, path: (n) => `/${n}`, perSecond: 1000, until: over });
  expect(failures).toEqual(['GET /3: 503']);
  expect(milliseconds.length).toBeGreaterThanOrEqual(18);
});

test('when what they accompany fails, so do they', async () => {
  const origin = await serve(() => 200);
  const reading = readAtPace({ origin, path: () => '/', perSecond: 100, until: Promise.reject(new Error('flooded')) });
  await expect(reading).rejects.toThrow('flooded');
});
