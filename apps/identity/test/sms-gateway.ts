import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface GatewayRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export type Behaviour = (response: ServerResponse, request: GatewayRequest) => void;

export interface TestGateway {
  readonly url: string;
  /** What came in, oldest first. */
  readonly requests: GatewayRequest[];
  behave: Behaviour;
  /** Whether all requests that it never answered were given up by whoever sent them. */
  abandoned(): boolean;
  close(): Promise<void>;
}

export const takesOn: Behaviour = (response) =>
  void response.setHeader('content-type', 'application/json').end('[{"Result":"SUCCESS","Message ID":4711}]');

/** A real server, which does with each request what it is told to. */
export async function startGateway(): Promise<TestGateway> {
  const open = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    open.add(response);
    response.on('close', () => open.delete(response)).on('error', () => {});
    request.on('data', (chunk) => chunks.push(chunk)).on('error', () => {});
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const heard = { method, path: url, headers, body: Buffer.concat(chunks).toString() };
      gateway.requests.push(heard);
      gateway.behave(response, heard);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const gateway: TestGateway = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/send`,
    requests: [],
    behave: takesOn,
    abandoned: () => open.size === 0,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return gateway;
}

/** The settings of a gateway that speaks as this server does. */
export const gatewaySettings = (name: string, url: string, wishes: object = {}) => ({
  kind: 'http',
  name,
  channels: ['sms'],
  url,
  headers: { authorization: `Bearer ${gatewaySecret}`, 'idempotency-key': '{{id}}' },
  body: { to: '{{to}}', text: '{{text}}' },
  answer: {
    verdictAt: '/0/Result',
    referenceAt: '/0/Message ID',
    taken: ['SUCCESS'],
    refused: ['NO SUCH NUMBER'],
    unwanted: ['STOPPED'],
  },
  timeoutSeconds: 1,
  ...wishes,
});

export const gatewaySecret = 'canary-of-a-gateway-password';
