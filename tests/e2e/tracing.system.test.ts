import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from '@forecourt/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestSystem, type TestSystem } from './own-system.ts';
import { aRegistration } from './people.ts';

interface Span {
  service: string;
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  links?: { traceId: string; spanId: string }[];
}

interface Export {
  resourceSpans: {
    resource: { attributes: { key: string; value: { stringValue?: string } }[] };
    scopeSpans: { spans: Omit<Span, 'service'>[] }[];
  }[];
}

/** What an OTLP endpoint is over HTTP, and no more. */
let collector: Server;
let system: TestSystem;
const spans: Span[] = [];
const contentTypes = new Set<string | undefined>();

beforeAll(async () => {
  collector = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    contentTypes.add(`${request.method} ${request.url} ${request.headers['content-type']}`);
    const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString()) as Export;
    for (const { resource, scopeSpans } of resourceSpans) {
      const service = resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? '';
      for (const span of scopeSpans.flatMap((scope) => scope.spans)) spans.push({ service, ...span });
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await once(collector.listen(0, '127.0.0.1'), 'listening');
  const { port } = collector.address() as AddressInfo;
  system = await startTestSystem({
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`, OTEL_BSP_SCHEDULE_DELAY: '100' },
  });
});

afterAll(async () => {
  await system.stop();
  collector.closeAllConnections();
  collector.close();
});

const found = (service: string, name: string, fits: (span: Span) => boolean = () => true) =>
  until(() => spans.find((span) => span.service === service && span.name === name && fits(span)), {
    timeoutMs: 15_000,
    message: `no such span ${name} of ${service}`,
  });

test('gateway, service and consumer of one request are found together, and a stranger names no trace', async () => {
  const registration = aRegistration();
  const theirs = '4bf92f3577b34da6a3ce929d0e0e4736';
  const answer = await fetch(`${system.gateway}/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', traceparent: `00-${theirs}-00f067aa0ba902b7-01` },
    body: JSON.stringify(registration),
  });
  expect(answer.status, await answer.text()).toBe(201);

  const door = await found('gateway', 'POST /auth/register');
  expect(door.traceId).not.toBe(theirs);
  expect(door.parentSpanId ?? '').toBe('');
  const service = await found('identity', 'POST /auth/register', ({ traceId }) => traceId === door.traceId);
  expect(service.parentSpanId).toBe(door.spanId);
  // an event may be applied days later: a trace of its own, linked to the request that told it
  const told = ({ links = [] }: Span) => links.some(({ spanId }) => spanId === service.spanId);
  const consumer = await found('orders', 'apply orders-claims-on-customer-registered', told);
  expect(consumer.links).toMatchObject([{ traceId: door.traceId, spanId: service.spanId }]);
  expect([...contentTypes]).toEqual(['POST /v1/traces application/json']);
  for (const secret of [registration.password, registration.email, registration.phone]) {
    expect(JSON.stringify(spans)).not.toContain(secret);
  }
});
