import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { Station } from './station.ts';

type Said = [action: string, payload: Record<string, unknown>];

let server: WebSocketServer;
let said: Said[];
let upgrades: { url: string | undefined; authorization: string | undefined }[];
beforeEach(async () => {
  said = [];
  upgrades = [];
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (socket, { url, headers }) => {
    upgrades.push({ url, authorization: headers.authorization });
    socket.on('message', (data) => {
      const [, id, action, payload] = JSON.parse(String(data)) as [2, string, ...Said];
      said.push([action, payload]);
      socket.send(JSON.stringify([3, id, action === 'StartTransaction' ? { transactionId: 7 } : {}]));
    });
  });
  await once(server, 'listening');
});
afterEach(() => {
  for (const client of server.clients) client.terminate();
  server.close();
});

const aStation = (n: number) => new Station(n, { hostname: '127.0.0.1', port: (server.address() as AddressInfo).port });
const actions = () => said.map(([action]) => action);
const payloadOf = (action: string, nth = 0) => said.filter(([name]) => name === action)[nth]?.[1] ?? {};

test('comes under its own name and password, introduces itself, and says how it is', async () => {
  await aStation(4).come();
  expect(upgrades).toEqual([{ url: '/ocpp/bench-4', authorization: expect.stringMatching(/^Basic /) }]);
  expect(actions()).toEqual(['BootNotification', 'StatusNotification']);
});

test('a charge of 1.6 bears the number that it was given, and what has flowed is between its two ends', async () => {
  const station = aStation(0);
  await station.come();
  await station.start();
  await station.meter();
  const flowed = await station.stop();
  const { idTag, meterStart } = payloadOf('StartTransaction');
  const { transactionId, meterStop } = payloadOf('StopTransaction');
  expect({ idTag, transactionId }).toEqual({ idTag: 'BENCH0', transactionId: 7 });
  expect(payloadOf('MeterValues')).toMatchObject({ transactionId: 7 });
  expect(flowed).toBe(Number(meterStop) - Number(meterStart));
  expect(actions().at(-1)).toBe('StatusNotification');
});

test('events of a charge of 2.0.1 bear one name and are counted; what a driver wished for is said', async () => {
  const station = aStation(1);
  await station.come();
  await station.start({ token: 'WISH', remoteStartId: 12 });
  await station.meter();
  await station.stop();
  const events = said.filter(([action]) => action === 'TransactionEvent').map(([, payload]) => payload);
  expect(events.map(({ eventType, seqNo }) => [eventType, seqNo])).toEqual([
    ['Started', 0],
    ['Updated', 1],
    ['Ended', 2],
  ]);
  const names = events.map(({ transactionInfo }) => (transactionInfo as { transactionId: string }).transactionId);
  expect(new Set(names).size).toBe(1);
  expect(events[0]).toMatchObject({ idToken: { idToken: 'WISH' }, transactionInfo: { remoteStartId: 12 } });
});

test('a station that loses its line comes back by itself, and says what it is in the middle of', async () => {
  const station = aStation(0);
  await station.come();
  await station.start();
  said = [];
  const back = station.comeBack();
  for (const client of server.clients) client.terminate();
  await back;
  expect(upgrades).toHaveLength(2);
  expect(said).toEqual([['StatusNotification', expect.objectContaining({ status: 'Charging' })]]);
});

test('what is said at the same time is said one after the other', async () => {
  const station = aStation(0);
  await station.come();
  await station.start();
  said = [];
  await Promise.all([station.meter(), station.meter(), station.meter()]);
  expect(actions()).toEqual(['MeterValues', 'MeterValues', 'MeterValues']);
});
