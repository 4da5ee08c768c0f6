import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { Account } from '../seed/accounts.ts';

export interface Logins {
  origin: string;
  accounts: readonly Account[];
  logins: number;
}

/**
 * A worker's work, so that those who measure meanwhile do not wait for their own crowd: all sign in at once, over a
 * connection each, as if they were as many people. Says when it is ready, begins when it is told, and gives how often
 * each status was answered. Bare sockets, because people bring their own processors: what two hundred HTTP clients cost
 * in the same instant would be taken from those who serve them.
 */
const port = parentPort as MessagePort;
const { origin, accounts, logins } = workerData as Logins;
const { hostname, port: gatewayPort, host } = new URL(origin);
const answers: Record<string, number> = {};

const requests = Array.from({ length: logins }, (_, n) => {
  const { login, password } = accounts[n % accounts.length] as Account;
  const body = JSON.stringify({ login, password, clientId: 'bench' });
  const head = [
    'POST /auth/login HTTP/1.1',
    `host: ${host}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
});

async function logIn(request: Buffer): Promise<void> {
  const socket = connect(Number(gatewayPort), hostname);
  socket.write(request);
  const answer = await text(socket).catch((error: Error) => error.message);
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1] ?? answer;
  answers[status] = (answers[status] ?? 0) + 1;
}

port.postMessage('ready');
await once(port, 'message');
await Promise.all(requests.map(logIn));
port.postMessage(answers);
port.close();
