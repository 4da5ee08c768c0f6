import type { System } from '@forecourt/local';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Pool } from 'pg';
import type { History } from './history.ts';
import type { FaultKind } from './nemesis/kind.ts';
import type { Provider } from './provider.ts';
import type { HeardCharge, HeardPush } from './topics.ts';
import type { Yard } from './yard.ts';

/** What the shop sold when the run began. */
export interface SeededProduct {
  readonly id: string;
  readonly sku: string;
  /** Major units, at the start. */
  readonly price: number;
  /**
   * What `startStock` promises: only orders and cancellations touch a `counted` product's stock; operators count a
   * `recounted` one anew during the run; the others are always to be had.
   */
  readonly stock: 'counted' | 'recounted' | 'endless';
}

/** What a checker gets: the run is over, the system has had time to come to rest, and runs still. */
export interface Evidence {
  readonly history: History;
  readonly system: System;
  /** As administrator, past all proxies; a schema for each service. */
  readonly database: Pool;
  /** The harness's own connection, past all proxies. Streams carry `system.streamPrefix`. */
  readonly nats: NatsConnection;
  readonly products: readonly SeededProduct[];
  /** Who takes the money of replenishments. */
  readonly provider: Provider;
  /** What apps were told, as far as it was heard. */
  readonly pushes: readonly HeardPush[];
  /** How their charges went, as far as apps were told and it was heard. */
  readonly chargePushes: readonly HeardCharge[];
  /** The stations, with their own books. */
  readonly yard: Pick<Yard, 'bays'>;
  /** By product id, for `counted` products. */
  readonly startStock: ReadonlyMap<string, number>;
  /** An access token of the operator that is good now. */
  readonly operatorToken: string;
  /** Whether relays and consumers came to rest in time. */
  readonly drained: boolean;
}

export interface Verdict {
  /** How many things it looked at; a check that looked at nothing proves nothing. */
  readonly checked: number;
  /** The same by kind of thing. */
  readonly looked?: Readonly<Record<string, number>>;
  /** One readable sentence each, with ids. */
  readonly violations: readonly string[];
}

export interface Check {
  /** kebab-case. */
  readonly name: string;
  /** What must hold, in one sentence. */
  readonly what: string;
  run(evidence: Evidence): Promise<Verdict>;
}

/** Breaks one mechanism of the system, to show that the checks would notice. */
export interface Saboteur {
  /** kebab-case. */
  readonly name: string;
  readonly what: string;
  /** The check that must fail. */
  readonly caughtBy: string;
  /** For every process of the system; a `NODE_OPTIONS` is added to those that the harness sets itself. */
  env(): NodeJS.ProcessEnv;
  /** Once the system runs and before the load begins. */
  afterStart?(database: Pool): Promise<void>;
  /** Faults that bring the damage to light: they make up most of its run. */
  readonly prefer?: readonly FaultKind[];
}
