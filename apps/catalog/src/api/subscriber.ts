import type { Routes } from '@forecourt/service-kit';
import type { Deps } from '../deps.ts';
import { callRoutes } from './subscriber/calls.ts';
import { type SyncSurroundings, syncRoutes } from './subscriber/sync.ts';

/** What subscribers see of the catalogue, and how partners keep theirs in step with it. */
export const subscriberApi =
  (deps: Deps, surroundings: SyncSurroundings): Routes =>
  async (app) => {
    await callRoutes(deps)(app);
    await syncRoutes(deps, surroundings)(app);
  };
