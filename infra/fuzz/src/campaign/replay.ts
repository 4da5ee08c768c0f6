import type { Target } from '../system/target.ts';
import { Examiner, Fault } from './examiner.ts';
import { Repertoire } from './plan.ts';
import { run } from './run.ts';
import { setStage } from './stage.ts';

export interface ReplayOptions {
  /** `POST /orders` */
  readonly call: string;
  readonly sort: string;
  readonly seed: number;
  /** fast-check's way to the one case; without it, the item's cases are all sent, and each is told. */
  readonly path?: string | undefined;
  readonly runs: number;
  readonly say: (text: string) => void;
}

/** One item again, aloud: what is sent, and what is answered. True when nothing was wrong with it. */
export async function replay(target: Target, { call, sort, seed, path, runs, say }: ReplayOptions): Promise<boolean> {
  const stage = await setStage(target);
  try {
    const operation = stage.operations.find(({ name }) => name === call);
    if (!operation) throw new Error(`no document has ${call}`);
    const examiner = new Examiner(stage, target.gateway, true, say);
    await run(new Repertoire(operation, seed).item(sort, seed, runs), examiner, stage.findings, path);
    examiner.close();
    for (const { fault, reproduction } of stage.findings.all) say(`✗ ${fault}\n${reproduction}`);
    return stage.findings.all.length === 0;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    say(error.fault);
    return false;
  } finally {
    stage.close();
  }
}
