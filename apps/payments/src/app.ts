import { driver, operators, storefront } from '@forecourt/dialects';
import { type App, createApp, door, type Runtime } from '@forecourt/service-kit';
import { callbackApi } from './api/callback.ts';
import { driverApi } from './api/driver.ts';
import { operatorsApi } from './api/operators.ts';
import { walletApi } from './api/wallet.ts';
import type { Deps } from './deps.ts';
import { forgetOnCustomerErased } from './person/consumers.ts';

export const consumers = [forgetOnCustomerErased];

export async function createPaymentsApp(deps: Deps, runtime: Runtime): Promise<App> {
  const app = await createApp(runtime);
  await app.register(door(storefront, walletApi(deps)));
  await app.register(door(driver, driverApi(deps)));
  await app.register(door(operators, operatorsApi(deps)));
  await app.register(callbackApi(deps));
  return app;
}
