import type { Routes } from '@forecourt/service-kit';
import { z } from 'zod';
import type { Deps } from '../../deps.ts';
import { operatorRole, roles } from '../../role/role.ts';
import { giveRole, takeRole } from '../../role/service.ts';
import { actorOf, CustomerParams } from './common.ts';
import { CustomerBody, toPresentCustomerBody } from './customer-bodies.ts';

const Params = CustomerParams.extend({ role: z.enum(roles) });

export const roleRoutes =
  (deps: Deps): Routes =>
  async (app) => {
    const onRequest = app.requireRole(operatorRole);
    const tags = ['Customers'];

    app.put('/admin/customers/:customerId/roles/:role', {
      onRequest,
      schema: {
        operationId: 'grantRole',
        summary: 'Give a customer a role',
        description: 'It is in their tokens from the next refresh or sign-in on, so within 15 minutes.',
        tags,
        params: Params,
        response: { 200: CustomerBody },
      },
      handler: async (request) => {
        const { customerId, role } = request.params;
        return toPresentCustomerBody(await giveRole(deps, { customerId, role, actor: actorOf(request) }));
      },
    });

    app.delete('/admin/customers/:customerId/roles/:role', {
      onRequest,
      schema: {
        operationId: 'withdrawRole',
        summary: 'Take a role from a customer',
        description:
          'Ends all their sessions, so that no token says it any more. The last operator who can sign in keeps the role ' +
          '(`last_operator`).',
        tags,
        params: Params,
        response: { 200: CustomerBody },
      },
      handler: async (request) => {
        const { customerId, role } = request.params;
        return toPresentCustomerBody(await takeRole(deps, { customerId, role, actor: actorOf(request) }));
      },
    });
  };
