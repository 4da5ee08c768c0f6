import { context, propagation, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { App } from './app.ts';

declare module 'fastify' {
  interface FastifyRequest {
    span: Span | null;
  }
}

/** Sends spans to an OTLP endpoint. The SDK is only loaded when there is one. Gives the way to flush and stop. */
export async function startTracing(service: string, endpoint: string): Promise<() => Promise<void>> {
  const [{ BatchSpanProcessor, NodeTracerProvider }, { OTLPTraceExporter }, { resourceFromAttributes }] =
    await Promise.all([
      import('@opentelemetry/sdk-trace-node'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
    ]);
  const exporter = new OTLPTraceExporter({ url: new URL('v1/traces', withSlash(endpoint)).href });
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': service, 'service.namespace': 'forecourt' }),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  provider.register();
  return () => provider.shutdown();
}

const withSlash = (url: string) => (url.endsWith('/') ? url : `${url}/`);

interface TraceOptions {
  /** Whether callers may say which trace a request belongs to: ours may, strangers at the public door may not. */
  callersAreOurs?: boolean;
}

/** A span a request, child of the caller's, and the active one for all that the handler does. */
export function traceRequests(
  app: Pick<App, 'addHook' | 'decorateRequest'>,
  { callersAreOurs = true }: TraceOptions = {},
): void {
  const tracer = trace.getTracer('@forecourt/service-kit');
  app.decorateRequest('span', null);

  app.addHook('onRequest', (request, _reply, done) => {
    const parent = callersAreOurs ? propagation.extract(ROOT_CONTEXT, request.headers) : ROOT_CONTEXT;
    const { method, routeOptions } = request;
    const route = routeOptions.url ?? 'none';
    request.span = tracer.startSpan(
      `${method} ${route}`,
      {
        kind: SpanKind.SERVER,
        attributes: { 'http.request.method': method, 'http.route': route, 'forecourt.request.id': request.id },
      },
      parent,
    );
    context.with(trace.setSpan(parent, request.span), done);
  });

  app.addHook('onRequestAbort', (request, done) => {
    request.span?.end();
    done();
  });

  app.addHook('onResponse', (request, reply, done) => {
    if (!request.span?.isRecording()) return done();
    request.span.setAttribute('http.response.status_code', reply.statusCode);
    if (reply.statusCode >= 500) request.span.setStatus({ code: SpanStatusCode.ERROR });
    request.span.end();
    done();
  });
}
