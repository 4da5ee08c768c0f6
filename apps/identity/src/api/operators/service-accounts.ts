import { type Routes, text } from '@forecourt/service-kit';
import { z } from 'zod';
import type { Deps } from '../../deps.ts';
import { operatorRole, serviceRoles } from '../../role/role.ts';
import { makeAccount, revokeAccount, rotateKey, type WithKey } from '../../service-account/service.ts';
import { longestGraceSeconds } from '../../service-account/service-account.ts';
import { getAccount, type ListedAccount, listAccounts } from '../../service-account/store.ts';
import { actorOf, Id, Instant, toInstant } from './common.ts';

const Roles = z
  .array(z.enum(serviceRoles))
  .min(1)
  .max(serviceRoles.length)
  .meta({ description: 'What its keys may do; never what operators may.' });
const NewAccountBody = z.strictObject({ name: text({ min: 1, max: 120 }), roles: Roles });
const RotateBody = z.strictObject({
  graceSeconds: z
    .int()
    .min(0)
    .max(longestGraceSeconds)
    .default(24 * 3600)
    .meta({ description: 'How long the keys before it are still good; 0 ends them at once.' }),
});
const AccountBody = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    roles: z.array(z.string()),
    createdAt: Instant,
    revokedAt: Instant.nullable(),
    lastUsedAt: Instant.nullable().meta({ description: 'To the minute.' }),
    keys: z.array(
      z.strictObject({
        id: z.string(),
        createdAt: Instant,
        lastUsedAt: Instant.nullable(),
        expiresAt: Instant.nullable().meta({ description: 'null: until it is rotated or revoked.' }),
      }),
    ),
  })
  .meta({ id: 'ServiceAccount' });
const WithKeyBody = z.strictObject({
  account: AccountBody,
  key: z.string().meta({ description: 'For `Authorization: Bearer`. Shown once.' }),
});
const Params = z.strictObject({ accountId: Id });
const ListQuery = z.strictObject({
  page: z.coerce.number().int().min(1).max(10_000).default(1),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});
const ListBody = z.strictObject({ items: z.array(AccountBody), page: z.int(), limit: z.int(), total: z.int() });

/** Programs of partners, and the keys that they come with. None is ever removed: the audit log names it. */
export const serviceAccountRoutes =
  (deps: Deps): Routes =>
  async (app) => {
    const onRequest = app.requireRole(operatorRole);
    const tags = ['Service accounts'];

    app.get('/admin/service-accounts', {
      onRequest,
      schema: {
        operationId: 'listServiceAccounts',
        summary: 'The programs that may come with a key, by name',
        tags,
        querystring: ListQuery,
        response: { 200: ListBody },
      },
      handler: async ({ query: { page, limit } }) => {
        const { items, total } = await listAccounts(deps.db, { page, limit });
        return { items: items.map(toBody), page, limit, total };
      },
    });

    app.post('/admin/service-accounts', {
      onRequest,
      schema: {
        operationId: 'makeServiceAccount',
        summary: 'A program that may come with a key; the key is shown once',
        tags,
        body: NewAccountBody,
        response: { 201: WithKeyBody },
      },
      handler: async (request, reply) =>
        reply.code(201).send(toWithKeyBody(await makeAccount(deps, request.body, actorOf(request)))),
    });

    app.get('/admin/service-accounts/:accountId', {
      onRequest,
      schema: {
        operationId: 'getServiceAccount',
        summary: 'One program, and when its keys were used last',
        tags,
        params: Params,
        response: { 200: AccountBody },
      },
      handler: async ({ params: { accountId } }) => toBody(await getAccount(deps.db, accountId)),
    });

    app.post('/admin/service-accounts/:accountId/rotate', {
      onRequest,
      schema: {
        operationId: 'rotateServiceKey',
        summary: 'Another key, shown once; those before it end after a while',
        tags,
        params: Params,
        body: RotateBody,
        response: { 201: WithKeyBody },
      },
      handler: async (request, reply) => {
        const { accountId } = request.params;
        const rotated = await rotateKey(deps, accountId, request.body.graceSeconds, actorOf(request));
        return reply.code(201).send(toWithKeyBody(rotated));
      },
    });

    app.post('/admin/service-accounts/:accountId/revoke', {
      onRequest,
      schema: {
        operationId: 'revokeServiceAccount',
        summary: 'End all its keys at once, and what was exchanged for them within a second; for good',
        tags,
        params: Params,
        response: { 200: AccountBody },
      },
      handler: async (request) => toBody(await revokeAccount(deps, request.params.accountId, actorOf(request))),
    });
  };

const toWithKeyBody = ({ account, key }: WithKey): z.input<typeof WithKeyBody> => ({ account: toBody(account), key });

const toBody = (account: ListedAccount): z.input<typeof AccountBody> => ({
  id: account.id,
  name: account.name,
  roles: [...account.roles],
  createdAt: account.createdAt.toISOString(),
  revokedAt: toInstant(account.revokedAt),
  lastUsedAt: toInstant(
    account.keys.reduce<Date | null>(
      (last, { lastUsedAt: used }) => (used && (!last || used > last) ? used : last),
      null,
    ),
  ),
  keys: account.keys.map(({ id, createdAt, lastUsedAt, expiresAt }) => ({
    id,
    createdAt: createdAt.toISOString(),
    lastUsedAt: toInstant(lastUsedAt),
    expiresAt: toInstant(expiresAt),
  })),
});
