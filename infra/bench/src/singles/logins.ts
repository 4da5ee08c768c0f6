import { once } from 'node:events';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { Agent, request } from 'undici';
import type { Account } from '../seed/accounts.ts';

export interface Logins {
  origin: string;
  accounts: readonly Account[];
  logins: number;
}

/**
 * A worker's work, so that those who measure meanwhile do not wait for their own crowd: all sign in at once, over a
 * connection each, as if they were as many people. Says when it is ready, begins when it is told, and gives how often
 * each status was answered.
 */
const port = parentPort as MessagePort;
const { origin, accounts, logins } = workerData as Logins;
const agent = new Agent({ connections: logins, pipelining: 1 });
const answers: Record<string, number> = {};

async function logIn(n: number): Promise<void> {
  const { login, password } = accounts[n % accounts.length] as Account;
  const { statusCode, body } = await request(new URL('/auth/login', origin), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ login, password, clientId: 'bench' }),
    dispatcher: agent,
  });
  await body.dump();
  answers[statusCode] = (answers[statusCode] ?? 0) + 1;
}

port.postMessage('ready');
await once(port, 'message');
await Promise.all(Array.from({ length: logins }, (_, n) => logIn(n)));
await agent.close();
port.postMessage(answers);
port.close();
