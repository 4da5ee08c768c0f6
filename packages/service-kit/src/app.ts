import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Language } from '@forecourt/dialects';
import type { FastifyInstance, onRequestAsyncHookHandler, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Logger } from './log.ts';
import type { Principal } from './principal.ts';
import type { CoreRuntime } from './runtime.ts';
import type { TokenVerifier } from './tokens.ts';

export type App = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, Logger, ZodTypeProvider>;
export type Routes = (app: App) => Promise<void>;

declare module 'fastify' {
  interface FastifyInstance {
    /** 401 without a valid bearer token. Use as `onRequest`, so that strangers learn nothing about the body's rules. */
    requirePrincipal: onRequestAsyncHookHandler;
    /** No bearer token is fine; one that is wrong is a 401 all the same. */
    optionalPrincipal: onRequestAsyncHookHandler;
    requireRole(role: string): onRequestAsyncHookHandler;
  }
  interface FastifyRequest {
    principal: Principal | null;
    language: Language;
  }
}

export interface AppOptions {
  /** Bytes; 64 KB unless told. A route may raise its own. */
  bodyLimit?: number;
  /** Let GET carry a body, as one of the public APIs does. */
  getBodies?: boolean;
}

export async function createApp(
  _runtime: CoreRuntime & { tokens?: TokenVerifier },
  _options: AppOptions = {},
): Promise<App> {
  throw new Error('arrives with the next commit');
}
