import {
  type ClientRequest,
  type IncomingMessage,
  request as requestUpstream,
  type Server,
  ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Row, rowAt } from '../routes.ts';
import { faultOf, refusalFor } from './faults.ts';
import { toClient } from './headers.ts';
import type { Upstreams } from './upstreams.ts';

const upgrades = new WeakMap<IncomingMessage, { socket: Duplex; head: Buffer }>();

export const isUpgrade = (request: IncomingMessage): boolean => upgrades.has(request);

/** For the HTTP server: an upgrade that no row takes is an ordinary request, as RFC 9110, 7.8 lets us say. */
export const takesUpgrade =
  (rows: readonly Row[]) =>
  ({ headers, url = '' }: IncomingMessage): boolean =>
    headers.upgrade?.toLowerCase() === 'websocket' && rowAt(rows, url.split('?', 1)[0] as string)?.websocket === true;

/** Sends upgrades through the router like any request, so that limits, ids and refusals are the same for them. */
export function routeUpgrades(app: FastifyInstance): void {
  const server = app.server as Server;
  server.on('upgrade', (request, socket, head) => {
    upgrades.set(request, { socket, head });
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket as Parameters<ServerResponse['assignSocket']>[0]);
    response.once('finish', () => socket.end());
    socket.on('error', () => socket.destroy());
    app.routing(request, response);
  });
}

const open = new Set<Duplex>();

export function closeTunnels(): void {
  for (const socket of open) socket.destroy();
}

interface Tunnel {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly upstreams: Upstreams;
  readonly headers: string[];
}

/** Joins the client's socket and the service's once the service agrees; its refusal is handed on like any answer. */
export async function tunnel({ request, reply, upstreams, headers }: Tunnel): Promise<FastifyReply> {
  const client = upgrades.get(request.raw) as { socket: Duplex; head: Buffer };
  const upstream = upstreams.pick();
  const outgoing = requestUpstream(new URL(upstream.origin), {
    method: request.method,
    path: request.raw.url,
    headers: [...headers, 'host', new URL(upstream.origin).host, 'connection', 'Upgrade', 'upgrade', 'websocket'],
    agent: false,
    timeout: 10_000,
  });
  client.socket.once('close', () => outgoing.destroy());
  if (client.socket.destroyed) outgoing.destroy();
  const answer = await answerTo(outgoing).catch((error: unknown) => {
    const fault = faultOf(error);
    if (fault === 'unreached') upstreams.rest(upstream);
    throw refusalFor(fault, error);
  });
  if (!answer.joined) {
    return reply
      .code(answer.response.statusCode ?? 502)
      .headers(toClient(answer.response.headers))
      .send(answer.response);
  }

  reply.hijack();
  reply.raw.detachSocket(client.socket as Parameters<ServerResponse['detachSocket']>[0]);
  client.socket.write(switching(answer.response, reply));
  join(client.socket, client.head, answer.socket, answer.head);
  return reply;
}

type Answer =
  | { joined: false; response: IncomingMessage }
  | { joined: true; response: IncomingMessage; socket: Duplex; head: Buffer };

const answerTo = (outgoing: ClientRequest) =>
  new Promise<Answer>((resolve, reject) => {
    outgoing.once('upgrade', (response, socket, head) => resolve({ joined: true, response, socket, head }));
    outgoing.once('response', (response) => resolve({ joined: false, response }));
    outgoing.once('timeout', () =>
      outgoing.destroy(Object.assign(new Error('late'), { code: 'UND_ERR_HEADERS_TIMEOUT' })),
    );
    outgoing.once('error', reject);
    outgoing.end();
  });

function switching({ headers }: IncomingMessage, reply: FastifyReply): string {
  const lines = ['HTTP/1.1 101 Switching Protocols', 'connection: Upgrade', 'upgrade: websocket'];
  for (const [name, value] of Object.entries({ ...toClient(headers), 'x-request-id': reply.request.id })) {
    for (const one of [value].flat()) lines.push(`${name}: ${one}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** Bytes both ways until either side ends; silence is theirs to judge, so no time-out of ours applies. */
function join(client: Duplex, clientHead: Buffer, service: Duplex, serviceHead: Buffer): void {
  for (const [from, head, to] of [
    [client, clientHead, service],
    [service, serviceHead, client],
  ] as const) {
    open.add(from);
    if ('setTimeout' in from) (from as Duplex & { setTimeout(ms: number): void }).setTimeout(0);
    if (head.length > 0) to.write(head);
    from.pipe(to);
    from.on('error', () => to.destroy());
    from.once('close', () => {
      open.delete(from);
      to.destroy();
    });
  }
}
