import type { Operation } from '../history.ts';
import type { HeardCharge } from '../topics.ts';
import { defineCheck, type Tally } from './check.ts';
import { demandAnswers } from './purchase-answers.ts';
import { gatherPurchases } from './purchase-material.ts';
import { demandTold } from './purchase-news.ts';

/** A charge as its station wrote it down. */
export interface BookedCharge {
  readonly identity: string;
  /** Our number (1.6) or the station's own id; null: nobody has ever answered it. */
  readonly transactionId: string | null;
  readonly idToken: string;
  readonly energyWh: number;
  /** Between its beginning and the cable's end, as far as that has come. */
  readonly staySeconds: number;
  readonly isStopped: boolean;
}

/** A session as charging has it; amounts in minor units. */
export interface StoredSession {
  readonly id: string;
  readonly identity: string;
  readonly deviceId: string;
  readonly customerId: string | null;
  readonly state: string;
  readonly origin: string;
  readonly version: number;
  readonly transactionId: string | null;
  readonly idToken: string | null;
  readonly hasBegun: boolean;
  readonly energyWh: number;
  readonly price: number;
  readonly waitingPrice: number;
  readonly amount: number;
  readonly paid: number;
  readonly flag: string | null;
}

/** What charging asked payments for. */
export interface Portion {
  readonly sessionId: string;
  readonly n: number;
  readonly status: string;
  readonly captured: number;
}

/** What payments has under the key of a portion. */
export interface MovedPortion {
  readonly key: string;
  readonly owner: string | null;
  /** Of its hold; null: there is none. */
  readonly held: string | null;
  /** What left the wallet. */
  readonly taken: number;
}

export interface ToldSession {
  readonly sessionId: string;
  readonly event: 'started' | 'metered' | 'finished';
  readonly version: number;
  readonly state: string;
  readonly energyWh: number;
  readonly amount: number;
  /** Of an end. */
  readonly paid: number | null;
}

/** What identity knows, and has told the driver's apps of. */
export interface KnownCharge {
  readonly sessionId: string;
  readonly version: number;
  readonly toldState: string | null;
  readonly toldAmount: number | null;
}

export interface PurchaseMaterial {
  readonly booked: readonly BookedCharge[];
  /** What stations found wrong with what they were asked and answered. */
  readonly complaints: readonly string[];
  readonly sessions: readonly StoredSession[];
  readonly portions: readonly Portion[];
  readonly moved: readonly MovedPortion[];
  readonly told: readonly ToldSession[];
  readonly known: readonly KnownCharge[];
  /** By customer, of those with an app. */
  readonly topics: ReadonlyMap<string, string>;
  readonly pushes: readonly HeardCharge[];
  readonly devices: readonly { readonly identity: string; readonly state: string; readonly shown: string | null }[];
  readonly commands: readonly {
    readonly sessionId: string | null;
    readonly action: string;
    readonly outcome: string;
    readonly overdueSeconds: number;
  }[];
  readonly feedback: ReadonlySet<string>;
  /** How often the broker lost its disk, and with it what it had told already; and whether it was ever broken. */
  readonly losses: number;
  readonly isMissing: boolean;
  readonly asked: readonly Operation[];
}

export type PurchaseKind =
  | 'charges delivered'
  | 'sessions'
  | 'money of sessions'
  | 'portions'
  | 'sessions told of'
  | 'ends pushed'
  | 'answers to drivers'
  | 'commands'
  | 'devices'
  | 'complaints';

export const purchases = defineCheck<PurchaseMaterial, PurchaseKind>({
  name: 'purchases',
  what: 'What a station delivered is one purchase of who wished for it, for what its own book says, paid once and told; nothing stays held.',
  kinds: [
    ...(['charges delivered', 'sessions', 'money of sessions', 'portions', 'sessions told of'] as const),
    ...(['ends pushed', 'answers to drivers', 'commands', 'devices', 'complaints'] as const),
  ],
  optional: ['ends pushed', 'complaints'],
  // Who dies with a session in hand keeps it for a minute; what cannot be asked is asked again after up to five.
  patienceMs: 150_000,

  gather: gatherPurchases,

  judge(tally, material) {
    demandPurchases(tally, material);
    demandMoney(tally, material);
    demandTold(tally, material);
    demandAnswers(tally, material);
    demandCommands(tally, material);
    for (const { identity, state, shown } of material.devices) {
      const isFree = state === 'Idle' && shown === state;
      tally.demand(
        'devices',
        isFree,
        () => `nobody is at ${identity}; it is ${state}, and apps hear that it is ${shown}`,
      );
    }
    for (const complaint of material.complaints) tally.demand('complaints', false, () => complaint);
  },
});

/** Each charge is one session, each session that began is one charge, and it costs what flowed. */
function demandPurchases(tally: Tally<PurchaseKind>, { booked, sessions }: PurchaseMaterial): void {
  const begun = sessions.filter(({ hasBegun }) => hasBegun);
  const bySession = Map.groupBy(begun, ({ identity, transactionId }) => `${identity} ${transactionId}`);
  const byCharge = Map.groupBy(booked, ({ identity, transactionId }) => `${identity} ${transactionId}`);
  for (const charge of booked) {
    const name = `${charge.identity} ${charge.transactionId}`;
    const found = bySession.get(name) ?? [];
    const [session] = found;
    tally.demand(
      'charges delivered',
      found.length === 1 && charge.transactionId !== null,
      () => `charge ${name} of ${charge.energyWh} Wh is ${found.length} sessions`,
    );
    tally.demand('charges delivered', charge.isStopped, () => `charge ${name} was to end, and goes on`);
    if (!session) continue;
    const isTheirs = session.customerId !== null && session.idToken === charge.idToken.toUpperCase();
    tally.demand(
      'charges delivered',
      isTheirs,
      () =>
        `charge ${name} of ${charge.idToken} is session ${session.id} of ${session.idToken} (${session.customerId})`,
    );
    tally.demand(
      'charges delivered',
      session.energyWh === charge.energyWh,
      () => `charge ${name} of ${charge.energyWh} Wh is session ${session.id} of ${session.energyWh} Wh`,
    );
    const [least, most] = costOf(session, charge);
    tally.demand(
      'charges delivered',
      session.amount >= least && session.amount <= most,
      () => `session ${session.id} costs ${session.amount}, and may cost from ${least} to ${most}`,
    );
  }
  for (const session of sessions) {
    const { id, identity, state, transactionId, hasBegun, amount } = session;
    const isOver = state === 'finished' || state === 'failed';
    tally.demand('sessions', isOver, () => `session ${id} at ${identity} is ${state}`);
    const charges = byCharge.get(`${identity} ${transactionId}`) ?? [];
    const isReal = hasBegun ? charges.length === 1 : amount === 0;
    tally.demand(
      'sessions',
      isReal,
      () => `session ${id} at ${identity} (${transactionId}, ${state}, ${amount}) is ${charges.length} charges`,
    );
  }
}

/** The cable's minutes are the station's to tell: between none, and all of them with those that begin and end it. */
function costOf({ price, waitingPrice }: StoredSession, { energyWh, staySeconds }: BookedCharge): [number, number] {
  const minutes = Math.ceil(staySeconds / 60) + 1;
  const rounded = (thousandths: number) => Math.floor((thousandths + 500) / 1_000);
  return [rounded(energyWh * price), rounded(energyWh * price + minutes * waitingPrice * 1_000)];
}

/** What payments did is what charging knows of, and comes to what the session costs. */
function demandMoney(tally: Tally<PurchaseKind>, { sessions, portions, moved }: PurchaseMaterial): void {
  const keyOf = ({ sessionId, n }: Portion) => `session:${sessionId}:${n}`;
  const asked = new Map(portions.map((portion) => [keyOf(portion), portion]));
  const movedUnder = new Map(moved.map((one) => [one.key, one]));
  const byId = new Map(sessions.map((session) => [session.id, session]));
  const takenOf = Map.groupBy(moved, ({ key }) => key.split(':')[1] ?? '');

  for (const { id, amount, paid, flag, customerId } of sessions) {
    const taken = (takenOf.get(id) ?? []).reduce((sum, one) => sum + one.taken, 0);
    tally.demand('money of sessions', taken === paid, () => `session ${id} is paid ${paid}; ${taken} left the wallet`);
    const isPaid = paid === amount || (paid < amount && (flag === 'unpaid' || customerId === null));
    tally.demand(
      'money of sessions',
      isPaid,
      () => `session ${id} costs ${amount}, is paid ${paid}, and flagged ${flag}`,
    );
  }
  for (const portion of portions) {
    const key = keyOf(portion);
    const { status, captured } = portion;
    const isEnded = status === 'captured' || status === 'released' || status === 'refused';
    tally.demand('portions', isEnded, () => `what was asked for under ${key} is still ${status}`);
    const taken = movedUnder.get(key)?.taken ?? 0;
    tally.demand('portions', captured === taken, () => `of ${key} ${captured} is captured; ${taken} left the wallet`);
  }
  for (const { key, owner, held } of moved) {
    const portion = asked.get(key);
    const isTheirs = portion !== undefined && (owner === null || byId.get(portion.sessionId)?.customerId === owner);
    tally.demand('portions', isTheirs, () => `${key} moves money of ${owner}, and nobody asked for that`);
    tally.demand('portions', held !== 'placed', () => `the hold ${key} of ${owner} is held for ever`);
  }
}

/** Each has an outcome, and no car is started twice for one wish. */
function demandCommands(tally: Tally<PurchaseKind>, { commands }: PurchaseMaterial): void {
  for (const { sessionId, action, outcome, overdueSeconds } of commands) {
    const isKnown = outcome !== 'pending' || overdueSeconds < mostOverdueSeconds;
    tally.demand('commands', isKnown, () => `nobody knows what came of ${action} for session ${sessionId}`);
  }
  const starts = commands.filter(({ action, sessionId }) => action === 'remoteStart' && sessionId !== null);
  for (const [sessionId, { length: times }] of Map.groupBy(starts, (command) => command.sessionId)) {
    tally.demand('commands', times === 1, () => `a car was started ${times} times for session ${sessionId}`);
  }
}

const mostOverdueSeconds = 90;
