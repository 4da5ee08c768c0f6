import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checks } from './check/index.ts';
import { moneySample } from './check/ledger.ts';
import type { Crash } from './crash/points.ts';
import { crashThrough } from './crash/round.ts';
import { crashPointsReached, staysUp } from './crashes.ts';
import { releaseLeftover } from './disk.ts';
import { drain } from './drain.ts';
import type { Check, Evidence, Saboteur } from './evidence.ts';
import { type History, type MoneySample, type Recorder, record, type Sample } from './history.ts';
import { gatherCrowd, loadSystem } from './load/load.ts';
import { openShop, type Shop } from './load/shop.ts';
import { patientlySignIn } from './load/sign-in.ts';
import { comesToRest, measureFaults, recoveryOf } from './measure.ts';
import { unleash } from './nemesis/nemesis.ts';
import { plan } from './nemesis/plan.ts';
import { renderReport } from './report/page.ts';
import type { CheckResult, RunResult } from './result.ts';
import { rights } from './rights.ts';
import { saboteurs } from './sabotage/index.ts';
import { emptied, type Stage, setStage } from './stage.ts';
import { openYard, variety, type Yard } from './yard.ts';

export interface RunOptions {
  /** Of load; the faults end a little earlier, and the start and the checks come on top. */
  readonly seconds: number;
  readonly seed: number;
  /** Arrivals a second. */
  readonly rate?: number;
  /** Points in the life of a session at which somebody dies, once the faults are over. */
  readonly crashes?: readonly Crash[];
  /** Name of a saboteur. */
  readonly sabotage?: string;
  /** The system, the history and the report are made here; the report stays. */
  readonly directory: string;
  readonly say?: (text: string) => void;
}

const defaultRate = 40;
/** The last seconds belong to the system: it must find its feet under load. */
const calmSeconds = (seconds: number) => Math.min(15, Math.max(5, seconds * 0.1));
const sampleEveryMs = 500;
const worthSayingSec = 5;
/** A station that was told late is left alone for a minute; one that could not be asked is asked again after minutes. */
const stationsRestMs = 150_000;

interface Premises {
  readonly shop: Shop;
  readonly yard: Yard;
}

/** One run from an empty machine to a verdict; nothing is left running. */
export async function runChaos(options: RunOptions): Promise<RunResult> {
  const { seconds, seed, rate = defaultRate, directory, say = () => {} } = options;
  const saboteur = options.sabotage === undefined ? undefined : saboteurNamed(options.sabotage);
  await mkdir(directory, { recursive: true });
  const home = join(directory, 'system');
  await releaseLeftover(join(home, 'nats'));
  const stage = await setStage({ directory: await emptied(home), ...(saboteur && { env: saboteur.env() }), say });
  const yard = openYard({ gateway: stage.system.gateway, urls: stage.stationUrls });
  let history: Recorder | undefined;
  try {
    await saboteur?.afterStart?.(stage.database);
    say('shop: opening');
    const token = await patientlySignIn(stage.system.gateway);
    const shop = await openShop(stage.system.gateway, token);
    say('stations: connecting');
    await yard.build(variety, token);
    const faults = plan({
      seed,
      seconds: seconds - calmSeconds(seconds),
      targets: stage.targets,
      ...(saboteur?.prefer && { prefer: saboteur.prefer }),
    });
    history = record(join(directory, 'history.jsonl'));
    say(`load: ${rate} arrivals a second for ${seconds} s, ${faults.length} faults`);
    const premises = { shop, yard };
    const turnedAway = await strain(stage, premises, faults, { ...options, rate, history });
    const missed = await crashThrough({ stage, yard, history, crashes: options.crashes ?? [], say });
    say('drain: until all cars have left, and everything that was told has been heard');
    const restless = (await yard.rest(stationsRestMs)) ?? (await drain(stage));
    for (const fault of history.faults) {
      const at = fault.impossible === undefined ? recoveryOf(fault, history.operations) : undefined;
      if (at !== undefined) history.recovered(fault, at);
    }
    say('checks');
    const evidence = await evidenceOf(stage, premises, history, restless === undefined);
    const logs = join(home, 'logs');
    const further = [staysUp(logs), rights(join(logs, 'nats.log')), comesToRest(restless)];
    if (options.crashes) further.push(crashPointsReached(options.crashes.length, missed));
    const results = await judge([...checks, ...further], evidence, say);
    const result = resultOf(seed, rate, history, results, turnedAway, options.sabotage);
    await writeFile(join(directory, 'report.html'), renderReport(result));
    return result;
  } finally {
    await history?.close();
    say('stop');
    await yard.close();
    await stage.stop();
    say('stopped');
  }
}

async function strain(
  stage: Stage,
  premises: Premises,
  faults: Parameters<typeof unleash>[0],
  { seconds, seed, rate, history }: { seconds: number; seed: number; rate: number; history: Recorder },
): Promise<number> {
  const { gateway, streamPrefix } = stage.system;
  const ways = { gateway, bank: stage.provider.origin, natsUrl: stage.askerUrl, streamPrefix };
  const load = { ...ways, ...premises, history, seed, seconds, rate };
  const crowd = await gatherCrowd(load);
  const over = new AbortController();
  const sampling = takeSamples(stage, history, over.signal);
  const [turnedAway] = await Promise.all([loadSystem(crowd, load), unleash(faults, stage, history)]);
  over.abort();
  await sampling;
  return turnedAway;
}

/** How much of everything is left, and the ledger, each as one snapshot; while the database is away there is nothing to see. */
async function takeSamples({ database }: Stage, history: Recorder, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    const seen = await look(database).catch(() => undefined);
    if (seen) history.sample(seen);
    await sleep(sampleEveryMs, undefined, { signal: over }).catch(() => {});
  }
}

async function look(database: Stage['database']): Promise<Omit<Sample, 'at'> | undefined> {
  const [stock, money] = await Promise.all([
    database.query<{ id: string; quantity: number | null }>('SELECT product_id AS id, quantity FROM orders.stock'),
    database.query<MoneySample>(moneySample),
  ]);
  const [ledger] = money.rows;
  return ledger && { stock: Object.fromEntries(stock.rows.map(({ id, quantity }) => [id, quantity])), money: ledger };
}

async function evidenceOf(
  stage: Stage,
  { shop, yard }: Premises,
  history: History,
  drained: boolean,
): Promise<Evidence> {
  const { system, database, nats, provider, heard } = stage;
  const operatorToken = await patientlySignIn(system.gateway);
  return { history, system, database, nats, provider, ...heard, ...shop, yard, operatorToken, drained };
}

async function judge(all: readonly Check[], evidence: Evidence, say: (text: string) => void): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const check of all) {
    const { name, what } = check;
    const began = performance.now();
    try {
      results.push({ name, what, ...(await check.run(evidence)) });
    } catch (error) {
      results.push({ name, what, checked: 0, violations: [`could not be checked: ${(error as Error).message}`] });
    }
    const seconds = (performance.now() - began) / 1_000;
    if (seconds >= worthSayingSec) say(`${name}: ${seconds.toFixed(0)} s until its verdict`);
  }
  return results;
}

function resultOf(
  seed: number,
  rate: number,
  history: History,
  results: readonly CheckResult[],
  turnedAway: number,
  sabotage: string | undefined,
): RunResult {
  const blind = results
    .filter(({ checked, violations }) => checked === 0 && violations.length === 0)
    .map(({ name }) => `${name}: looked at nothing, which proves nothing`);
  const found = results.flatMap(({ name, violations }) => violations.map((violation) => `${name}: ${violation}`));
  return {
    seed,
    rate,
    history,
    checks: results,
    faults: measureFaults(history),
    violations: [...found, ...blind],
    turnedAway,
    ...(sabotage !== undefined && { sabotage }),
  };
}

export function saboteurNamed(name: string): Saboteur {
  const found = saboteurs.find((saboteur) => saboteur.name === name);
  if (!found) throw new Error(`there is no saboteur ${name}`);
  return found;
}
