import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Dialect, Language } from '@forecourt/dialects';
import { AppError } from '@forecourt/errors';
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
  type RawServerDefault,
} from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import { decorateWithAuth } from './auth.ts';
import { acceptJsonOnly } from './bodies.ts';
import { maxHeaderBytes, refuseBytes } from './bytes.ts';
import { limitHandlers } from './handler-timeout.ts';
import { internalRoutes } from './internal-routes.ts';
import { ownManners, refuse, refuseUnknownPaths } from './manners.ts';
import { createApiDocuments } from './openapi.ts';
import type { Principal } from './principal.ts';
import { requestIdOf, traceIdOf } from './request-ids.ts';
import { logRequest } from './request-log.ts';
import { createRouteIndex } from './route-index.ts';
import type { CoreRuntime } from './runtime.ts';
import { serializerCompiler } from './serialisation.ts';
import type { TokenVerifier } from './tokens.ts';
import { traceRequests } from './tracing.ts';
import { trustProxyOf } from './trusted-proxies.ts';
import { toViolations } from './violations.ts';

export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;
export type Routes = (app: App) => Promise<void>;

declare module 'fastify' {
  interface FastifyInstance {
    /** The dialect of the door that a route is behind. */
    dialect: Dialect | undefined;
  }
  interface FastifyRequest {
    principal: Principal | null;
    language: Language;
  }
  interface FastifyContextConfig {
    /** When it succeeds no event is waiting: the relay need not look. Of a refusal nobody knows. */
    tellsNothing?: boolean;
  }
}

export interface AppOptions {
  /** Bytes; 64 KB unless told. A route may raise its own. */
  bodyLimit?: number;
  /**
   * Let a GET carry a body where its route has a schema for one, as one of the public APIs wants; elsewhere none is read.
   * Fastify gives a schema `null` for a body that is not there: `.nullish()` lets it be left out.
   */
  getBodies?: boolean;
}

const seconds = 1_000;
const maxConnections = 10_000;

/** The one app: every limit that Fastify and Node leave open is set here, and every request is logged and measured. */
export async function createApp(
  runtime: CoreRuntime & { tokens?: TokenVerifier },
  { bodyLimit = 65_536, getBodies = false }: AppOptions = {},
): Promise<App> {
  const { log, metrics } = runtime;
  const routes = createRouteIndex();
  const documents = createApiDocuments();
  const dialectAt = (path: string): Dialect => routes.lookUp(path).dialect ?? ownManners;

  const app = fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ requestIdLogLabel: 'requestId', disableRequestLogging: true }),
    genReqId: requestIdOf,
    bodyLimit,
    requestTimeout: 15 * seconds,
    connectionTimeout: 20 * seconds,
    // Longer than a load balancer's, so that it is never we who close a connection that it is about to use.
    keepAliveTimeout: 75 * seconds,
    http: { headersTimeout: 10 * seconds, connectionsCheckingInterval: 2 * seconds, maxHeaderSize: maxHeaderBytes },
    routerOptions: { maxParamLength: 128 },
    trustProxy: trustProxyOf(runtime.config.TRUSTED_PROXIES),
    return503OnClosing: true,
    clientErrorHandler: (error, socket) => refuseBytes(error, socket, { dialectAt, log }),
    exposeHeadRoutes: true,
    frameworkErrors: (error, request, reply) => {
      void refuse(dialectAt(request.raw.url ?? '/'), error, request, reply);
    },
  }).withTypeProvider<ZodTypeProvider>();
  app.server.maxHeadersCount = 100;
  // RFC 9110, 10.1.1 lets us pass over an expectation that we do not know; Node would say 417, in nobody's manners.
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response));
  app.server.maxConnections = maxConnections;
  if (getBodies) {
    // HEAD too, since each GET brings its HEAD with the same schemas.
    for (const method of ['GET', 'HEAD']) app.addHttpMethod(method, { hasBody: true, overrideExisting: true });
  }

  app.setValidatorCompiler<z.ZodType>(
    ({ schema }) =>
      (input) =>
        validate(schema, input),
  );
  app.setSerializerCompiler(serializerCompiler);
  app.setChildLoggerFactory((logger, bindings, options, request) => {
    const traceId = traceIdOf(request);
    return logger.child(traceId === undefined ? bindings : { ...bindings, traceId }, options);
  });
  acceptJsonOnly(app);
  limitHandlers(app, 8 * seconds);

  app.decorate('dialect', undefined);
  app.decorateRequest('language', ownManners.defaultLanguage);
  app.decorateRequest('refusal', null);
  decorateWithAuth(app, runtime.tokens);

  app.addHook('onRoute', function (route) {
    routes.add(route, this.dialect);
    if (this.dialect) documents.add(this.dialect, route);
  });
  if (runtime.config.OTEL_EXPORTER_OTLP_ENDPOINT) traceRequests(app);
  app.addHook('onResponse', async (request, reply) => {
    logRequest(request, reply);
    const route = request.routeOptions.url ?? 'none';
    if (mayHaveTold(request, reply)) runtime.writes.happened();
    metrics.observeRequest({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / seconds);
  });
  app.setErrorHandler((error, request, reply) => refuse(ownManners, error, request, reply));
  refuseUnknownPaths(app, routes);
  await app.register(internalRoutes(runtime, documents, routes));
  return app;
}

const mayHaveTold = ({ method, routeOptions }: FastifyRequest, { statusCode }: FastifyReply): boolean =>
  method !== 'GET' && method !== 'HEAD' && !(routeOptions.config.tellsNothing && statusCode < 400);

/** zod's verdict in the shape that Fastify asks a validator for. */
function validate(schema: z.ZodType, input: unknown): { value: unknown } | { error: AppError } {
  const { success, data, error } = schema.safeParse(input);
  if (success) return { value: data };
  const violations = toViolations(error.issues, input);
  return { error: new AppError('validation_failed', 'Some fields are not acceptable.', { violations }) };
}
