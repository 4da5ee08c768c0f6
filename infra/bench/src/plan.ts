/** How much a run does. Everything is bounded in count and in time, so that a slow machine ends too. */
export interface Plan {
  name: 'quick' | 'full';
  products: number;
  connections: number;
  /** Each flow is measured in turns: yardstick, ours, yardstick, ours … */
  rounds: number;
  secondsPerTurn: number;
  maxRequestsPerTurn: number;
  customers: number;
  hopSamples: number;
  events: number;
}

export const quick: Plan = {
  name: 'quick',
  products: 10_000,
  connections: 16,
  rounds: 2,
  secondsPerTurn: 1,
  maxRequestsPerTurn: 20_000,
  customers: 16,
  hopSamples: 300,
  events: 60,
};

export const full: Plan = {
  name: 'full',
  products: 10_000,
  connections: 32,
  rounds: 5,
  secondsPerTurn: 5,
  maxRequestsPerTurn: 100_000,
  customers: 64,
  hopSamples: 3000,
  events: 500,
};
