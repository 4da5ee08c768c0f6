import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isScenario, type Scenario, scenarios, switchesOf } from './scenarios.ts';
import type { StationOptions } from './station.ts';

/** As the demo's data has it: identities, and how many connectors each station has. */
const demoFile = new URL('../../../../apps/charging/demo/devices.csv', import.meta.url);

const kinds = {
  /** Alternating current: slow, and of the older version. */
  AC: { version: '1.6', powerW: 22_000 },
  DC: { version: '2.0.1', powerW: 120_000 },
} as const;

/** One of them is always out of order, so that there is one on the map. */
export const brokenOutlet = { identity: 'UB-DC-07', outlet: 2 };

/** The same password that the demo's data give it. */
const passwordOf = (secret: string, identity: string): string =>
  createHmac('sha256', secret).update(identity).digest('hex').slice(0, 40);

/** Meters of a forecourt that has been open for a while, and that go on where they may have been. */
const meterAt = (now: Date): number => Math.floor((now.getTime() - Date.UTC(2026, 0, 1)) / 1000) * 10;

export interface FleetOptions {
  /** Without identities: `ws://127.0.0.1:3000/ocpp`. */
  readonly url: string;
  readonly secret: string;
  readonly difficult?: ReadonlyMap<string, Scenario>;
  readonly now?: Date;
}

/** The stations of the demo: cars come when they are started, and leave some seconds after the end. */
export function fleetOf({ url, secret, difficult, now = new Date() }: FleetOptions): StationOptions[] {
  return [...connectorsByStation()].map(([identity, connectors]) => {
    const { version, powerW } = identity.includes('-DC-') ? kinds.DC : kinds.AC;
    const usual = { plugInAfterMs: 1_500, leaveAfterMs: 8_000, meterEveryMs: 1_000, reconnectMs: 500 };
    return {
      url,
      identity,
      password: passwordOf(secret, identity),
      version,
      connectors,
      meterWh: meterAt(now),
      switches: { powerW, ...usual, ...switchesOf(difficult?.get(identity) ?? 'normal') },
    };
  });
}

function connectorsByStation(): Map<string, number> {
  const [header = '', ...lines] = readFileSync(demoFile, 'utf8').trim().split('\n');
  const column = header.split(',').indexOf('station');
  const connectors = new Map<string, number>();
  for (const line of lines) {
    const identity = line.split(',')[column] as string;
    connectors.set(identity, (connectors.get(identity) ?? 0) + 1);
  }
  return connectors;
}

/** `UB-AC-01=suspended,UB-DC-02=offline`: who is to be difficult, and how. */
export function readScenarios(text: string): ReadonlyMap<string, Scenario> {
  const wishes = text.split(',').filter((wish) => wish.trim() !== '');
  return new Map(
    wishes.map((wish) => {
      const [identity = '', scenario = ''] = wish.split('=').map((part) => part.trim());
      if (!isScenario(scenario)) {
        throw new Error(`STATION_SCENARIOS: "${wish}" has none of ${Object.keys(scenarios).join(', ')}`);
      }
      return [identity, scenario];
    }),
  );
}
