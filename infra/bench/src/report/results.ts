import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Comparison } from '../compare.ts';
import type { Conditions } from '../machine.ts';
import type { BacklogRates } from '../singles/backlog.ts';
import type { EventLatency } from '../singles/events.ts';
import type { Hop } from '../singles/hop.ts';
import type { Importing } from '../singles/import.ts';
import type { FloodResult } from '../singles/login-flood.ts';
import type { MapLook } from '../singles/map.ts';
import type { Replenishing } from '../singles/replenish.ts';
import type { SlowlorisResult } from '../singles/slowloris.ts';
import type { StartLatency } from '../singles/start-to-frame.ts';
import type { StationsResult } from '../singles/stations.ts';

/** Figures that are no flow. Each is there when it was asked for. */
export interface Singles {
  start?: { coldSeconds: number; warmSeconds: number };
  memoryMb?: number;
  hop?: Hop;
  events?: EventLatency;
  backlog?: BacklogRates;
  flood?: FloodResult;
  slowloris?: SlowlorisResult;
  replenish?: Replenishing;
  stations?: StationsResult;
  remoteStart?: StartLatency;
  map?: MapLook[];
  import?: Importing;
}

export interface RunResult {
  conditions: Conditions;
  shop: { products: number; customers: number; orders: number; importSeconds: number; convergedSeconds: number };
  connections: number;
  comparisons: Comparison[];
  singles: Singles;
}

/** The same reads in a shop of another size, or over more connections. */
export interface GrowthPoint {
  products: number;
  connections: number;
  comparisons: Comparison[];
}

export interface GrowthResult {
  conditions: Conditions;
  points: GrowthPoint[];
}

export interface ScalePoint {
  processes: number;
  comparisons: Comparison[];
}

export interface ScaleResult {
  conditions: Conditions;
  connections: number;
  points: ScalePoint[];
}

interface Results {
  full: RunResult;
  quick: RunResult;
  only: RunResult;
  growth: GrowthResult;
  scale: ScaleResult;
}

const fileOf = (name: keyof Results) =>
  fileURLToPath(new URL(`../../../../.local/bench/${name}.json`, import.meta.url));

/** Gives where it is kept. */
export function save<Name extends keyof Results>(name: Name, result: Results[Name]): string {
  const file = fileOf(name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
  return `.local/bench/${name}.json`;
}

export function load<Name extends keyof Results>(name: Name): Results[Name] | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(name), 'utf8')) as Results[Name];
  } catch {
    return undefined;
  }
}
