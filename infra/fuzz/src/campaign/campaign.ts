import { setTimeout as sleep } from 'node:timers/promises';
import type { Operation } from '../api/document.ts';
import { attackRaw } from '../raw/attack.ts';
import { Database } from '../system/database.ts';
import { type Growth, grewTooMuch, MemoryWatch } from '../system/processes.ts';
import type { Target } from '../system/target.ts';
import type { Coverage } from './coverage.ts';
import { Examiner } from './examiner.ts';
import { type Finding, type Findings, plainFinding } from './finding.ts';
import { type Item, Repertoire, shuffled } from './plan.ts';
import { run } from './run.ts';
import { type Stage, setStage } from './stage.ts';
import { type UnchangedResult, unchangedBy } from './unchanged.ts';

export interface CampaignOptions {
  readonly seed: number;
  readonly milliseconds: number;
  /** Requests that are under way at once, each on a connection of its own. */
  readonly workers?: number;
  /** Calls whose name matches; all unless said. */
  readonly only?: RegExp;
  readonly say?: (step: string, text: string) => void;
}

export interface Result {
  readonly seed: number;
  readonly seconds: number;
  readonly coverage: Coverage;
  readonly findings: readonly Finding[];
  readonly memory: readonly Growth[];
  /** By shape, how many connections. */
  readonly raw: ReadonlyMap<string, number>;
  readonly unchanged: UnchangedResult;
  /** Of all single breakages, how many there was time for. */
  readonly singles: { readonly done: number; readonly all: number };
}

/** Where in the time each part ends; what comes after has what is left. Raw sockets are attacked beside the first. */
const shares = { singles: 0.65, raw: 0.5, unchanged: 0.1 };
/** However slow the machine is: so many single breakages, and each call as its document has it. */
const leastSingles = 1_500;
const enough = ({ all }: Findings): boolean => all.length >= 60;

/** Fuzzes a running system until the time is over, and says what was found. */
export async function campaign(target: Target, options: CampaignOptions): Promise<Result> {
  const { seed, milliseconds, workers = 16, only, say = () => {} } = options;
  const stage = await setStage(target, only);
  const { coverage, findings, refused } = stage;
  const database = new Database(target.databaseUrl);
  await database.open();
  const owners = await ownersOf(target, stage.operations);
  const repertoires = stage.operations.map((operation) => new Repertoire(operation, seed));
  const singles = shuffled(
    repertoires.flatMap((repertoire) => repertoire.singles(0)),
    seed,
  );
  const memory = new MemoryWatch();
  const pids = pidsOf(target);
  say('ready', `${stage.operations.length} documented calls, ${singles.length} breakages`);

  const started = performance.now();
  const upkeep = { stage, sample: () => memory.sample(target.processes()) };
  const work = (items: readonly Item[], deadline: number, origins?: ReadonlyMap<string, string>) =>
    inParallel(workers, items, deadline, () => new Examiners(stage, target.gateway, origins), upkeep);
  try {
    await work(
      repertoires.map((repertoire) => repertoire.valid(0, 12)),
      Number.POSITIVE_INFINITY,
    );
    say('valid', `${coverage.total} requests`);
    const began = performance.now();
    const until = (share: number) => began + milliseconds * share;
    const attack = attackRaw(target, stage.operations, { findings, deadline: until(shares.raw) });
    let done = await work(singles.slice(0, leastSingles), Number.POSITIVE_INFINITY);
    done += await work(singles.slice(done), until(shares.singles));
    say('one broken', `${coverage.total} requests, ${done} of ${singles.length} breakages`);
    const raw = await attack;
    say('raw', `${[...raw.values()].reduce((sum, count) => sum + count, 0)} connections in ${raw.size} shapes`);

    const unchanged = await unchangedBy(target, database, shuffled(refused, seed), milliseconds * shares.unchanged);
    for (const finding of unchanged.findings) findings.add(finding);
    say('unchanged', `${unchanged.requests} refused requests sent again, ${unchanged.batches} comparisons`);

    for (let round = 0; performance.now() < until(1) && !enough(findings); round += 1) {
      const pairs = shuffled(
        repertoires.map((repertoire) => repertoire.pairs(round, 12)),
        seed + round,
      );
      await work(pairs, until(1), round % 3 === 2 ? owners : undefined);
      await work(
        repertoires.map((repertoire) => repertoire.valid(round + 1, 2)),
        until(1),
      );
      done += await work(singles.slice(done), until(1));
    }
    say('pairs', `${coverage.total} requests`);
    for (let tries = 0; tries < 8 && coverage.neverSucceeded().length > 0 && !enough(findings); tries += 1) {
      const missing = new Set(coverage.neverSucceeded());
      await stage.world.tend();
      const again = repertoires.filter(({ operation }) => missing.has(operation.name));
      await work(
        again.map((repertoire) => repertoire.valid(1000 + tries, 30)),
        Number.POSITIVE_INFINITY,
      );
    }
    for (const route of coverage.neverSucceeded()) {
      findings.add(plainFinding(route, 'no request that its document allows was ever answered with success'));
    }
    for (const finding of await afterwards(target, database, pids, memory)) findings.add(finding);
    return {
      seed,
      seconds: (performance.now() - started) / 1000,
      coverage,
      findings: findings.all,
      memory: memory.growths,
      raw,
      unchanged,
      singles: { done, all: singles.length },
    };
  } finally {
    stage.close();
    await database.close();
  }
}

/** One for each origin: the gateway's, or that of the service that owns the call. */
class Examiners {
  readonly #byOrigin = new Map<string, Examiner>();
  readonly #stage: Stage;
  readonly #gateway: string;
  readonly #owners: ReadonlyMap<string, string> | undefined;

  constructor(stage: Stage, gateway: string, owners: ReadonlyMap<string, string> | undefined) {
    this.#stage = stage;
    this.#gateway = gateway;
    this.#owners = owners;
  }

  for({ name }: Operation): Examiner {
    const origin = this.#owners?.get(name) ?? this.#gateway;
    const examiner = this.#byOrigin.get(origin) ?? new Examiner(this.#stage, origin, origin === this.#gateway);
    this.#byOrigin.set(origin, examiner);
    return examiner;
  }

  close(): void {
    for (const examiner of this.#byOrigin.values()) examiner.close();
  }
}

interface Upkeep {
  readonly stage: Stage;
  sample(): void;
}

const tendEveryMs = 8000;

/** Gives how many items were done before the deadline. */
async function inParallel(
  workers: number,
  items: readonly Item[],
  deadline: number,
  makeExaminers: () => Examiners,
  { stage: { world, gate, findings }, sample }: Upkeep,
): Promise<number> {
  let next = 0;
  const worker = async () => {
    const examiners = makeExaminers();
    while (next < items.length && performance.now() < deadline && !enough(findings)) {
      const item = items[next] as Item;
      next += 1;
      await run(item, examiners.for(item.operation), findings);
    }
    examiners.close();
  };
  let working = true;
  const tending = (async () => {
    for (let last = performance.now(); working; ) {
      await sleep(250);
      sample();
      const waited = performance.now() - last;
      if (!working || !(waited > tendEveryMs || (world.needsTending && waited > 1000))) continue;
      await gate.among(() => world.tend());
      last = performance.now();
    }
  })();
  try {
    await Promise.all(Array.from({ length: workers }, worker));
  } finally {
    working = false;
    await tending;
  }
  return next;
}

const pidsOf = (target: Target) => new Map(target.processes().map(({ name, pid }) => [name, pid]));

async function afterwards(
  target: Target,
  database: Database,
  pids: ReadonlyMap<string, number | undefined>,
  memory: MemoryWatch,
) {
  const found: Finding[] = [];
  await target
    .ready()
    .catch((error: Error) => found.push(plainFinding('the system', `is not ready after it: ${error.message}`)));
  for (const { name, pid } of target.processes()) {
    if (pid !== pids.get(name)) found.push(plainFinding(name, 'ended, and was started again'));
  }
  await database
    .settled()
    .catch((error: Error) => found.push(plainFinding('the database', `does not come to rest: ${error.message}`)));
  for (const what of await database.broken()) found.push(plainFinding('the database', what));
  for (const growth of memory.growths.filter(grewTooMuch)) {
    found.push(plainFinding(growth.name, `grew from ${growth.fromMb.toFixed(0)} to ${growth.toMb.toFixed(0)} MB`));
  }
  return found;
}

/** By name of the call, the origin of the service that answers it: each service says what is behind its own doors. */
async function ownersOf({ services }: Target, operations: readonly Operation[]): Promise<ReadonlyMap<string, string>> {
  const owners = new Map<string, string>();
  for (const dialect of new Set(operations.map((operation) => operation.dialect))) {
    for (const origin of services.values()) {
      const response = await fetch(`${origin}/internal/openapi/${dialect}.json`);
      if (!response.ok) continue;
      const { paths } = (await response.json()) as { paths: Record<string, object> };
      for (const { name, path } of operations) if (paths[path]) owners.set(name, origin);
    }
  }
  return owners;
}
