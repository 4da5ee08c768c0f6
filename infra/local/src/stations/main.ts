// The demo's stations as a process of their own, as `npm start` runs them.
import { brokenOutlet, fleetOf, readScenarios } from './fleet.ts';
import { type Station, startStation } from './station.ts';

const { NODE_ENV, STATIONS_URL, DEMO_STATION_SECRET, STATION_SCENARIOS = '' } = process.env;
if (NODE_ENV === 'production' || !STATIONS_URL || !DEMO_STATION_SECRET) {
  console.error('Demo stations are for development, and need STATIONS_URL and DEMO_STATION_SECRET.');
  process.exit(1);
}

const stations = fleetOf({
  url: STATIONS_URL,
  secret: DEMO_STATION_SECRET,
  difficult: readScenarios(STATION_SCENARIOS),
}).map((options) =>
  startStation({
    ...options,
    complain: (fault) => console.error(`${options.identity} complains: ${fault}`),
  }),
);
stations
  .find(({ identity }) => identity === brokenOutlet.identity)
  ?.outlet(brokenOutlet.outlet)
  .fault();

/** What runs ends, and is told while there is somebody to hear it. */
async function leave(station: Station): Promise<void> {
  for (const outlet of station.outlets) {
    outlet.stop('PowerLoss');
    outlet.unplug();
  }
  if (station.waiting.length > 0) await station.settled(2_000).catch((error: Error) => console.error(error.message));
  await station.close();
}

let leaving = false;
const leaveAll = async () => {
  if (leaving) return;
  leaving = true;
  await Promise.all(stations.map(leave));
  process.exit(0);
};
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void leaveAll());

const all = await Promise.allSettled(stations.map((station) => station.ready(60_000)));
console.log(`${all.filter(({ status }) => status === 'fulfilled').length} of ${all.length} stations are connected`);
