import { principalOf, type Routes } from '@forecourt/service-kit';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import type { Device } from '../device/device.ts';
import { endDevice, listDevices } from '../device/service.ts';
import { endOneSession, endOtherSessions, listAllSessions } from '../session/own.ts';
import type { ListedSession } from '../session/store.ts';
import { actorOf, Id, Instant, keepNothing } from './storefront-bodies.ts';

const IdParams = z.object({ id: Id });

const SessionBody = z
  .strictObject({
    id: z.string(),
    kind: z.enum(['browser', 'app', 'device']),
    /** The one that asks. */
    current: z.boolean(),
    createdAt: Instant,
    lastUsedAt: Instant,
    /** null: a device, which goes on until somebody ends it. */
    expiresAt: Instant.nullable(),
    userAgent: z.string().nullable(),
    address: z.string().nullable(),
  })
  .meta({ id: 'Session' });
const DeviceBody = z
  .strictObject({
    id: z.string(),
    current: z.boolean(),
    app: z.string(),
    createdAt: Instant,
    lastUsedAt: Instant,
    receivesPushes: z.boolean(),
    userAgent: z.string().nullable(),
    address: z.string().nullable(),
  })
  .meta({ id: 'Device' });

const tags = ['Account'];

/** Where somebody is signed in; ours, not in the dialect's document. */
export const storefrontSessionsApi =
  (deps: Deps): Routes =>
  async (app) => {
    app.addHook('onRequest', keepNothing);

    app.get('/me/sessions', {
      onRequest: app.requirePrincipal,
      schema: {
        operationId: 'listMySessions',
        summary: 'Where I am signed in, in browsers and in apps; at most the 100 used last',
        tags,
        response: { 200: z.strictObject({ items: z.array(SessionBody) }) },
      },
      handler: async (request) => {
        const { customerId, sessionId } = principalOf(request);
        const sessions = await listAllSessions(deps, customerId);
        return { items: sessions.map((session) => toSessionBody(session, sessionId)) };
      },
    });

    app.delete('/me/sessions/:id', {
      onRequest: app.requirePrincipal,
      schema: {
        operationId: 'endMySession',
        summary: 'End one of my sessions, in a browser or in an app; also this one',
        description: 'A 404 once it has ended, as for one that was never mine.',
        tags,
        params: IdParams,
        response: { 204: z.null() },
      },
      handler: async (request, reply) => {
        const { customerId } = principalOf(request);
        const actor = actorOf(customerId, request);
        await endOneSession(deps, { customerId, sessionId: request.params.id, actor });
        return reply.code(204).send(null);
      },
    });

    app.delete('/me/sessions', {
      onRequest: app.requirePrincipal,
      schema: {
        operationId: 'endMyOtherSessions',
        summary: 'End all my sessions but this one, in browsers and in apps',
        tags,
        response: { 204: z.null() },
      },
      handler: async (request, reply) => {
        const { customerId, sessionId } = principalOf(request);
        await endOtherSessions(deps, { customerId, sessionId, actor: actorOf(customerId, request) });
        return reply.code(204).send(null);
      },
    });

    app.get('/me/devices', {
      onRequest: app.requirePrincipal,
      schema: {
        operationId: 'listMyDevices',
        summary: 'The apps that hold a key of mine',
        tags,
        response: { 200: z.strictObject({ items: z.array(DeviceBody) }) },
      },
      handler: async (request) => {
        const { customerId, sessionId } = principalOf(request);
        const devices = await listDevices(deps, customerId);
        return { items: devices.map((device) => toDeviceBody(device, sessionId)) };
      },
    });

    app.delete('/me/devices/:id', {
      onRequest: app.requirePrincipal,
      schema: {
        operationId: 'endMyDevice',
        summary: 'Take the key from one of my apps',
        description: 'A 404 once it has ended, as for one that was never mine.',
        tags,
        params: IdParams,
        response: { 204: z.null() },
      },
      handler: async (request, reply) => {
        const { customerId } = principalOf(request);
        await endDevice(deps, { customerId, deviceId: request.params.id, actor: actorOf(customerId, request) });
        return reply.code(204).send(null);
      },
    });
  };

const toSessionBody = (
  { id, kind, openedAt, lastUsedAt, expiresAt, userAgent, address }: ListedSession,
  current: string,
): z.input<typeof SessionBody> => ({
  id,
  kind,
  current: id === current,
  createdAt: openedAt.toISOString(),
  lastUsedAt: lastUsedAt.toISOString(),
  expiresAt: expiresAt?.toISOString() ?? null,
  userAgent,
  address,
});

const toDeviceBody = (
  { id, profileName: app, openedAt, lastUsedAt, hasPushToken: receivesPushes, userAgent, address }: Device,
  current: string,
): z.input<typeof DeviceBody> => ({
  id,
  current: id === current,
  app,
  createdAt: openedAt.toISOString(),
  lastUsedAt: lastUsedAt.toISOString(),
  receivesPushes,
  userAgent,
  address,
});
