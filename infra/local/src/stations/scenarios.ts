import type { Switches } from './switches.ts';

const minuteMs = 60_000;

/** What goes well, and what goes wrong on real forecourts; each a setting of the switches. */
export const scenarios = {
  normal: {},
  'plugs-in-late': { plugInAfterMs: 5_000 },
  'never-plugs-in': { plugInAfterMs: null, connectionTimeOutMs: 10_000 },
  full: { batteryWh: 500 },
  suspended: {
    incidents: [
      { afterMs: 5_000, what: 'suspendEV' },
      { afterMs: 10_000, what: 'resume' },
      { afterMs: 15_000, what: 'suspendEVSE' },
      { afterMs: 20_000, what: 'resume' },
    ],
  },
  faulted: {
    incidents: [
      { afterMs: 5_000, what: 'fault' },
      { afterMs: 15_000, what: 'recover' },
    ],
  },
  /** Charges on without a line, and tells of it afterwards. */
  offline: {
    incidents: [
      { afterMs: 3_000, what: 'goOffline' },
      { afterMs: 10_000, what: 'goOnline' },
    ],
  },
  /** The whole rest of the charge is told after the fact. */
  'offline-to-the-end': {
    incidents: [
      { afterMs: 3_000, what: 'goOffline' },
      { afterMs: 6_000, what: 'unplug' },
      { afterMs: 10_000, what: 'goOnline' },
    ],
  },
  'loses-power': { incidents: [{ afterMs: 5_000, what: 'powerLoss' }] },
  'clock-wrong': { clockAheadMs: 90 * minuteMs },
  /** Its clock began anew with its last power failure, in the beginning of time. */
  'clock-in-1970': { clockAheadMs: -Date.UTC(2026, 0, 1), milliseconds: false },
  'seqno-stuck': { seqNoStuck: true, offlineFlag: false },
  'wrong-unit': { unit: 'unsaid' },
  'in-kwh': { unit: 'kWh', measurand: false, phases: 'both' },
  repeats: { repeats: true },
  'counts-messages': { countedIds: true, repeatedIds: 'same', incidents: [{ afterMs: 5_000, what: 'powerLoss' }] },
  'start-lost': { losesStart: true },
  'newest-first': {
    newestFirst: true,
    incidents: [
      { afterMs: 3_000, what: 'goOffline' },
      { afterMs: 6_000, what: 'unplug' },
      { afterMs: 10_000, what: 'goOnline' },
    ],
  },
  refuses: { remoteStart: 'refuse' },
  silent: { silent: true },
  'rolls-over': { rollsOverAtWh: 1_000_300 },
  'meter-reset': { incidents: [{ afterMs: 5_000, what: 'resetMeter' }] },
} as const satisfies Record<string, SwitchesInput>;

type SwitchesInput = { readonly [K in keyof Switches]?: Switches[K] | Readonly<Switches[K]> };
export type Scenario = keyof typeof scenarios;

export const isScenario = (word: string): word is Scenario => Object.hasOwn(scenarios, word);

/** What a scenario changes of a station; a copy, to be changed further. */
export const switchesOf = (scenario: Scenario): Partial<Switches> =>
  structuredClone(scenarios[scenario]) as Partial<Switches>;
