import { join } from 'node:path';
import { packageDirectory } from './paths.ts';
import type { Secrets } from './secrets.ts';
import type { Supervisor } from './supervisor.ts';

interface Founding {
  /** Through which stations come, as drivers' apps do. */
  readonly gateway: string;
  readonly directory: string;
  readonly secrets: Secrets;
  readonly supervisor: Supervisor;
  readonly environment: NodeJS.ProcessEnv;
}

export const demoStations = 'demo-stations';

/** What the demo's data and its stations are both told, so that the one lets in the others. */
export const demoStationSettings = ({ demoStations: secret }: Secrets): NodeJS.ProcessEnv => ({
  DEMO_STATION_SECRET: secret,
});

/** The demo's charging stations, in a process of their own. Once the demo's data are there: nobody knows them before. */
export function openDemoStations({ gateway, directory, secrets, supervisor, environment }: Founding): void {
  if (environment.NODE_ENV === 'production') return;
  supervisor.run({
    name: demoStations,
    command: process.execPath,
    parameters: ['src/stations/main.ts'],
    cwd: packageDirectory,
    env: { ...environment, ...demoStationSettings(secrets), STATIONS_URL: `${gateway.replace(/^http/, 'ws')}/ocpp` },
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 5_000,
    logFile: join(directory, `logs/${demoStations}.log`),
    worthShowing: (line) => line,
  });
}
