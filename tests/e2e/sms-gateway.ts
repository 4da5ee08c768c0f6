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
  state: 'held' | 'taken' | 'lost';
}

export interface SmsGateway {
  /** For `MESSAGE_PROVIDERS`: the only one for SMS. */
  readonly settings: string;
  readonly calls: readonly Call[];
  /** From now on whoever calls waits for an answer. */
  hold(): void;
  release(): void;
  close(): Promise<void>;
}

/** Whoever sends SMS for us, over real HTTP; takes all on. */
export async function startSmsGateway(): Promise<SmsGateway> {
  const calls: Call[] = [];
  const waiting = new Map<Call, ServerResponse>();
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
    if (holds) waiting.set(call, response);
    else take(call, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    settings: JSON.stringify([
      {
        kind: 'http',
        name: 'test',
        channels: ['sms'],
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/send`,
        headers: { 'idempotency-key': '{{id}}' },
        body: { to: '{{to}}', text: '{{text}}' },
        answer: { verdictAt: '/ok', taken: ['true'] },
        timeoutSeconds: 30,
      },
    ]),
    calls,
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
