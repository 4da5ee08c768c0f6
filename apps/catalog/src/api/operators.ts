import type { Routes } from '@forecourt/service-kit';
import type { Deps } from '../deps.ts';
import { callRateRoutes } from './operators/call-rates.ts';
import { changeRoutes } from './operators/changes.ts';
import { directoryRoutes } from './operators/directory.ts';
import { discountRoutes } from './operators/discounts.ts';
import { importRoutes } from './operators/imports.ts';
import { productRoutes } from './operators/products.ts';

/** `/admin/…` of the catalogue. Amounts are major units; every thing has a version, shown as its ETag. */
export const operatorsApi =
  (deps: Deps): Routes =>
  async (app) => {
    await productRoutes(deps)(app);
    await directoryRoutes(deps)(app);
    await discountRoutes(deps)(app);
    await changeRoutes(deps)(app);
    // Apart, since they alone read other bodies than JSON, each in its own way.
    await app.register(callRateRoutes(deps));
    await app.register(importRoutes(deps));
  };
