import type { Routes } from '@forecourt/service-kit';
import type { Deps } from '../deps.ts';
import { chargingRoutes } from './driver/charging.ts';
import { mapRoutes } from './driver/map.ts';
import { purchaseRoutes } from './driver/purchases.ts';
import { reservationRoutes } from './driver/reservations.ts';

/** What the drivers' app calls, in the words of its document. */
export const driverApi =
  (deps: Deps): Routes =>
  async (app) => {
    for (const routes of [mapRoutes, reservationRoutes, chargingRoutes, purchaseRoutes]) await routes(deps)(app);
  };
