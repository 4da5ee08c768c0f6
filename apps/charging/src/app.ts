import { clients, driver, operators } from '@forecourt/dialects';
import { type App, createApp, door, type Runtime } from '@forecourt/service-kit';
import { clientsApi } from './api/clients.ts';
import { driverApi } from './api/driver.ts';
import { ocppApi } from './api/ocpp.ts';
import { operatorsApi } from './api/operators.ts';
import type { Deps } from './deps.ts';
import { forgetOnCustomerErased } from './person/consumers.ts';

export const consumers = [forgetOnCustomerErased];

export async function createChargingApp(deps: Deps, runtime: Runtime): Promise<App> {
  const app = await createApp(runtime);
  await app.register(door(driver, driverApi(deps)));
  await app.register(door(clients, clientsApi(deps)));
  await app.register(door(operators, operatorsApi(deps)));
  await app.register(ocppApi());
  return app;
}
