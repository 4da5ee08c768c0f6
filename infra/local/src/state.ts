import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, markOf, type ProcessMark } from './process-identity.ts';
import type { Program } from './program.ts';

/** Who runs here, for `npm run stop` and for a start after a crash. */
export interface SystemState {
  readonly launcher: ProcessMark;
  readonly gateway: string;
  readonly programs: readonly (ProcessMark & { name: string })[];
}

const fileIn = (directory: string) => join(directory, 'system.json');

export function writeState(directory: string, gateway: string, programs: readonly Program[]): void {
  const living = programs.flatMap(({ name, pid }) => {
    const mark = pid === undefined ? undefined : markOf(pid);
    return mark ? [{ name, ...mark }] : [];
  });
  writeFileSync(
    fileIn(directory),
    `${JSON.stringify({ launcher: markOf(process.pid), gateway, programs: living }, undefined, 2)}\n`,
  );
}

export function readState(directory: string): SystemState | undefined {
  try {
    return JSON.parse(readFileSync(fileIn(directory), 'utf8')) as SystemState;
  } catch {
    return undefined;
  }
}

export const removeState = (directory: string) => rmSync(fileIn(directory), { force: true });

/** What a killed launcher left behind: asked to end, then made to. Gives their names. */
export async function endLeftovers(directory: string): Promise<string[]> {
  const leftovers = readState(directory)?.programs.filter(isAlive) ?? [];
  for (const program of leftovers) await end(program, program.name === 'postgres' ? 'SIGINT' : 'SIGTERM', 5_000);
  removeState(directory);
  return leftovers.map(({ name }) => name);
}

/** Gone when it returns. */
export async function end(mark: ProcessMark, politely: NodeJS.Signals, patienceMs: number): Promise<void> {
  for (const [signal, waitMs] of [
    [politely, patienceMs],
    ['SIGKILL', 5_000],
  ] as const) {
    if (!isAlive(mark)) return;
    process.kill(mark.pid, signal);
    for (const began = performance.now(); isAlive(mark) && performance.now() - began < waitMs; ) await sleep(50);
  }
}
