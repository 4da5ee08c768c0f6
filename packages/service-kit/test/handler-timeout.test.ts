import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough, type Readable } from 'node:stream';
import { storefront } from '@forecourt/dialects';
import { createTestRuntime, type TestRuntime } from '@forecourt/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type App, createApp, door } from '../src/index.ts';

const standardMs = 8_000;

let runtime: TestRuntime;
let app: App;
/** A handler waits here until the test lets it go on. */
let waiting: PromiseWithResolvers<unknown>;
let answer: PassThrough;
let handled = 0;

beforeAll(async () => {
  runtime = await createTestRuntime('orders');
  app = await createApp(runtime);
  const slow = async () => {
    handled += 1;
    return waiting.promise;
  };
  await app.register(
    door(storefront, async (shop) => {
      shop.get('/slow', slow);
      shop.post('/slow', slow);
      shop.delete('/slow', slow);
      shop.post('/hasty', { handlerTimeout: 1_000 }, slow);
      shop.post('/patient', { handlerTimeout: 60_000 }, slow);
      shop.get('/streaming', (_request, reply) => reply.send(answer));
      shop.addContentTypeParser('text/csv', (_request, payload, done) => done(null, payload));
      shop.post('/upload', { handlerTimeout: 60_000 }, async ({ body }) => {
        let bytes = 0;
        for await (const chunk of body as Readable) bytes += (chunk as Buffer).length;
        return { bytes };
      });
    }),
  );
  await app.listen({ port: 0, host: '127.0.0.1' });
  // Sockets and streams go on; only timers wait for the test.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  waiting.resolve({ said: 'late' });
  answer.destroy();
});
afterAll(async () => {
  vi.useRealTimers();
  await app.close();
  await runtime.close();
});

type Sent = ReturnType<typeof send>;
function send(method: string, path: string, body?: string, contentType = 'application/json') {
  waiting = Promise.withResolvers();
  answer = new PassThrough();
  const { port } = app.server.address() as AddressInfo;
  const request = httpRequest({ port, method, path, headers: { 'content-type': contentType }, agent: false });
  const answered = once(request, 'response').then(([response]) => response as IncomingMessage);
  answered.catch(() => undefined);
  if (body !== undefined) request.end(body);
  return { request, answered };
}
/** Once the handler has been reached, which is after the body has been read. */
async function reach(method: string, path: string, body?: string): Promise<Sent> {
  const before = handled;
  const sent = send(method, path, body ?? '');
  await turn(() => handled > before);
  return sent;
}
/** Lets sockets move without letting time pass. */
async function turn(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
async function settle(): Promise<void> {
  for (let n = 0; n < 50; n += 1) await new Promise((resolve) => setImmediate(resolve));
}
async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return text;
}
/** What was said in the log meanwhile, apart from a line for each answer. */
async function complaintsOf(work: () => Promise<void>): Promise<unknown[]> {
  const before = runtime.logged.length;
  await work();
  return runtime.logged.slice(before).filter(({ msg }) => !/^request (answered|put off)$/.test(String(msg)));
}

const answersIn = (before: number) => runtime.logged.slice(before).filter(({ route }) => route === '/slow').length;

describe('a handler that takes too long', () => {
  test.each([
    ['GET', '/slow', undefined],
    ['POST', '/slow', undefined],
    ['POST', '/slow', '{"a":1}'],
    ['POST', '/slow', `{"a":"${'x'.repeat(60_000)}"}`],
    ['DELETE', '/slow', undefined],
  ])('is answered for: %s %s %#', async (method, path, body) => {
    const { answered } = await reach(method, path, body);
    await settle();
    vi.advanceTimersByTime(standardMs - 1);
    await settle();
    const early = vi.fn();
    void answered.then(early);
    await settle();
    expect(early).not.toHaveBeenCalled();

    vi.advanceTimersByTime(1);
    const response = await answered;
    expect([response.statusCode, response.headers['retry-after']]).toEqual([503, '1']);
    expect(JSON.parse(await textOf(response))).toMatchObject({ statusCode: 503 });
  });

  test('is answered once: what it says afterwards is not heard, and breaks nothing', async () => {
    for (const late of [
      () => waiting.resolve({ said: 'late' }),
      () => waiting.reject(new Error('late')),
      () => waiting.resolve(undefined),
    ]) {
      const before = runtime.logged.length;
      const { answered } = await reach('POST', '/slow', '{}');
      vi.advanceTimersByTime(standardMs);
      const response = await answered;
      expect(response.statusCode).toBe(503);
      const said = await textOf(response);
      late();
      await settle();
      expect(said).not.toContain('late');
      expect(answersIn(before)).toBe(1);
    }
  });

  test('that answers in time is left alone, however long the connection lives on', async () => {
    const complaints = await complaintsOf(async () => {
      const { answered } = await reach('POST', '/slow', '{}');
      vi.advanceTimersByTime(standardMs - 1);
      waiting.resolve({ said: 'in time' });
      const response = await answered;
      expect(response.statusCode).toBe(200);
      expect(await textOf(response)).toContain('in time');
      vi.advanceTimersByTime(standardMs);
      await settle();
    });
    expect(complaints).toEqual([]);
  });

  test('may have less or more time by its route', async () => {
    const hasty = await reach('POST', '/hasty', '{}');
    vi.advanceTimersByTime(1_000);
    expect((await hasty.answered).statusCode).toBe(503);

    const patient = await reach('POST', '/patient', '{}');
    vi.advanceTimersByTime(59_000);
    waiting.resolve({ said: 'at last' });
    expect((await patient.answered).statusCode).toBe(200);
  });

  test('whose caller has hung up is not answered, and nothing breaks', async () => {
    const complaints = await complaintsOf(async () => {
      const { request } = await reach('POST', '/slow', '{}');
      request.on('error', () => undefined).destroy();
      await settle();
      vi.advanceTimersByTime(standardMs);
      await settle();
    });
    expect(complaints).toEqual([]);
  });
});

describe('an answer that streams', () => {
  test('is cut off where its time is over, so that nobody takes it for whole', async () => {
    const { answered } = send('GET', '/streaming', '');
    await settle();
    answer.write('some');
    const response = await answered;
    expect(response.statusCode).toBe(200);
    const text = textOf(response);
    text.catch(() => undefined);
    await settle();
    vi.advanceTimersByTime(standardMs);
    await expect(text).rejects.toThrow('aborted');
  });

  test('that is whole in time ends as it should', async () => {
    const { answered } = send('GET', '/streaming', '');
    await settle();
    answer.write('some ');
    const response = await answered;
    vi.advanceTimersByTime(standardMs - 1);
    answer.end('more');
    const complaints = await complaintsOf(async () => {
      expect(await textOf(response)).toBe('some more');
      vi.advanceTimersByTime(standardMs);
      await settle();
    });
    expect(complaints).toEqual([]);
  });
});

test('an upload for whose route there is more time may take it', async () => {
  const { request, answered } = send('POST', '/upload', undefined, 'text/csv');
  for (let n = 0; n < 5; n += 1) {
    request.write('x'.repeat(1000));
    await settle();
    vi.advanceTimersByTime(10_000);
  }
  request.end();
  const response = await answered;
  expect([response.statusCode, await textOf(response)]).toEqual([200, '{"bytes":5000}']);
});
