import type { Routes } from '@forecourt/service-kit';
import { z } from 'zod';
import type { Deps } from '../deps.ts';

const Jwks = z.strictObject({
  keys: z.array(
    z.strictObject({
      kty: z.string(),
      crv: z.string(),
      x: z.string(),
      kid: z.string(),
      alg: z.string(),
      use: z.string(),
    }),
  ),
});

/** A third of the time by which a new key is published ahead of its use. */
const cacheSeconds = 300;

export const wellKnownApi =
  ({ keyRing }: Deps): Routes =>
  async (app) => {
    app.get('/.well-known/jwks.json', {
      schema: { operationId: 'getSigningKeys', summary: 'Keys that verify access tokens', response: { 200: Jwks } },
      handler: async (_request, reply) => {
        reply.header('cache-control', `public, max-age=${cacheSeconds}`);
        return Jwks.parse(await keyRing.jwks());
      },
    });
  };
