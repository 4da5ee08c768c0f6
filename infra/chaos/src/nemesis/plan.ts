import { type Random, seeded } from '../random.ts';
import type { FaultKind } from './kind.ts';

/** What can be broken, by name. */
export interface Targets {
  /** `gateway`, `orders`, `orders-2`, … */
  readonly services: readonly string[];
  /** Services with an outbox, and so with a relay. */
  readonly relays: readonly string[];
  /** Third parties of ours: processes that stand for them. */
  readonly providers: readonly string[];
  /** `orders-2 → nats`, … */
  readonly lines: readonly string[];
}

export interface PlannedFault {
  readonly kind: FaultKind;
  readonly target: string;
  /** Milliseconds after the faults begin. */
  readonly at: number;
  /** 0: it is done at once, like a kill. */
  readonly lastsMs: number;
  /** How bad: milliseconds of a delay, or of a clock's step; which way is cut, or which of two ways it goes wrong. */
  readonly degree: number;
}

export interface PlanOptions {
  readonly seed: number;
  readonly seconds: number;
  readonly targets: Targets;
  /** Two thirds of all faults are of these kinds. */
  readonly prefer?: readonly FaultKind[];
}

interface Manner {
  /** How many of a deck's cards. */
  readonly weight: number;
  targets(targets: Targets): readonly string[];
  lasts(random: Random): number;
  degree?(random: Random): number;
  /** A next one need not wait for it: it troubles one process alone, and quietly. */
  aside?: true;
}

const atOnce = () => 0;
/** From one second to eight, mostly short. */
const pause = (random: Random) => 1000 + 7000 * random.next() ** 3;
const shortPause = (random: Random) => 1000 + 3000 * random.next() ** 2;
const broker = () => ['nats'];
const database = () => ['postgres'];
/** The gateway half as often as the others: while it is away, nothing is seen of them. */
const services = ({ services: all }: Targets) => [...all, ...all.filter((name) => name !== 'gateway')];
const providers = (targets: Targets) => targets.providers;
const relays = (targets: Targets) => targets.relays;
const lines = (targets: Targets) => targets.lines;

const manners: Readonly<Record<FaultKind, Manner>> = {
  'service-kill': { weight: 7, targets: services, lasts: atOnce },
  'service-restart': { weight: 4, targets: services, lasts: atOnce },
  'service-pause': { weight: 3, targets: services, lasts: pause },
  'relay-kill': { weight: 2, targets: relays, lasts: atOnce },
  'relay-pause': { weight: 1, targets: relays, lasts: pause },
  'broker-kill': { weight: 3, targets: broker, lasts: atOnce },
  'broker-pause': { weight: 2, targets: broker, lasts: shortPause },
  'broker-loss': { weight: 2, targets: broker, lasts: atOnce },
  'broker-full': { weight: 1, targets: broker, lasts: (random) => random.between(1500, 3000) },
  'database-kill': { weight: 2, targets: database, lasts: atOnce },
  'database-pause': { weight: 1, targets: database, lasts: shortPause },
  'provider-kill': { weight: 2, targets: providers, lasts: atOnce },
  'provider-pause': { weight: 1, targets: providers, lasts: shortPause },
  'provider-slow': {
    weight: 1,
    targets: providers,
    lasts: (random) => random.between(1500, 4000),
    degree: (random) => Math.round(random.between(500, 8000)),
    aside: true,
  },
  'provider-error': { weight: 1, targets: providers, lasts: (random) => random.between(1500, 4000), aside: true },
  'provider-mute': {
    weight: 1,
    targets: providers,
    lasts: (random) => random.between(2000, 6000),
    degree: (random) => random.below(2),
    aside: true,
  },
  'link-delay': {
    weight: 5,
    targets: lines,
    lasts: (random) => random.between(500, 2000),
    degree: (random) => Math.round(50 * 40 ** random.next()),
  },
  'link-half-cut': {
    weight: 3,
    targets: lines,
    lasts: (random) => random.between(500, 2500),
    degree: (random) => random.below(2),
  },
  'link-cut': { weight: 3, targets: lines, lasts: (random) => random.between(500, 2500) },
  'link-reset': { weight: 4, targets: lines, lasts: atOnce },
  'link-refuse': { weight: 2, targets: lines, lasts: (random) => random.between(500, 1500) },
  'deliver-again': { weight: 3, targets: relays, lasts: atOnce, degree: (random) => 5 + random.below(40) },
  'deliver-reordered': { weight: 3, targets: relays, lasts: atOnce, degree: (random) => 5 + random.below(40) },
  'clock-step': {
    weight: 2,
    targets: services,
    lasts: (random) => random.between(3000, 9000),
    degree: (random) => (random.chance(0.5) ? 1 : -1) * Math.round(random.between(240_000, 300_000)),
    aside: true,
  },
};

const overlapping = 0.2;

/**
 * What goes wrong when: about one fault a second, each fifth beginning while the one before lasts. The same seed, length and
 * targets make the same plan.
 */
export function plan({ seed, seconds, targets, prefer = [] }: PlanOptions): PlannedFault[] {
  const random = seeded(seed);
  const deal = dealer(random, prefer);
  const busyUntil = new Map<string, number>();
  const planned: PlannedFault[] = [];
  const end = seconds * 1000;
  for (let at = random.between(200, 800); at < end; ) {
    const idle = (kind: FaultKind) =>
      manners[kind].targets(targets).filter((target) => (busyUntil.get(target) ?? 0) <= at);
    const kind = deal((each) => idle(each).length > 0);
    if (kind === undefined) {
      at += 100;
      continue;
    }
    const manner = manners[kind];
    const target = random.pick(idle(kind));
    const lastsMs = Math.round(Math.min(manner.lasts(random), end - at));
    planned.push({ kind, target, at: Math.round(at), lastsMs, degree: manner.degree?.(random) ?? 0 });
    busyUntil.set(target, at + lastsMs + settleMs);
    const isOver = manner.aside || !random.chance(overlapping);
    at += (isOver && !manner.aside ? lastsMs : 0) + random.between(50, 300);
  }
  return planned;
}

/** What was broken is left alone for so long, or a process would be killed that has not come back. */
const settleMs = 2500;

/** From decks in which each kind has its share, so that a short run knows them all; what cannot be done now comes later. */
function dealer(random: Random, prefer: readonly FaultKind[]) {
  const kinds = Object.keys(manners) as FaultKind[];
  const whole = kinds.flatMap((kind) => Array<FaultKind>(manners[kind].weight).fill(kind));
  let deck: FaultKind[] = [];
  return (isPossible: (kind: FaultKind) => boolean): FaultKind | undefined => {
    const preferred = prefer.filter(isPossible);
    if (preferred.length > 0 && random.chance(2 / 3)) return random.pick(preferred);
    if (deck.length === 0) deck = random.shuffled(whole);
    const index = deck.findIndex(isPossible);
    return index < 0 ? undefined : deck.splice(index, 1)[0];
  };
}
