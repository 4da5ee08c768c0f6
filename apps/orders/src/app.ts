import { operators, storefront } from '@forecourt/dialects';
import { type App, createApp, door, type Runtime } from '@forecourt/service-kit';
import { operatorsApi } from './api/operators.ts';
import { storefrontApi } from './api/storefront.ts';
import type { Deps } from './deps.ts';
import {
  dropOfferOnProductRemoved,
  keepDiscountOnDiscountChanged,
  keepOfferOnProductChanged,
} from './offer/consumers.ts';
import { claimOnCustomerRegistered } from './order/consumers.ts';
import { forgetOnCustomerErased } from './person/consumers.ts';
import { countOnStockImported } from './stock/consumers.ts';

export const consumers = [
  keepOfferOnProductChanged,
  dropOfferOnProductRemoved,
  keepDiscountOnDiscountChanged,
  countOnStockImported,
  claimOnCustomerRegistered,
  forgetOnCustomerErased,
];

export async function createOrdersApp(deps: Deps, runtime: Runtime): Promise<App> {
  const app = await createApp(runtime);
  await app.register(door(storefront, storefrontApi(deps)));
  await app.register(door(operators, operatorsApi(deps)));
  return app;
}
