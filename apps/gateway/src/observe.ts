import type { AppError } from '@forecourt/errors';
import type { Metrics } from '@forecourt/service-kit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { newTraceparent, traceIdOf, traceparentOf } from './traceparent.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The trace of a request begins here (W3C Trace Context); what outsiders claim about traces is not believed. */
    traceparent: string;
    /** What the gateway itself refused the request with, if it did. */
    refusal: AppError | null;
  }
}

/** One line and one measurement a request. The pattern, not the path: paths and queries hold phones and tokens. */
export function observe(app: FastifyInstance, { metrics }: { metrics: Pick<Metrics, 'observeRequest'> }): void {
  app.decorateRequest('traceparent', '');
  app.decorateRequest('refusal', null);
  app.addHook('onRequest', (request, _reply, done) => {
    request.traceparent = request.span ? traceparentOf(request.span.spanContext()) : newTraceparent();
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const { refusal, log } = request;
    const route = request.routeOptions.url ?? 'none';
    metrics.observeRequest({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
    const facts = {
      ...factsOf(request),
      status: reply.statusCode,
      durationMs: Math.round(reply.elapsedTime * 100) / 100,
    };
    if (refusal?.category === 'internal') log.error({ ...facts, err: refusal }, 'request failed');
    else if (refusal) log.info({ ...facts, refusal: refusal.code, reason: reasonOf(refusal) }, 'request refused');
    else if (route.startsWith('/health/')) log.debug(facts, 'request answered');
    else log.info(facts, 'request answered');
    done();
  });
  app.addHook('onRequestAbort', (request, done) => {
    request.log.info(factsOf(request), 'client left');
    done();
  });
}

const factsOf = ({ traceparent, method, routeOptions, ip }: FastifyRequest) => ({
  traceId: traceIdOf(traceparent),
  method,
  route: routeOptions.url ?? 'none',
  service: routeOptions.config.row?.service,
  address: ip,
});

const reasonOf = ({ cause }: AppError): string | undefined =>
  cause instanceof Error ? ((cause as Error & { code?: string }).code ?? cause.message) : undefined;
