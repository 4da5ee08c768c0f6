import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

export interface Call {
  /** The provider call, which is never made twice. */
  readonly id: string;
  readonly to: string;
  readonly text: string;
  /** `lost`: whoever called was gone before it was answered. */
  state: 'held' | 'taken' | 'lost' | 'refused';
}

export interface SmsGateway {
  /** For `MESSAGE_PROVIDERS`: the only one for SMS; whose calls they are is told by the name in their rows. */
  settings(name?: string): string;
  /** What we show it, to be let in. */
  readonly password: string;
  readonly calls: readonly Call[];
  /** From now on whoever calls waits for an answer. */
  hold(): void;
  release(): void;
  /** Refuses what goes to this phone, and says all of it back. */
  complainAbout(phone: string): void;
  close(): Promise<void>;
}

/** Whoever sends SMS for us, over real HTTP; takes all on unless told. */
export async function startSmsGateway(): Promise<SmsGateway> {
  const calls: Call[] = [];
  const waiting = new Map<Call, ServerResponse>();
  const unwanted = new Set<string>();
  const password = `canary-sms-gateway-${randomUUID()}`;
  let holds = false;
  const take = (call: Call, response: ServerResponse) => {
    call.state = 'taken';
    response.setHeader('content-type', 'application/json').end('{"ok":true}');
  };
  const server = createServer(async (request, response) => {
    const { to, text } = (await json(request)) as { to: string; text: string };
    const call: Call = { id: String(request.headers['idempotency-key']), to, text, state: 'held' };
    calls.push(call);
    response
      .on('error', () => {})
      .on('close', () => {
        waiting.delete(call);
        if (call.state === 'held') call.state = 'lost';
      });
    if (unwanted.has(to)) {
      call.state = 'refused';
      response.writeHead(500, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ ok: `no ${text} to ${to} for ${request.headers.authorization}` }));
    } else if (holds) waiting.set(call, response);
    else take(call, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    settings: (name = 'test') =>
      JSON.stringify([
        {
          kind: 'http',
          name,
          channels: ['sms'],
          url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/send`,
          headers: { 'idempotency-key': '{{id}}', authorization: `Bearer ${password}` },
          body: { to: '{{to}}', text: '{{text}}' },
          answer: { verdictAt: '/ok', taken: ['true'] },
          timeoutSeconds: 30,
          // What is taken is called for at once: while this one holds, nothing waits behind it.
          atOnce: 50,
        },
      ]),
    password,
    calls,
    complainAbout: (phone) => void unwanted.add(phone),
    hold: () => {
      holds = true;
    },
    release: () => {
      holds = false;
      for (const [call, response] of waiting) take(call, response);
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
