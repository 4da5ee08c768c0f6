import { clients, driver, mobile, operators, storefront, subscriber } from '@forecourt/dialects';
import { type App, createApp, door, type Runtime } from '@forecourt/service-kit';
import { clientsApi } from './api/clients.ts';
import { developmentApi } from './api/development.ts';
import { driverApi } from './api/driver.ts';
import { pushOnReplenishmentSettled } from './api/driver-pushes.ts';
import { mobileApi } from './api/mobile.ts';
import { operatorsApi } from './api/operators.ts';
import { storefrontApi } from './api/storefront.ts';
import { storefrontCodesApi } from './api/storefront-codes.ts';
import { storefrontContactApi } from './api/storefront-contact.ts';
import { storefrontPrivacyApi } from './api/storefront-privacy.ts';
import { storefrontSessionsApi } from './api/storefront-sessions.ts';
import { subscriberApi } from './api/subscriber.ts';
import { wellKnownApi } from './api/well-known.ts';
import { disconnectOnSessionRevoked } from './broker/consumers.ts';
import {
  keepChargeOnSessionFinished,
  keepChargeOnSessionMetered,
  keepChargeOnSessionStarted,
  keepDeviceOnDeviceChanged,
} from './charge/consumers.ts';
import type { Config } from './config.ts';
import type { Deps } from './deps.ts';
import { writeOnOrderChanged, writeOnOrderPlaced } from './message/consumers.ts';
import {
  writeOnPendingOrderRefused,
  writeOnRenewalDue,
  writeOnSubscriptionChanged,
} from './message/subscription-consumers.ts';
import { keepWalletOnWalletChanged } from './wallet/consumers.ts';

export async function createIdentityApp(deps: Deps, runtime: Runtime, config: Pick<Config, 'NODE_ENV'>): Promise<App> {
  const app = await createApp({ ...runtime, tokens: deps.tokens }, { getBodies: true });
  await app.register(door(storefront, storefrontApi(deps)));
  await app.register(door(storefront, storefrontCodesApi(deps)));
  await app.register(door(storefront, storefrontContactApi(deps)));
  await app.register(door(storefront, storefrontSessionsApi(deps)));
  await app.register(door(storefront, storefrontPrivacyApi(deps)));
  await app.register(door(clients, clientsApi(deps)));
  await app.register(door(mobile, mobileApi(deps)));
  await app.register(door(driver, driverApi(deps)));
  await app.register(door(subscriber, subscriberApi(deps)));
  await app.register(door(operators, operatorsApi(deps)));
  await app.register(wellKnownApi(deps));
  if (config.NODE_ENV !== 'production') await app.register(developmentApi(deps));
  return app;
}

export const consumers = [
  writeOnOrderPlaced,
  writeOnOrderChanged,
  writeOnRenewalDue,
  writeOnSubscriptionChanged,
  writeOnPendingOrderRefused,
  keepWalletOnWalletChanged,
  disconnectOnSessionRevoked,
  pushOnReplenishmentSettled,
  keepChargeOnSessionStarted,
  keepChargeOnSessionMetered,
  keepChargeOnSessionFinished,
  keepDeviceOnDeviceChanged,
];
