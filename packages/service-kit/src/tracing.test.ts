import { storefront } from '@forecourt/dialects';
import { createTestRuntime } from '@forecourt/testing';
import { trace } from '@opentelemetry/api';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type App, createApp } from './app.ts';
import { door } from './door.ts';

const spans = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
let app: App;
let close: () => Promise<void>;

beforeAll(async () => {
  provider.register();
  const runtime = await createTestRuntime('orders');
  const config = { ...runtime.config, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };
  app = await createApp({ ...runtime, config });
  await app.register(
    door(storefront, async (shop) => {
      shop.post('/orders/:id', async () => ({ active: trace.getActiveSpan()?.spanContext() }));
      shop.get('/broken', async () => {
        throw new Error('no');
      });
    }),
  );
  close = runtime.close;
});

afterAll(async () => {
  await app.close();
  await close();
  await provider.shutdown();
});

test("a request is a span, child of the caller's, and active in the handler", async () => {
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  const reply = await app.inject({ method: 'POST', url: '/orders/1?phone=1', headers: { traceparent }, payload: {} });
  const [span] = spans.getFinishedSpans();
  expect(span).toMatchObject({
    name: 'POST /orders/:id',
    parentSpanContext: { spanId: '00f067aa0ba902b7' },
    attributes: { 'http.request.method': 'POST', 'http.route': '/orders/:id', 'http.response.status_code': 200 },
  });
  expect(span?.spanContext().traceId).toBe('4bf92f3577b34da6a3ce929d0e0e4736');
  expect(reply.json().active).toMatchObject({ spanId: span?.spanContext().spanId });
  expect(JSON.stringify(span?.attributes)).not.toContain('phone');
});

test('a 500 is a failed span', async () => {
  spans.reset();
  await app.inject('/broken');
  expect(spans.getFinishedSpans()).toMatchObject([{ name: 'GET /broken', status: { code: 2 } }]);
});
