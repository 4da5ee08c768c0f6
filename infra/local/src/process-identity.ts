import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * When a process began, in whatever words the system has for it; undefined when there is no such process. Process ids
 * are used again, after a reboot even soon: only id and beginning together say that it is still the same one.
 */
export function identityOf(pid: number): string | undefined {
  if (process.platform !== 'linux') return identityByPs(pid);
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may hold spaces and brackets; the fields after it are counted from its end.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state] = fields;
    if (state === 'Z' || state === 'X') return undefined;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${fields[19]}`;
  } catch {
    return undefined;
  }
}

function identityByPs(pid: number): string | undefined {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}

export interface ProcessMark {
  readonly pid: number;
  readonly identity: string;
}

export function markOf(pid: number): ProcessMark | undefined {
  const identity = identityOf(pid);
  return identity === undefined ? undefined : { pid, identity };
}

export const isAlive = ({ pid, identity }: ProcessMark) => identityOf(pid) === identity;

/** The command line, for a message or to tell whose process it is; empty when the system does not say. */
export function commandOf(pid: number): string {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}
