import type { Background } from '../background.ts';
import type { Act, Visitors } from '../load.ts';
import type { Root } from '../processes.ts';

/** Where load goes, and whose processor time and statements it costs. */
export interface Place {
  origin: string;
  readonly processes: readonly Root[];
  /** Its name in Postgres. */
  database: string;
  /** How many reads of the catalogue have passed the gateway so far. */
  readsBehind?(): Promise<number>;
}

/** One thing that visitors do, on both sides of the comparison. */
export interface Flow {
  name: string;
  yardstick: FlowSide;
  ours: FlowSide;
  /** When not as many as in other flows. */
  connections?: number;
  /** The gateway may answer it by itself. */
  mayBeKept?: boolean;
  /** What is wrong with what all of it left behind, ours; nothing when all is right. */
  audit?(): Promise<string[]>;
}

export interface FlowSide {
  place: Place;
  visitors: Visitors | Act;
  background?: Background;
}

export interface Places {
  yardstick: Place;
  ours: Place;
}

/** The same requests to both. */
export const both = ({ yardstick, ours }: Places, visitors: Visitors): Pick<Flow, 'yardstick' | 'ours'> => ({
  yardstick: { place: yardstick, visitors },
  ours: { place: ours, visitors },
});
