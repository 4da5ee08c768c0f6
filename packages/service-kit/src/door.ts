import type { Dialect } from '@forecourt/dialects';
import type { Routes } from './app.ts';

/** A public API's routes with its manners: how it refuses, in which language, under which OpenAPI document. */
export function door(_dialect: Dialect, routes: Routes): Routes {
  return async (app) => {
    await routes(app);
  };
}
