import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { planNetwork, portWishes } from './network.ts';
import { demandFreePorts, freePorts } from './port.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const listen = () =>
  new Promise<number>((resolve) => {
    const server = createServer();
    servers.push(server);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });

test('every taken port is named, with the process that has it and the variable that moves it', async () => {
  const [one, other, [free = 0]] = [await listen(), await listen(), await freePorts(1)];
  const wishes = [
    { name: 'gateway', port: one, variable: 'GATEWAY_PORT' },
    { name: 'catalog', port: free, variable: 'CATALOG_PORT' },
    { name: 'nats', port: other, variable: 'NATS_PORT' },
  ];
  const { message } = await demandFreePorts(wishes).then(
    () => new Error('all were free'),
    (error: Error) => error,
  );
  const [first, second, ...rest] = message.split('\n');
  expect(first).toContain(`Port ${one} (gateway) is taken by process ${process.pid} (`);
  expect(first).toContain('Free it, or set GATEWAY_PORT to another one.');
  expect(second).toContain(`Port ${other} (nats) is taken`);
  expect(rest).toEqual([]);
});

test('free ports are all different', async () => {
  expect(new Set(await freePorts(20)).size).toBe(20);
});

test('more processes of a service listen ten ports higher each', async () => {
  const { instances } = await planNetwork({ orders: 4003 }, { orders: 3 });
  expect(instances.filter(({ service }) => service === 'orders').map(({ name, url }) => `${name} ${url}`)).toEqual([
    'orders http://127.0.0.1:4003',
    'orders-2 http://127.0.0.1:4013',
    'orders-3 http://127.0.0.1:4023',
  ]);
});

test('servers of somebody else need no port', async () => {
  const network = await planNetwork('free', {});
  const names = portWishes(network, { postgres: false, nats: false, qpaySandbox: false }).map(({ name }) => name);
  expect(names).toEqual(['identity', 'catalog', 'orders', 'charging', 'payments', 'gateway']);
});
