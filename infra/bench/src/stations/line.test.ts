import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { readFrame, text, writeFrame } from './frame.ts';
import { Line } from './line.ts';

let server: WebSocketServer;
beforeEach(async () => {
  server = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    verifyClient: ({ req }: { req: IncomingMessage }) => req.url !== '/ocpp/stranger',
  });
  await once(server, 'listening');
});
afterEach(() => {
  for (const client of server.clients) client.terminate();
  server.close();
});

const address = (identity = 'one') => ({
  hostname: '127.0.0.1',
  port: (server.address() as AddressInfo).port,
  path: `/ocpp/${identity}`,
  protocol: 'ocpp1.6',
  authorization: 'Basic x',
});
const answering = (answer: (frame: unknown[], socket: WebSocket) => string) =>
  server.on('connection', (socket) =>
    socket.on('message', (data) => socket.send(answer(JSON.parse(String(data)) as unknown[], socket))),
  );

test('a server that follows the standard understands what is said, and is understood, however long it is', async () => {
  answering(([, id, , payload]) => JSON.stringify([3, id, payload]));
  const line = new Line(address());
  await line.opened;
  for (const length of [0, 100, 125, 126, 70_000]) {
    const payload = { word: 'ї'.repeat(length) };
    expect(await line.call('Echo', payload)).toEqual(payload);
  }
});

test('an echo is an answer, and a refusal is none', async () => {
  answering(([type, id, action, payload]) =>
    JSON.stringify(action === 'Refused' ? [4, id, 'NotSupported', 'no', {}] : [type, id, action, payload]),
  );
  const line = new Line(address());
  await line.opened;
  expect(await line.call('Heartbeat', {})).toEqual({});
  await expect(line.call('Refused', {})).rejects.toThrow('NotSupported');
});

test('what the station is asked it answers, while it waits for its own answer', async () => {
  const asked = once(server, 'connection').then(async ([socket]: WebSocket[]) => {
    const [first] = (await once(socket as WebSocket, 'message')) as [Buffer];
    socket?.send('[2,"ours","RemoteStartTransaction",{"idTag":"A"}]');
    const [answer] = (await once(socket as WebSocket, 'message')) as [Buffer];
    const [, id] = JSON.parse(String(first)) as unknown[];
    socket?.send(JSON.stringify([3, id, {}]));
    return JSON.parse(String(answer)) as unknown;
  });
  const line = new Line(address(), (action, payload) => ({ action, ...payload }));
  await line.opened;
  await line.call('Heartbeat', {});
  expect(await asked).toEqual([3, 'ours', { action: 'RemoteStartTransaction', idTag: 'A' }]);
});

test('a ping is answered', async () => {
  const pong = once(server, 'connection').then(async ([socket]: WebSocket[]) => {
    socket?.ping('are you there');
    return String((await once(socket as WebSocket, 'pong'))[0]);
  });
  await new Line(address()).opened;
  expect(await pong).toBe('are you there');
});

test('who is turned away hears it', async () => {
  await expect(new Line(address('stranger')).opened).rejects.toThrow('refused with HTTP/1.1 401');
});

test('whoever waits for an answer when the line breaks waits no longer', async () => {
  server.on('connection', (socket) => socket.on('message', () => socket.terminate()));
  const line = new Line(address());
  await line.opened;
  await expect(line.call('Heartbeat', {})).rejects.toThrow('the line broke');
  await line.lost;
  expect(line.isOpen).toBe(false);
});

test('a frame of which a part is missing is none yet', () => {
  const unmasked = Buffer.concat([Buffer.from([0x81, 5]), Buffer.from('hello')]);
  for (let length = 0; length < unmasked.length; length++)
    expect(readFrame(unmasked.subarray(0, length))).toBeUndefined();
  expect(readFrame(Buffer.concat([unmasked, Buffer.from('more')]))).toMatchObject({ opcode: text, size: 7 });
  expect(() => readFrame(writeFrame(text, 'a client’s'))).toThrow('masks nothing');
});
