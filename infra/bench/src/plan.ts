import type { Stationing } from './singles/stations.ts';

/** How much a run does. Everything is bounded in count and in time, so that a slow machine ends too. */
export interface Plan {
  name: 'quick' | 'full';
  products: number;
  customers: number;
  /** Accounts that sign in for the flows of signed-in customers. */
  accounts: number;
  connections: number;
  /** Each flow is measured in turns: yardstick, ours, ours, yardstick, yardstick … */
  rounds: number;
  secondsPerTurn: number;
  warmUpSeconds: number;
  /** Of the turn in which statements are counted, and which gives no other figure. */
  countedSeconds: number;
  maxRequestsPerTurn: number;
  hopSamples: number;
  events: number;
  relayEvents: number;
  replenishments: number;
  attack: { rounds: number; seconds: number; clients: number; readsPerSecond: number };
  flood: { rounds: number; quietSeconds: number; logins: number; readsPerSecond: number };
  stations: Stationing;
  /** Of drivers who start a device, one after the other. */
  starts: number;
}

export const quick: Plan = {
  name: 'quick',
  products: 10_000,
  customers: 20_000,
  accounts: 32,
  connections: 16,
  rounds: 2,
  secondsPerTurn: 0.6,
  warmUpSeconds: 0.4,
  countedSeconds: 0.8,
  maxRequestsPerTurn: 20_000,
  hopSamples: 300,
  events: 60,
  relayEvents: 3000,
  replenishments: 60,
  attack: { rounds: 1, seconds: 5, clients: 1000, readsPerSecond: 100 },
  flood: { rounds: 1, quietSeconds: 3, logins: 200, readsPerSecond: 100 },
  stations: {
    stations: 2000,
    slice: 500,
    heldSeconds: 2,
    charging: 500,
    valuesPerSecond: 2000,
    warmUpSeconds: 1,
    metersSeconds: 4,
  },
  starts: 24,
};

export const full: Plan = {
  name: 'full',
  products: 10_000,
  customers: 20_000,
  accounts: 200,
  connections: 32,
  rounds: 5,
  secondsPerTurn: 2,
  warmUpSeconds: 1.5,
  countedSeconds: 1.5,
  maxRequestsPerTurn: 100_000,
  hopSamples: 3000,
  events: 500,
  relayEvents: 10_000,
  replenishments: 400,
  attack: { rounds: 3, seconds: 8, clients: 1000, readsPerSecond: 100 },
  flood: { rounds: 3, quietSeconds: 5, logins: 200, readsPerSecond: 100 },
  stations: {
    stations: 10_000,
    slice: 1000,
    heldSeconds: 10,
    charging: 2000,
    valuesPerSecond: 2000,
    warmUpSeconds: 3,
    metersSeconds: 15,
  },
  starts: 200,
};
