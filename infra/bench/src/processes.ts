import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts processor time in hundredths of a second (USER_HZ), on every architecture that Node runs on. */
const millisecondsPerTick = 10;

interface ProcessStat {
  pid: number;
  parent: number;
  cpuMs: number;
  /** Of children that have ended and been waited for: Postgres backends come and go. */
  endedChildrenCpuMs: number;
}

/** `/proc/<pid>/stat`: the name in brackets may hold anything, so fields are counted after its end. */
function readStat(pid: number): ProcessStat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [, parent = 0] = fields;
    const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = fields.slice(11, 15);
    return {
      pid,
      parent,
      cpuMs: (user + system) * millisecondsPerTick,
      endedChildrenCpuMs: (childrenUser + childrenSystem) * millisecondsPerTick,
    };
  } catch {
    return undefined;
  }
}

/** These processes and all that descend from them. Empty where there is no /proc (macOS). */
function family(roots: readonly number[]): ProcessStat[] {
  let pids: number[];
  try {
    pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
  const all = pids.map(readStat).filter((stat) => stat !== undefined);
  const members = new Set(roots);
  for (let grown = true; grown; ) {
    const before = members.size;
    for (const { pid, parent } of all) if (members.has(parent)) members.add(pid);
    grown = members.size > before;
  }
  return all.filter(({ pid }) => members.has(pid));
}

/** Processor time used so far by these processes and their children, dead ones included; undefined without /proc. */
export function cpuMilliseconds(roots: readonly number[]): number | undefined {
  const members = family(roots);
  if (members.length === 0) return undefined;
  return members.reduce((sum, { cpuMs, endedChildrenCpuMs }) => sum + cpuMs + endedChildrenCpuMs, 0);
}

/**
 * Memory of these processes and their children. Proportional set size where it can be read, because Postgres's backends
 * share most of theirs; else resident size, which counts the shared part once for each.
 */
export function memoryMegabytes(roots: readonly number[]): number | undefined {
  const members = family(roots);
  if (members.length === 0) return undefined;
  return members.reduce((sum, { pid }) => sum + kilobytes(pid), 0) / 1024;
}

function kilobytes(pid: number): number {
  for (const [file, key] of [
    ['smaps_rollup', 'Pss'],
    ['status', 'VmRSS'],
  ]) {
    try {
      const found = new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/${file}`, 'utf8'));
      if (found) return Number(found[1]);
    } catch {
      // Somebody else's process may not be looked into: take the next best number.
    }
  }
  return 0;
}
