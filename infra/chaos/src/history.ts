import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { FaultKind } from './nemesis/kind.ts';

export type OperationKind =
  | 'register'
  | 'login'
  | 'refresh'
  | 'whoami'
  | 'logout'
  | 'browse'
  | 'search'
  | 'read-product'
  | 'place'
  | 'list-orders'
  | 'read-order'
  | 'move'
  | 'set-stock'
  | 'change-product'
  | 'request-code'
  | 'enter-code'
  | 'replenish'
  | 'check-replenishment'
  | 'pay'
  | 'charge'
  | 'refund'
  | 'hold'
  | 'capture'
  | 'release'
  | 'find-devices'
  | 'start-charge'
  | 'finish-charge'
  | 'give-feedback'
  | 'order-package'
  | 'confirm-order';

/**
 * `ok`: answered 2xx. `fail`: refused in a way that says that nothing happened (4xx). `unknown`: time-out, reset or any
 * 5xx: it may have happened, may happen yet, or never.
 */
export type Outcome = 'ok' | 'fail' | 'unknown';

/** All times are milliseconds since the history began. */
export interface Operation {
  readonly id: number;
  readonly kind: OperationKind;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly outcome: Outcome;
  /** Null: no answer at all; `error` says why. */
  readonly status: number | null;
  readonly error?: string;
  /** The error code of the answer's body, when it has one. */
  readonly code?: string;
  /** What it was about, as far as it was known before the answer. */
  readonly about: About;
  /** The body that was sent. */
  readonly request?: unknown;
  /** The body of the answer to the letter; kept where a check reads it, or the one who asked goes on with it. */
  readonly reply?: string;
  /** `idempotent-replayed: true` was in the answer. */
  readonly replayed?: boolean;
  /** `retry-after` was in it: where a dialect has one status for all that is our fault, it tells what passes. */
  readonly comeAgain?: boolean;
}

export interface About {
  readonly customerId?: string;
  /** `sid` of the access token that was sent; for `register` and `login`, of the one that came back. */
  readonly session?: string;
  /** For `refresh`: the token that was sent. */
  readonly refreshToken?: string;
  /** For `place`: the intention. Keys belong to `scope`: a customer, or a guest's phone and browser. */
  readonly idempotencyKey?: string;
  readonly scope?: string;
  /** For `read-order` and `move`. */
  readonly orderId?: string;
  /** For `move`: the status asked for. */
  readonly to?: string;
  /** For `read-product`, `set-stock` and `change-product`. */
  readonly productId?: string;
  /** For `set-stock`. */
  readonly quantity?: number;
  /** For `change-product`, major units. */
  readonly price?: number;
  /** For what moves money: the word for one intention; `capture` and `release` have that of their hold. */
  readonly key?: string;
  /** Minor units. */
  readonly amount?: number;
  /** For `refund`: the key of what it gives back. */
  readonly of?: string;
  /** For `start-charge` and `finish-charge`. */
  readonly deviceId?: string;
  /** For `give-feedback`, and what `finish-charge` was told. */
  readonly purchaseId?: string;
  /** For what is about a replenishment. */
  readonly invoiceId?: string;
  /** For `order-package` and `confirm-order`: the code's request. */
  readonly verification?: string;
}

export interface Fault {
  readonly id: number;
  readonly kind: FaultKind;
  /** `orders-2`, `nats`, `postgres`, `orders → nats`, … */
  readonly target: string;
  readonly from: number;
  /** When the nemesis took it back; undefined while it lasts. */
  readonly to?: number;
  /** First success, after its end, of an operation that depends on the target; undefined when there was none. */
  readonly recoveredAt?: number;
  readonly detail: string;
  /** It could not be done, and why; then nothing was broken. */
  readonly impossible?: string;
}

/** A look at the database in the midst of everything. */
export interface Sample {
  readonly at: number;
  /** By product id, of the products that are counted; one snapshot. */
  readonly stock: Readonly<Record<string, number | null>>;
  readonly money: MoneySample;
}

/** The ledger as one snapshot: what must hold of it at every moment. */
export interface MoneySample {
  readonly transfers: number;
  /** Minor units, of all accounts and of all postings: both are always zero. */
  readonly posted: string;
  readonly postings: string;
  /** Accounts whose columns are not what their postings and holds say. */
  readonly askew: number;
  /** Wallets with less than nothing in them, or less than what is held. */
  readonly overdrawn: number;
}

export interface History {
  /** The wall clock when it began, ISO 8601. */
  readonly began: string;
  /** Those that have ended, in the order in which they ended. */
  readonly operations: readonly Operation[];
  readonly faults: readonly Fault[];
  readonly samples: readonly Sample[];
  /** Until then somebody of every kind came all the time; undefined: they come still, or never did. */
  readonly loadOverAt?: number | undefined;
}

export type Begun = Pick<Operation, 'kind' | 'about' | 'request'>;
export type Ended = Pick<Operation, 'outcome' | 'status' | 'error' | 'code' | 'reply' | 'replayed' | 'comeAgain'> & {
  /** What only the answer told. */
  about?: About;
};

/** Keeps the history in memory for the checks, and in a file for people: a line for each thing as it happens. */
export interface Recorder extends History {
  /** Milliseconds since it began. */
  now(): number;
  /** Writes `invoke`; what it gives back writes `ok`, `fail` or `unknown`. */
  invoke(begun: Begun): (ended: Ended) => Operation;
  broke(fault: Pick<Fault, 'kind' | 'target' | 'detail' | 'impossible'>): Fault;
  mended(fault: Fault): void;
  recovered(fault: Fault, at: number): void;
  sample(seen: Omit<Sample, 'at'>): void;
  loadIsOver(): void;
  close(): Promise<void>;
}

export function record(file?: string): Recorder {
  const out: WriteStream | undefined = file === undefined ? undefined : createWriteStream(file);
  const zero = performance.now();
  const began = new Date().toISOString();
  const operations: Operation[] = [];
  const faults: Fault[] = [];
  const samples: Sample[] = [];
  let last = 0;
  let loadOverAt: number | undefined;
  const now = () => Math.round((performance.now() - zero) * 10) / 10;
  const write = (line: object) => out?.write(`${JSON.stringify(line)}\n`);
  const change = (fault: Fault, changes: Partial<Fault>) => {
    const index = fault.id - 1;
    const changed = { ...(faults[index] ?? fault), ...changes };
    faults[index] = changed;
    return changed;
  };
  write({ type: 'began', at: began });

  return {
    began,
    operations,
    faults,
    samples,
    now,
    get loadOverAt() {
      return loadOverAt;
    },
    loadIsOver() {
      loadOverAt = now();
    },
    invoke(begun) {
      const id = ++last;
      const startedAt = now();
      write({ type: 'invoke', id, t: startedAt, ...begun });
      return ({ about, ...ended }) => {
        const { outcome, ...rest } = ended;
        const operation = { id, startedAt, endedAt: now(), ...begun, ...ended, about: { ...begun.about, ...about } };
        operations.push(operation);
        write({ type: outcome, id, t: operation.endedAt, kind: begun.kind, ...rest, ...(about && { about }) });
        return operation;
      };
    },
    broke(facts) {
      const fault = { id: faults.length + 1, from: now(), ...facts };
      faults.push(fault);
      const { from, ...rest } = fault;
      write({ type: 'fault', t: from, ...rest });
      return fault;
    },
    mended(fault) {
      const { to } = change(fault, { to: now() });
      write({ type: 'mended', t: to, id: fault.id });
    },
    recovered(fault, at) {
      change(fault, { recoveredAt: at });
      write({ type: 'recovered', t: at, id: fault.id });
    },
    sample(seen) {
      const taken = { at: now(), ...seen };
      samples.push(taken);
      write({ type: 'sample', t: taken.at, ...seen });
    },
    async close() {
      if (!out) return;
      out.end();
      await finished(out);
    },
  };
}
