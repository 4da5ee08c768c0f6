import { operators, storefront, subscriber } from '@forecourt/dialects';
import { type App, createApp, door, type Runtime, tellRevision } from '@forecourt/service-kit';
import { operatorsApi } from './api/operators.ts';
import { storefrontApi } from './api/storefront.ts';
import { subscriberApi } from './api/subscriber.ts';
import type { Deps } from './deps.ts';

/** The table of contents: what customers and subscribers see, what partners follow, and what operators do about it. */
export async function createCatalogApp(deps: Deps, runtime: Runtime): Promise<App> {
  const app = await createApp(runtime);
  await app.register(door(storefront, storefrontApi(deps)));
  await app.register(door(subscriber, subscriberApi(deps, runtime)));
  await app.register(door(operators, operatorsApi(deps)));
  tellRevision(app, deps.revisions.news);
  return app;
}
