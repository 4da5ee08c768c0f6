import fastifyCors from '@fastify/cors';
import type { Service } from '@forecourt/contracts';
import { AppError } from '@forecourt/errors';
import type { Nats } from '@forecourt/messaging';
import {
  type CoreRuntime,
  type Metrics,
  maxHeaderBytes,
  refuseBytes,
  traceRequests,
  trustProxyOf,
} from '@forecourt/service-kit';
import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from 'fastify';
import type { GatewayConfig } from './config.ts';
import { createLibrary } from './docs/library.ts';
import { docsPaths } from './docs/paths.ts';
import { createExchange } from './exchange.ts';
import { Backlog } from './forward/backlog.ts';
import { Bulkhead } from './forward/bulkhead.ts';
import { KeptAnswers } from './forward/kept.ts';
import { proxy } from './forward/proxy.ts';
import { closeTunnels, routeUpgrades, takesUpgrade } from './forward/tunnel.ts';
import { Upstreams } from './forward/upstreams.ts';
import { healthPaths, watchServices } from './health.ts';
import { limitRates } from './limits.ts';
import { observe } from './observe.ts';
import { hostsNamed, isAmbiguous, originForm } from './paths.ts';
import { refuse, refuseUnknown } from './refusals.ts';
import { requestId } from './request-id.ts';
import { dialectAt, patternsOf, type Row, routes } from './routes.ts';
import { pagePolicy, securityHeaders } from './security-headers.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    row?: Row;
  }
}

/** What the gateway takes of the process that it runs in. */
export interface GatewayRuntime extends Pick<CoreRuntime, 'log' | 'health'> {
  readonly metrics: Pick<Metrics, 'observeRequest'>;
  /** The connection for questions; undefined until it stands. */
  nats(): Nats | undefined;
}

/** Sockets held at once; who comes after them is turned away before a byte is read. */
const maxConnections = 20_000;

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** The gateway, from the table of routes: one public door in front of all services. */
export async function createGateway(
  config: GatewayConfig,
  runtime: GatewayRuntime,
  table: readonly Row[] = routes,
): Promise<FastifyInstance> {
  const rows = table.filter((row) => config.development || !row.developmentOnly);
  const services = connect(rows, config);
  const kept = new Map([...services.keys()].map((service) => [service, new KeptAnswers()]));
  const bulkheads = new Map(
    [...services].map(([service, { all }]) => [service, new Bulkhead({ atOnce: config.COSTLY_AT_ONCE * all.length })]),
  );
  const backlog = new Backlog();
  const app = hardened(config, runtime, rows);

  app.setErrorHandler(refuse);
  const headers = securityHeaders(!config.development);
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(headers).header('x-request-id', request.id);
    if (request.routeOptions.config.row?.page) reply.header('content-security-policy', pagePolicy);
    done();
  });
  if (config.OTEL_EXPORTER_OTLP_ENDPOINT) traceRequests(app, { callersAreOurs: false });
  observe(app, runtime);
  await app.register(fastifyCors, cors(config));
  const { countWrongSignature } = await limitRates(app, config);
  const exchange = createExchange(runtime.nats, countWrongSignature);
  app.addHook('onRequest', (request, _reply, done) => {
    // RFC 9112, 3.2. Node would refuse one without by itself, in nobody's manners, and take the first of several.
    const hosts = hostsNamed(request.raw.rawHeaders);
    if (hosts > 1 || (hosts === 0 && request.raw.httpVersionMinor > 0)) {
      return done(new AppError('malformed_request', 'A request names its host, once.'));
    }
    const path = (request.raw.url as string).split('?', 1)[0] as string;
    if (!isAmbiguous(path)) return done();
    done(new AppError('route_not_found', 'This path could be read in more than one way.'));
  });

  for (const row of rows) {
    const upstreams = services.get(row.service) as Upstreams;
    const neighbours = {
      upstreams,
      kept: kept.get(row.service) as KeptAnswers,
      bulkhead: bulkheads.get(row.service) as Bulkhead,
      backlog,
      exchange,
    };
    const handler = proxy(row, neighbours, config);
    for (const url of patternsOf(row)) app.route({ method: methods, url, handler, config: { row } });
  }
  healthPaths(app, runtime.health);
  docsPaths(app, createLibrary(rows, services), config.development);
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, refuseUnknown(rows));

  watchServices(runtime.health, services);
  app.addHook('preClose', async () => closeTunnels());
  app.addHook('onClose', async () => {
    await Promise.all([...services.values()].map((upstreams) => upstreams.close()));
  });
  return app;
}

function connect(rows: readonly Row[], config: GatewayConfig): ReadonlyMap<Service, Upstreams> {
  const origins: Partial<Record<Service, readonly string[]>> = {
    identity: config.IDENTITY_URL,
    catalog: config.CATALOG_URL,
    orders: config.ORDERS_URL,
    charging: config.CHARGING_URL,
    payments: config.PAYMENTS_URL,
  };
  const named = [...new Set(rows.map(({ service }) => service))];
  return new Map(
    named.map((service) => [
      service,
      new Upstreams(origins[service] ?? [], { connectTimeoutMs: config.CONNECT_TIMEOUT_MS }),
    ]),
  );
}

function hardened(config: GatewayConfig, { log }: GatewayRuntime, rows: readonly Row[]): FastifyInstance {
  const app = fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ requestIdLogLabel: 'requestId', disableRequestLogging: true }),
    genReqId: requestId,
    rewriteUrl: originForm,
    trustProxy: trustProxyOf(config.TRUSTED_PROXIES),
    // A socket on which nothing moves; longer than any service may take to answer an ordinary call.
    connectionTimeout: config.RESPONSE_TIMEOUT_MS + 10_000,
    requestTimeout: config.LARGE_RESPONSE_TIMEOUT_MS,
    keepAliveTimeout: 72_000,
    http: {
      headersTimeout: 10_000,
      connectionsCheckingInterval: 2000,
      requireHostHeader: false,
      // Above what a service takes, so that nearly all who send too much hear of it by their path: see `proxy`.
      maxHeaderSize: 2 * maxHeaderBytes,
      shouldUpgradeCallback: takesUpgrade(rows),
    },
    forceCloseConnections: 'idle',
    clientErrorHandler: (error, socket) =>
      refuseBytes(error, socket, { dialectAt, headers: securityHeaders(!config.development), log }),
    // No hook is run for a path that cannot be decoded.
    frameworkErrors: (error, request, reply) => {
      reply.headers(securityHeaders(!config.development)).header('x-request-id', request.id);
      refuse(error, request, reply);
    },
    routerOptions: { maxParamLength: 512 },
  });
  // A service takes 100, and what we add is to be among them.
  app.server.maxHeadersCount = 88;
  // RFC 9110, 10.1.1 lets us pass over an expectation that we do not know; Node would say 417, in nobody's manners.
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response));
  app.server.maxConnections = maxConnections;
  // Bodies are the services' to read and judge: here they are only passed on, whatever method or type they come with.
  for (const method of methods) app.addHttpMethod(method, { hasBody: false, overrideExisting: true });
  routeUpgrades(app);
  return app;
}

const cors = ({ CORS_ORIGINS }: GatewayConfig) => ({
  // Asked for each request: given the list, the plugin would tell strangers all but `access-control-allow-origin`.
  origin:
    CORS_ORIGINS.length > 0 &&
    ((origin: string | undefined, answer: (error: null, allowed: boolean) => void) =>
      answer(null, origin !== undefined && CORS_ORIGINS.includes(origin))),
  methods,
  credentials: true,
  strictPreflight: false,
  maxAge: 600,
  exposedHeaders: [
    'Authorization',
    'ETag',
    'Retry-After',
    'X-Request-Id',
    'X-Verification',
    'RateLimit-Limit',
    'RateLimit-Remaining',
    'RateLimit-Reset',
  ],
});
