import type { Routes } from '@forecourt/service-kit';
import type { Deps } from '../deps.ts';
import { deliveryRoutes } from './operators/delivery.ts';
import { orderRoutes } from './operators/orders.ts';
import { stockImportRoutes, stockRoutes } from './operators/stock.ts';
import { subscriptionRoutes } from './operators/subscriptions.ts';

/** `/admin/…` of orders. Amounts are major units. */
export const operatorsApi =
  (deps: Deps): Routes =>
  async (app) => {
    await orderRoutes(deps)(app);
    await stockRoutes(deps)(app);
    await deliveryRoutes(deps)(app);
    await subscriptionRoutes(deps)(app);
    // Apart, since it alone reads other bodies than JSON.
    await app.register(stockImportRoutes(deps));
  };
