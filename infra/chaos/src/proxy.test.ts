import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Line, layLine } from './proxy.ts';

let echo: Server;
let line: Line;
const open: Socket[] = [];

beforeEach(async () => {
  echo = createServer({ allowHalfOpen: true }, (socket) => {
    open.push(socket.on('error', () => {}));
    socket.pipe(socket);
  });
  await new Promise<void>((listening) => echo.listen(0, '127.0.0.1', listening));
  line = await layLine('here → echo', { host: '127.0.0.1', port: (echo.address() as AddressInfo).port });
});
afterEach(async () => {
  for (const socket of open.splice(0)) socket.destroy();
  await line.close();
  echo.close();
});

async function dial(): Promise<Socket> {
  const socket = connect({ port: line.port, host: '127.0.0.1', allowHalfOpen: true });
  open.push(socket.on('error', () => {}));
  await once(socket, 'connect');
  return socket;
}

const gone = (socket: Socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()));

async function says(socket: Socket, words: string): Promise<string> {
  socket.write(words);
  const [heard] = (await once(socket, 'data')) as [Buffer];
  return heard.toString();
}

test('a whole line carries bytes both ways, in order, and ends when either side does', async () => {
  const socket = await dial();
  const sent = Array.from({ length: 20_000 }, (_, n) => `${n} `).join('');
  socket.end(sent);
  expect(await text(socket)).toBe(sent);
});

test.each([['there'], ['back']] as const)(
  'what is sent while the way %s is cut arrives once it is mended, and not before',
  async (direction) => {
    const socket = await dial();
    expect(await says(socket, 'one')).toBe('one');
    const mend = line.trouble({ kind: 'cut', directions: [direction] });
    let heard = '';
    socket.on('data', (chunk: Buffer) => {
      heard += chunk;
    });
    socket.write('two');
    const other = await dial();
    other.write('never heard');
    // A whole round trip of another line: had it been let through, it would be here.
    const bystander = await layLine('beside', { host: '127.0.0.1', port: (echo.address() as AddressInfo).port });
    const beside = connect(bystander.port, '127.0.0.1');
    open.push(beside);
    expect(await says(beside, 'three')).toBe('three');
    expect(heard).toBe('');

    mend();
    if (heard === '') await once(socket, 'data');
    expect(heard).toBe('two');
    await bystander.close();
  },
);

test('what is delayed keeps its order, also across the end of the delay', async () => {
  const socket = await dial();
  const calm = line.trouble({ kind: 'delay', ms: 60 });
  socket.write('slow ');
  calm();
  socket.end('fast');
  expect(await text(socket)).toBe('slow fast');
});

test('a reset ends every connection, and new ones work', async () => {
  const socket = await dial();
  await says(socket, 'hello');
  const [error] = await Promise.all([once(socket, 'error'), Promise.resolve(line.reset())]).then(([[first]]) => [
    first,
  ]);
  expect(error).toMatchObject({ code: 'ECONNRESET' });
  expect(await says(await dial(), 'again')).toBe('again');
});

test('a line that refuses turns everybody away until it is mended', async () => {
  const before = await dial();
  await says(before, 'hello');
  const mend = line.trouble({ kind: 'refuse' });
  await gone(before);
  const turnedAway = connect(line.port, '127.0.0.1').on('error', () => {});
  await gone(turnedAway);
  mend();
  expect(await says(await dial(), 'again')).toBe('again');
});

test('it knows which of the server’s connections are its own', async () => {
  const seen = once(echo, 'connection') as Promise<[Socket]>;
  const socket = await dial();
  await says(socket, 'hello');
  const [{ remotePort }] = await seen;
  expect(line.carries(remotePort ?? 0)).toBe(true);
  expect(line.carries(1)).toBe(false);
});
