import { operators, storefront, subscriber } from '@forecourt/dialects';
import type { Consumer, SqlTx } from '@forecourt/messaging';
import { type App, createApp, door, type Runtime } from '@forecourt/service-kit';
import { operatorsApi } from './api/operators.ts';
import { storefrontApi } from './api/storefront.ts';
import { subscriberApi } from './api/subscriber.ts';
import type { Deps } from './deps.ts';
import {
  dropOfferOnProductRemoved,
  keepDiscountOnDiscountChanged,
  keepOfferOnProductChanged,
} from './offer/consumers.ts';
import { claimOnCustomerRegistered } from './order/consumers.ts';
import { confirmOnCodeAccepted } from './pending/consumers.ts';
import { forgetOnCustomerErased } from './person/consumers.ts';
import { countOnStockImported } from './stock/consumers.ts';
import { endOnCustomerErased, renewOnWalletChanged } from './subscription/consumers.ts';

export const consumers = (deps: Deps): Consumer<SqlTx>[] => [
  keepOfferOnProductChanged,
  dropOfferOnProductRemoved,
  keepDiscountOnDiscountChanged,
  countOnStockImported,
  claimOnCustomerRegistered,
  forgetOnCustomerErased,
  confirmOnCodeAccepted(deps),
  renewOnWalletChanged(deps),
  endOnCustomerErased(deps),
];

export async function createOrdersApp(deps: Deps, runtime: Runtime): Promise<App> {
  const app = await createApp(runtime);
  await app.register(door(storefront, storefrontApi(deps)));
  await app.register(door(subscriber, subscriberApi(deps)));
  await app.register(door(operators, operatorsApi(deps)));
  return app;
}
