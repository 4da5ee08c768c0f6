import type { Routes } from '@forecourt/service-kit';
import type { Deps } from '../deps.ts';
import { appProfileRoutes } from './operators/app-profiles.ts';
import { auditRoutes } from './operators/audit.ts';
import { customerRoutes } from './operators/customers.ts';
import { roleRoutes } from './operators/roles.ts';
import { serviceAccountRoutes } from './operators/service-accounts.ts';
import { sessionRoutes } from './operators/sessions.ts';

/** `/admin/…` of identity: people, what they may do, and who did what to them. */
export const operatorsApi =
  (deps: Deps): Routes =>
  async (app) => {
    app.addHook('onRequest', async (_request, reply) => {
      reply.header('cache-control', 'no-store');
    });
    await customerRoutes(deps)(app);
    await sessionRoutes(deps)(app);
    await roleRoutes(deps)(app);
    await appProfileRoutes(deps)(app);
    await serviceAccountRoutes(deps)(app);
    await auditRoutes(deps)(app);
  };
