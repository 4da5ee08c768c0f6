import type { Random } from '../random.ts';

/** A moment in the life of a session: a row that says so is written, and not yet committed. */
export interface CrashPoint {
  readonly name: string;
  readonly table: string;
  readonly on: 'INSERT' | 'UPDATE';
  /** PL/pgSQL about NEW and OLD; of a session at one device only, which `isAbout` says. */
  readonly when: string;
  readonly about: 'device' | 'session' | 'hold' | 'station';
  /** What the driver does: charges, or never plugs in. */
  readonly plot: Plot;
}

export type Plot = 'charges' | 'stays away';
export type Victim = (typeof victims)[number];

/** Whom a kill -9 hits: each process of a service, or the server. */
export const victims = ['charging', 'payments', 'nats', 'postgres'] as const;

const session = (name: string, when: string, on: CrashPoint['on'] = 'UPDATE'): CrashPoint => ({
  ...({ name, on, when, table: 'charging.session', about: 'device', plot: 'charges' } as const),
});
/** Rows are written as INSERT … ON CONFLICT. */
const portion = (name: string, when: string, plot: Plot = 'charges'): CrashPoint => ({
  ...({ name, when, plot, table: 'charging.session_hold', on: 'INSERT', about: 'session' } as const),
});
const command = (name: string, on: CrashPoint['on'], when: string): CrashPoint => ({
  ...({ name, on, when, table: 'charging.command', about: 'session', plot: 'charges' } as const),
});
const hold = (name: string, on: CrashPoint['on'], when: string, plot: Plot = 'charges'): CrashPoint => ({
  ...({ name, on, when, plot, table: 'payments.hold', about: 'hold' } as const),
});

/** In the order in which a session comes by; before each of them the step before it is done and committed. */
export const crashPoints: readonly CrashPoint[] = [
  session('requested', 'true', 'INSERT'),
  portion('hold wanted', "NEW.n = 1 AND NEW.status = 'asked' AND NEW.take IS NULL"),
  hold('hold placed', 'INSERT', "NEW.status = 'placed'"),
  portion('hold noted', "NEW.n = 1 AND NEW.status = 'placed' AND NEW.take IS NULL"),
  session('start wanted', 'NEW.start_asked_at IS NOT NULL AND OLD.start_asked_at IS NULL'),
  command('start sent', 'INSERT', "NEW.action = 'remoteStart'"),
  command('start answered', 'UPDATE', "NEW.action = 'remoteStart' AND NEW.outcome = 'accepted'"),
  session('start noted', "NEW.state = 'starting' AND OLD.state = 'held'"),
  session('begun', "NEW.state = 'charging' AND OLD.started_at IS NULL"),
  {
    ...({ name: 'begin answered', table: 'charging.handled_call', on: 'INSERT', about: 'station' } as const),
    ...({ when: 'true', plot: 'charges' } as const),
  },
  session('metered', "NEW.state = 'charging' AND NEW.meter_wh > OLD.meter_wh"),
  portion('more held', "NEW.n = 2 AND NEW.status = 'placed' AND NEW.take IS NULL"),
  session('stop wanted', 'NEW.stop_asked_at IS NOT NULL AND OLD.stop_asked_at IS NULL AND OLD.started_at IS NOT NULL'),
  command('stop sent', 'INSERT', "NEW.action = 'remoteStop'"),
  command('stop answered', 'UPDATE', "NEW.action = 'remoteStop' AND NEW.outcome = 'accepted'"),
  session('ended', 'NEW.stopped_at IS NOT NULL AND OLD.stopped_at IS NULL'),
  session('finished', "NEW.state = 'finished' AND OLD.state <> 'finished'"),
  hold('captured', 'UPDATE', "NEW.status = 'captured'"),
  portion('capture noted', "NEW.status = 'captured'"),
  hold('released', 'UPDATE', "NEW.status = 'released'", 'stays away'),
  portion('release noted', "NEW.status = 'released'", 'stays away'),
];

export interface Crash {
  readonly point: CrashPoint;
  readonly victim: Victim;
  readonly version: '1.6' | '2.0.1';
}

const versions = ['1.6', '2.0.1'] as const;

/** Every point with every victim, at stations of both versions. */
export const everyCrash: readonly Crash[] = victims.flatMap((victim) =>
  versions.flatMap((version) => crashPoints.map((point) => ({ point, victim, version }))),
);

/** So many for each victim that follow one another, and so are hit by a kill or two; others with another seed. */
export const someCrashes = (random: Random, ofEach: number): Crash[] =>
  victims.flatMap((victim) => {
    const version = random.pick(versions);
    const own = everyCrash.filter((crash) => crash.victim === victim && crash.version === version);
    const from = random.below(own.length);
    return own.filter((_, at) => (at - from + own.length) % own.length < ofEach);
  });
