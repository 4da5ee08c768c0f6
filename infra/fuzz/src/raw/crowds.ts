import { randomBytes } from 'node:crypto';
import type { Operation } from '../api/document.ts';
import { faultsOfRawReply } from './judge.ts';
import { RawSocket } from './socket.ts';

/** Many sockets at once, or one that takes its time. */
export interface Crowd {
  readonly name: string;
  readonly connections: number;
  /** Gives what was wrong. */
  attack(origin: string): Promise<string[]>;
}

const post = (length: number, more = '') =>
  `POST /auth/refresh HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n${more}\r\n`;

/** A server's own patience is 15 s and looked at now and then. */
const hangUpMs = 25_000;

const pipelined: Crowd = {
  name: 'a thousand requests in one breath',
  connections: 1,
  async attack(origin) {
    const ids = Array.from({ length: 1000 }, (_, index) => `pipe-${String(index).padStart(6, '0')}`);
    const socket = new RawSocket(origin);
    socket.write(
      ids.map((id) => `GET /.well-known/none-${id} HTTP/1.1\r\nhost: x\r\nx-request-id: ${id}\r\n\r\n`).join(''),
    );
    const methods = ids.map(() => 'GET');
    let replies: ReturnType<RawSocket['replies']> = [];
    let seen = 0;
    await socket.until(() => {
      // Reading all from the start with each packet would take longer than the answers do.
      if (socket.bytes.length < seen * 2) return false;
      seen = socket.bytes.length;
      replies = socket.replies(methods);
      return replies.length === ids.length;
    }, 10_000);
    replies = socket.replies(methods);
    socket.drop();
    const faults = replies.flatMap(faultsOfRawReply);
    if (replies.length < ids.length && !socket.ended) faults.push(`answered ${replies.length} of ${ids.length}`);
    // A service writes the id into problem details only, the gateway says it in a header as well.
    const mixed = replies.findIndex(({ headers }, index) => (headers.get('x-request-id') ?? ids[index]) !== ids[index]);
    if (mixed >= 0) faults.push(`answered out of order from the ${mixed + 1}. on`);
    return faults;
  },
};

const aborted: Crowd = {
  name: 'uploads that are given up',
  connections: 300,
  async attack(origin) {
    for (let round = 0; round < 6; round += 1) {
      const sockets = Array.from({ length: 50 }, () => new RawSocket(origin));
      for (const socket of sockets) {
        socket.write(post(60_000));
        socket.write(randomBytes(10_000).toString('hex'));
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
      for (const socket of sockets) socket.drop();
    }
    return [];
  },
};

/** All at once, and each until the server has had enough of it. */
const slow = (name: string, start: string, connections: number, drip: string): Crowd => ({
  name,
  connections,
  async attack(origin) {
    const sockets = Array.from({ length: connections }, () => new RawSocket(origin));
    for (const socket of sockets) socket.write(start);
    const dripping = setInterval(() => {
      for (const socket of sockets) if (!socket.ended) socket.write(drip);
    }, 1000);
    const done = await Promise.all(sockets.map((socket) => socket.until(() => false, hangUpMs)));
    clearInterval(dripping);
    const faults = [...new Set(sockets.flatMap(faultsOf))];
    for (const socket of sockets) socket.drop();
    const forever = done.filter((ended) => !ended).length;
    return forever > 0
      ? [...faults, `${forever} of ${connections} were still open after ${hangUpMs / 1000} s`]
      : faults;
  },
});

/** One reply is due at most, whatever it is. */
function faultsOf(socket: RawSocket): string[] {
  try {
    return socket.replies(['POST']).flatMap(faultsOfRawReply);
  } catch (error) {
    return [`was answered with ${(error as Error).message}`];
  }
}

const silent: Crowd = {
  name: 'sockets that say nothing',
  connections: 300,
  async attack(origin) {
    const sockets = Array.from({ length: 300 }, () => new RawSocket(origin));
    await new Promise((resolve) => setTimeout(resolve, 500));
    for (const socket of sockets) socket.drop();
    return [];
  },
};

const upgrade = (path: string, more: string, body = '') =>
  `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-key: ${randomBytes(16).toString('base64')}\r\n${more}\r\n${body}`;

const upgrades = (operations: readonly Operation[]): Crowd => {
  const paths = [...new Set(operations.map(({ path }) => path.replaceAll(/\{\w+\}/g, '000000000000000000000000')))];
  const version = 'sec-websocket-version: 13\r\n';
  const frame = Buffer.concat([
    Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 0x98, 0x96, 0x80]),
    Buffer.alloc(4096, 1),
  ]).toString('latin1');
  const requests = [
    ...paths.map((path) => upgrade(path, version)),
    ...paths.map((path) => upgrade(path, 'sec-websocket-version: 7\r\n')),
    upgrade('/products', `${version}content-length: 5\r\n`, 'hello'),
    upgrade('/products', version, frame),
    upgrade('/products', `${version}sec-websocket-extensions: ${'a;'.repeat(1000)}\r\n`),
    upgrade('/no/such/path', version),
    ...Array.from({ length: 100 }, () => upgrade('/', version)),
  ];
  return {
    name: 'upgrades to WebSocket, on every path',
    connections: requests.length,
    async attack(origin) {
      const answers = await Promise.all(
        requests.map(async (request) => {
          const socket = new RawSocket(origin);
          socket.write(request);
          const heard = await socket.until(() => socket.bytes.includes('\r\n\r\n'), 10_000);
          const [reply] = socket.replies(['GET']);
          socket.drop();
          return reply ? faultsOfRawReply(reply) : heard ? [] : ['was not answered'];
        }),
      );
      return [...new Set(answers.flat())];
    },
  };
};

export const crowds = (operations: readonly Operation[]): readonly Crowd[] => [
  pipelined,
  aborted,
  silent,
  upgrades(operations),
  slow('bodies of a byte a second', post(5000), 40, 'a'),
  slow('heads of a byte a second', 'GET /products HTTP/1.1\r\nhost: x\r\nx-a: ', 40, 'a'),
  slow('bodies that are waited for', post(100, 'expect: 100-continue\r\n'), 20, ''),
  slow(
    'chunks of a byte a second',
    post(0).replace('content-length: 0', 'transfer-encoding: chunked'),
    20,
    '1\r\n \r\n',
  ),
];
