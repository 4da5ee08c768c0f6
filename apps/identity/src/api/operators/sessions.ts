import type { Routes } from '@forecourt/service-kit';
import { z } from 'zod';
import { endSessionsOfCustomer, lookAtCustomer } from '../../customer/service.ts';
import { getCustomer } from '../../customer/store.ts';
import type { Deps } from '../../deps.ts';
import { endDevice, listDevices } from '../../device/service.ts';
import { operatorRole } from '../../role/role.ts';
import { endSessionOfCustomer, listSessions } from '../../session/service.ts';
import { actorOf, CustomerParams, Id, Instant } from './common.ts';

const visit = {
  id: z.string(),
  openedAt: Instant,
  lastUsedAt: Instant,
  userAgent: z.string().nullable(),
  address: z.string().nullable().meta({ description: 'From where it was opened.' }),
};
const SessionsBody = z.strictObject({
  items: z.array(z.strictObject({ ...visit, expiresAt: Instant }).meta({ id: 'OperatorsSession' })),
});
const DevicesBody = z.strictObject({
  items: z.array(
    z
      .strictObject({ ...visit, profileId: z.string(), profileName: z.string(), hasPushToken: z.boolean() })
      .meta({ id: 'OperatorsDevice' }),
  ),
});

/** What a customer is signed in with: logins, and apps that hold a key. */
export const sessionRoutes =
  (deps: Deps): Routes =>
  async (app) => {
    const onRequest = app.requireRole(operatorRole);
    const tags = ['Customers'];

    app.get('/admin/customers/:customerId/sessions', {
      onRequest,
      schema: {
        operationId: 'listCustomerSessions',
        summary: 'Where a customer is signed in: the 100 logins that were used last',
        tags,
        params: CustomerParams,
        response: { 200: SessionsBody },
      },
      handler: async (request) => {
        const { customerId } = request.params;
        await lookAtCustomer(deps, customerId, actorOf(request), 'sessions');
        const sessions = await listSessions(deps, customerId);
        return {
          items: sessions.map(({ expiresAt, ...s }) => ({ ...visitOf(s), expiresAt: expiresAt.toISOString() })),
        };
      },
    });

    app.delete('/admin/customers/:customerId/sessions', {
      onRequest,
      schema: {
        operationId: 'endCustomerSessions',
        summary: 'Sign a customer out everywhere, apps with a key included',
        tags,
        params: CustomerParams,
        response: { 200: z.strictObject({ ended: z.int() }) },
      },
      handler: async (request) => ({
        ended: await endSessionsOfCustomer(deps, request.params.customerId, actorOf(request)),
      }),
    });

    app.delete('/admin/customers/:customerId/sessions/:sessionId', {
      onRequest,
      schema: {
        operationId: 'endCustomerSession',
        summary: 'End one login of a customer',
        tags,
        params: CustomerParams.extend({ sessionId: Id }),
        response: { 204: z.null() },
      },
      handler: async (request, reply) => {
        const { customerId, sessionId } = request.params;
        await getCustomer(deps.db, customerId);
        await endSessionOfCustomer(deps, { customerId, sessionId, actor: actorOf(request) });
        return reply.code(204).send(null);
      },
    });

    app.get('/admin/customers/:customerId/devices', {
      onRequest,
      schema: {
        operationId: 'listCustomerDevices',
        summary: 'The apps of a customer that hold a key',
        tags,
        params: CustomerParams,
        response: { 200: DevicesBody },
      },
      handler: async (request) => {
        const { customerId } = request.params;
        await lookAtCustomer(deps, customerId, actorOf(request), 'devices');
        const devices = await listDevices(deps, customerId);
        return {
          items: devices.map(({ profileId, profileName, hasPushToken, ...device }) => ({
            ...visitOf(device),
            profileId,
            profileName,
            hasPushToken,
          })),
        };
      },
    });

    app.delete('/admin/customers/:customerId/devices/:deviceId', {
      onRequest,
      schema: {
        operationId: 'endCustomerDevice',
        summary: 'End an app of a customer: its key is worth nothing any more',
        tags,
        params: CustomerParams.extend({ deviceId: Id }),
        response: { 204: z.null() },
      },
      handler: async (request, reply) => {
        const { customerId, deviceId } = request.params;
        await getCustomer(deps.db, customerId);
        await endDevice(deps, { customerId, deviceId, actor: actorOf(request) });
        return reply.code(204).send(null);
      },
    });
  };

interface Visit {
  readonly id: string;
  readonly openedAt: Date;
  readonly lastUsedAt: Date;
  readonly userAgent: string | null;
  readonly address: string | null;
}

const visitOf = ({ id, openedAt, lastUsedAt, userAgent, address }: Visit) => ({
  id,
  openedAt: openedAt.toISOString(),
  lastUsedAt: lastUsedAt.toISOString(),
  userAgent,
  address,
});
