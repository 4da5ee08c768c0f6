import { AppError } from '@forecourt/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { App } from './app.ts';
import type { TokenVerifier } from './tokens.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** 401 without a valid bearer token. Use as `onRequest`, so that strangers learn nothing about the body's rules. */
    requirePrincipal: Guard;
    /** No bearer token is fine; one that is wrong is a 401 all the same. */
    optionalPrincipal: Guard;
    /** Any of these roles will do. */
    requireRole(...roles: readonly string[]): Guard;
  }
}

/** An `onRequest` hook of a route. */
type Guard = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

export type Security = 'required' | 'optional';
const securities = new WeakMap<object, Security>();

/** What a route's `onRequest` hooks ask of its caller, for the OpenAPI document. */
export const securityOf = (hooks: unknown): Security | undefined =>
  [hooks]
    .flat()
    .map((hook) => (typeof hook === 'function' ? securities.get(hook) : undefined))
    .find((security) => security !== undefined);

function marked(security: Security, hook: Guard): Guard {
  securities.set(hook, security);
  return hook;
}

const bearer = /^Bearer +([\w.~+/-]+=*) *$/i;

export function decorateWithAuth(app: App, tokens: TokenVerifier | undefined): void {
  const identify = async (request: FastifyRequest) => {
    const { authorization } = request.headers;
    if (authorization === undefined) return;
    if (!tokens) throw new Error('This process verifies no tokens.');
    const token = bearer.exec(authorization)?.[1];
    if (token === undefined) throw new AppError('unauthenticated', 'The Authorization header holds no bearer token.');
    request.principal = await tokens.verify(token);
  };

  const requirePrincipal = marked('required', async (request) => {
    await identify(request);
    if (!request.principal) throw new AppError('unauthenticated', 'Sign in first.');
  });

  app.decorateRequest('principal', null);
  app.decorate('optionalPrincipal', marked('optional', identify));
  app.decorate('requirePrincipal', requirePrincipal);
  app.decorate('requireRole', (...roles: readonly string[]) =>
    marked('required', async (request, reply) => {
      await requirePrincipal(request, reply);
      if (request.principal?.roles.some((role) => roles.includes(role))) return;
      const role = roles.join(' or ');
      throw new AppError('role_required', `Only for the role ${role}.`, { params: { role } });
    }),
  );
}
