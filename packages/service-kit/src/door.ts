import { type Dialect, preferredLanguage } from '@forecourt/dialects';
import type { App, Routes } from './app.ts';
import { refuse } from './manners.ts';

/** A public API's routes with its manners: how it refuses, in which language, in which OpenAPI document. */
export function door(dialect: Dialect, routes: Routes): (app: App) => Promise<void> {
  return async (app) => {
    app.dialect = dialect;
    app.setErrorHandler((error, request, reply) => refuse(dialect, error, request, reply));
    app.addHook('onRequest', (request, reply, done) => {
      request.language = preferredLanguage(request.headers['accept-language'], dialect.defaultLanguage);
      reply.header('content-language', request.language).header('vary', 'Accept-Language');
      done();
    });
    await routes(app);
  };
}
