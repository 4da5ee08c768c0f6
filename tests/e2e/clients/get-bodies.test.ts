import { Agent, type ClientRequest, request } from 'node:http';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { until } from '@forecourt/testing';
import { beforeAll, expect, test } from 'vitest';
import { system } from '../running-system.ts';
import { aClient, type Client } from './client.ts';

/* The document has the id travel in the body of a GET. fetch refuses to send one, so these speak HTTP by themselves. */

let client: Client;
let other: Client;
beforeAll(async () => {
  [client, other] = [await aClient(), await aClient()];
});

const agent = new Agent({ keepAlive: true, maxSockets: 1 });

interface Reply {
  status: number;
  body: Record<string, unknown>;
  /** Which connection it came through. */
  port: number;
}

function send(path: string, token: string, headers: Record<string, string>, write: (sent: ClientRequest) => void) {
  const { hostname, port } = new URL(system.gatewayUrl);
  return new Promise<Reply>((resolve, reject) => {
    const sent = request(
      { agent, hostname, port, path, headers: { authorization: `Bearer ${token}`, ...headers } },
      async (response) => {
        const { localPort = 0 } = response.socket as Socket;
        const body = JSON.parse(await text(response));
        resolve({ status: response.statusCode ?? 0, body, port: localPort });
      },
    );
    sent.on('error', reject);
    write(sent);
  });
}

const json = { 'content-type': 'application/json' };
const plain = (path: string, token: string) => send(path, token, {}, (sent) => sent.end());
const withLength = (path: string, token: string, body: string) =>
  send(path, token, { ...json, 'content-length': String(Buffer.byteLength(body)) }, (sent) => sent.end(body));
const inChunks = (path: string, token: string, ...pieces: string[]) =>
  send(path, token, { ...json, 'transfer-encoding': 'chunked' }, (sent) => {
    for (const piece of pieces) sent.write(piece);
    sent.end();
  });

test('a GET with a body, whole or in chunks, leaves its connection good for the next request', async () => {
  const mine = `{"client_id":"${client.clientId}"}`;
  const { token } = client;
  const replies = [
    await withLength('/api/v1/clients', token, mine),
    await plain('/api/v1/clients', other.token),
    await inChunks('/api/v1/clients', token, mine.slice(0, 5), mine.slice(5)),
    await plain('/me', other.token),
    await withLength('/me', other.token, mine),
    await inChunks('/me', token, '{"client_id":'),
    await withLength('/api/v1/clients', token, mine),
  ];
  expect(replies.map(({ status, body }) => [status, body.email])).toEqual([
    [200, client.email],
    [200, other.email],
    [200, client.email],
    [200, other.email],
    [200, other.email],
    [200, client.email],
    [200, client.email],
  ]);
  expect(new Set(replies.map(({ port }) => port)).size).toBe(1);
});

test('many at once each get their own', async () => {
  const replies = await Promise.all(
    Array.from({ length: 20 }, async (_, n) => {
      const one = n % 2 === 0 ? client : other;
      const { body } = await withLength('/api/v1/clients', one.token, `{"client_id":"${one.clientId}"}`);
      return body.email === one.email;
    }),
  );
  expect(replies).toEqual(Array(20).fill(true));
});

test.each([
  [
    'one id in the body and another in the query',
    (id: string, second: string) => [`?client_id=${second}`, { client_id: id }],
  ],
  ['one id in the body and another in the path', (id: string, second: string) => [`/${second}`, { client_id: id }]],
] as const)('%s is a 400', async (_, of) => {
  const [rest, body] = of(client.clientId, other.clientId);
  const reply = await withLength(`/api/v1/clients${rest}`, client.token, JSON.stringify(body));
  expect(reply).toMatchObject({
    status: 400,
    body: { error: { code: 'validation_failed', fields: { client_id: 'Противоречит другому полю' } } },
  });
});

test.each([
  ['that is no JSON', '{"client_id":', 'malformed_body', 400],
  ['that is no object', '"text"', 'validation_failed', 400],
  ['with an id that is no UUID', '{"client_id":"1"}', 'validation_failed', 400],
  ['that is too large', `{"client_id":"${'1'.repeat(70_000)}"}`, 'payload_too_large', 413],
])('a body %s is refused in the document’s form', async (_, body, code, status) => {
  const reply = await withLength('/api/v1/clients', client.token, body);
  expect(reply).toMatchObject({ status, body: { error: { code } } });
});

test('two requests that come in one piece are two', async () => {
  const { hostname, port } = new URL(system.gatewayUrl);
  const socket = connect(Number(port), hostname);
  let heard = '';
  socket.on('data', (chunk) => {
    heard += chunk;
  });
  const body = JSON.stringify({ client_id: client.clientId });
  const get = (token: string, rest: string) =>
    `GET /api/v1/clients HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n${rest}`;
  socket.write(
    get(client.token, `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`) +
      get(other.token, '\r\n'),
  );
  await until(() => heard.split('"registration_date"').length === 3);
  socket.destroy();
  expect(heard.indexOf(client.email)).toBeGreaterThan(0);
  expect(heard.indexOf(other.email)).toBeGreaterThan(heard.indexOf(client.email));
});
