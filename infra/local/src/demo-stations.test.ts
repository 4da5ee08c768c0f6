import { createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@forecourt/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { demoStationSettings, demoStations, openDemoStations } from './demo-stations.ts';
import { readSecrets } from './secrets.ts';
import { createSupervisor, type Supervisor } from './supervisor.ts';

let directory: string;
let supervisor: Supervisor;
let gateway: Server;
const knocks: { path: string; password: string; protocol: string }[] = [];
const said: string[] = [];

beforeEach(async () => {
  knocks.length = 0;
  said.length = 0;
  directory = await mkdtemp(join(tmpdir(), 'forecourt-stations-'));
  supervisor = createSupervisor({ say: (name, text) => said.push(`${name}: ${text}`), patience: { firstMs: 1 } });
  const lines = new WebSocketServer({ noServer: true });
  gateway = createServer().on('upgrade', (request, socket, head) => {
    const password = atob(String(request.headers.authorization).replace('Basic ', '')).split(':')[1] ?? '';
    knocks.push({ path: String(request.url), password, protocol: String(request.headers['sec-websocket-protocol']) });
    lines.handleUpgrade(request, socket, head, (line) =>
      line.on('message', (data) => {
        const [type, id, action] = JSON.parse(data.toString());
        const accepted = { status: 'Accepted', currentTime: new Date().toISOString(), interval: 300 };
        if (type === 2) line.send(JSON.stringify([3, id, action === 'BootNotification' ? accepted : {}]));
      }),
    );
  });
  await new Promise<void>((listening) => gateway.listen(0, '127.0.0.1', listening));
});
afterEach(async () => {
  await supervisor.stop([[demoStations]]);
  supervisor.dismiss();
  gateway.closeAllConnections();
  await new Promise((closed) => gateway.close(closed));
  await rm(directory, { recursive: true });
});

const open = async (environment: NodeJS.ProcessEnv = {}) => {
  const secrets = await readSecrets(directory);
  const url = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
  openDemoStations({ gateway: url, directory, secrets, supervisor, environment });
  return secrets;
};

test('stations come through the gateway with the passwords that the demo gives them, and again after a kill', async () => {
  const secrets = await open();
  await until(() => said.includes(`${demoStations}: 15 of 15 stations are connected`), { timeoutMs: 15_000 });
  const { DEMO_STATION_SECRET = '' } = demoStationSettings(secrets);
  const passwordOf = (identity: string) =>
    createHmac('sha256', DEMO_STATION_SECRET).update(identity).digest('hex').slice(0, 40);
  expect(knocks).toContainEqual({ path: '/ocpp/UB-AC-01', password: passwordOf('UB-AC-01'), protocol: 'ocpp1.6' });
  expect(knocks).toContainEqual({ path: '/ocpp/UB-DC-01', password: passwordOf('UB-DC-01'), protocol: 'ocpp2.0.1' });
  supervisor.programs[0]?.kill('SIGKILL');
  await until(() => knocks.length === 30, { timeoutMs: 15_000 });
});

test('production has none', async () => {
  await open({ NODE_ENV: 'production' });
  expect(supervisor.programs).toEqual([]);
});
