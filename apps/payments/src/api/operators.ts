import type { Routes } from '@forecourt/service-kit';
import type { Deps } from '../deps.ts';
import { accountRoutes } from './operators/accounts.ts';
import { adjustmentRoutes } from './operators/adjustments.ts';
import { holdRoutes } from './operators/holds.ts';
import { invoiceRoutes } from './operators/invoices.ts';
import { manualPaymentRoutes } from './operators/manual-payments.ts';
import { reconciliationRoutes } from './operators/reconciliation.ts';
import { transferRoutes } from './operators/transfers.ts';

/** `/admin/…` of payments. Amounts are major units. */
export const operatorsApi =
  (deps: Deps): Routes =>
  async (app) => {
    for (const routes of [
      accountRoutes,
      transferRoutes,
      adjustmentRoutes,
      holdRoutes,
      invoiceRoutes,
      manualPaymentRoutes,
      reconciliationRoutes,
    ]) {
      await routes(deps)(app);
    }
  };
