import { spawnSync } from 'node:child_process';
import { Obstacle } from '../obstacle.ts';

/** What streams rely on; older servers do not refuse newer settings, they silently ignore them. */
export const oldestNats = '2.10';

export function atLeast(version: string, wanted: string): boolean {
  const [have, want] = [version, wanted].map((text) => text.replace(/^v/, '').split('.').map(Number));
  for (const [index, number] of (want ?? []).entries()) {
    const difference = (have?.[index] ?? 0) - number;
    if (difference !== 0) return difference > 0;
  }
  return true;
}

export function demandVersion(version: string, what: string): void {
  if (atLeast(version, oldestNats)) return;
  throw new Obstacle(`NATS is too old: ${what} is ${version}, and ${oldestNats} or newer is needed.`);
}

/** Undefined when it is not there, or not nats-server. */
export function versionOf(path: string): string | undefined {
  const { status, stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' });
  return status === 0 ? /v(\d+\.\d+\.\d+)/.exec(stdout)?.[1] : undefined;
}
