import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Service } from '@forecourt/contracts';
import type { Nats } from '@forecourt/messaging';
import { createHealth, createLog, type Health } from '@forecourt/service-kit';
import type { FastifyInstance } from 'fastify';
import { onTestFinished } from 'vitest';
import { createGateway, type GatewayRuntime } from '../src/app.ts';
import { readConfig } from '../src/config.ts';
import type { Row } from '../src/routes.ts';

export interface Seen {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  rawHeaders: string[];
  body: string;
}

export interface FakeService {
  readonly origin: string;
  readonly server: Server;
  /** Whole requests, in the order of their last byte. */
  readonly seen: Seen[];
  close(): Promise<void>;
}

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => unknown;

/** A service over a real socket. Without an answer it says what it was asked. */
export async function aService(
  answer?: Answer,
  { port = 0, ...options }: ServerOptions & { port?: number } = {},
): Promise<FakeService> {
  const seen: Seen[] = [];
  const server = createServer(options, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const { method = '', url = '', headers, rawHeaders } = request;
    seen.push({ method, url, headers, rawHeaders, body });
    if (answer) return answer(request, response, body);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ method, url, body }));
  });
  return { seen, ...(await listening(server, port)) };
}

/** A service that does what it likes with the bytes. */
export async function aRawService(
  answer: (request: IncomingMessage, response: ServerResponse) => unknown,
): Promise<FakeService> {
  const server = createServer((request, response) => void answer(request, response));
  return { seen: [], ...(await listening(server)) };
}

async function listening(server: Server, port = 0) {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  onTestFinished(() => close());
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

/** An address on which nobody listens. */
export async function nobody(): Promise<string> {
  const { origin, close } = await aService();
  await close();
  return origin;
}

export interface Gateway {
  readonly app: FastifyInstance;
  readonly origin: string;
  readonly port: number;
  readonly logged: Record<string, unknown>[];
  readonly health: Health;
}

interface Wishes {
  /** What services are asked over; away unless told. */
  nats?: Nats | (() => Nats | undefined);
  services?: Partial<Record<Service, string | string[]>>;
  env?: Record<string, string>;
  rows?: readonly Row[];
}

/** Services that a test does not name are away, whatever runs on this machine. */
const nobodyAnywhere = Object.fromEntries(
  ['IDENTITY', 'CATALOG', 'ORDERS', 'PAYMENTS'].map((name) => [`${name}_URL`, 'http://127.0.0.1:1']),
);

export async function aGateway({ services = {}, env = {}, rows, nats }: Wishes = {}): Promise<Gateway> {
  const config = readConfig({
    NODE_ENV: 'test',
    ...nobodyAnywhere,
    ...Object.fromEntries(
      Object.entries(services).map(([name, origins]) => [`${name.toUpperCase()}_URL`, [origins].flat().join(',')]),
    ),
    ...env,
  });
  const logged: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void logged.push(JSON.parse(line)) };
  const runtime: GatewayRuntime = {
    log: createLog({ service: 'gateway', level: 'debug', destination }),
    metrics: { observeRequest: () => undefined },
    health: createHealth(),
    nats: typeof nats === 'function' ? nats : () => nats,
  };
  const app = await createGateway(config, runtime, rows);
  await app.listen({ port: 0, host: '127.0.0.1' });
  onTestFinished(() => app.close());
  const { port } = app.server.address() as AddressInfo;
  return { app, origin: `http://127.0.0.1:${port}`, port, logged, health: runtime.health };
}

/** Sends bytes as they are, and gives all that came back until the connection closed. */
export async function raw(port: number, text: string): Promise<string> {
  const socket: Socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    answer += chunk;
  });
  socket.on('error', () => undefined);
  socket.write(text);
  await once(socket, 'close');
  return answer;
}

/** For `raw`: one request on a connection that closes after it. */
export const rawRequest = (head: string, headers: readonly string[] = [], body = ''): string =>
  `${head} HTTP/1.1\r\nhost: shop.example\r\nconnection: close\r\n${headers.map((line) => `${line}\r\n`).join('')}\r\n${body}`;
