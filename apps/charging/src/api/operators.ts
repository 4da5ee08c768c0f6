import type { Routes } from '@forecourt/service-kit';
import type { Deps } from '../deps.ts';
import { cardRoutes } from './operators/cards.ts';
import { commandRoutes } from './operators/commands.ts';
import { deviceImportRoutes } from './operators/device-import.ts';
import { deviceRoutes } from './operators/devices.ts';
import { feedbackRoutes } from './operators/feedback.ts';
import { reportRoutes } from './operators/reports.ts';
import { sessionRoutes } from './operators/sessions.ts';
import { stationLogRoutes } from './operators/station-log.ts';
import { stationRoutes } from './operators/stations.ts';

const features = [
  stationRoutes,
  commandRoutes,
  stationLogRoutes,
  deviceRoutes,
  deviceImportRoutes,
  cardRoutes,
  sessionRoutes,
  feedbackRoutes,
  reportRoutes,
];

/** `/admin/…` of charging. Amounts are major units. */
export const operatorsApi =
  (deps: Deps): Routes =>
  async (app) => {
    for (const routes of features) await routes(deps)(app);
  };
