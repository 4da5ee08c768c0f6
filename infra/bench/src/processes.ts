import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts processor time in hundredths of a second (USER_HZ), on every architecture that Node runs on. */
const millisecondsPerTick = 10;

/** A process that was started, and with it all that descend from it. */
export interface Root {
  name: string;
  pid: number;
}

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

/** Nothing where there is no /proc (macOS). */
function readAll(): ProcessStat[] {
  try {
    return readdirSync('/proc')
      .map(Number)
      .filter(Number.isInteger)
      .map(readStat)
      .filter((stat) => stat !== undefined);
  } catch {
    return [];
  }
}

function family(root: Root, all: readonly ProcessStat[]): ProcessStat[] {
  const members = new Set([root.pid]);
  for (let grown = true; grown; ) {
    const before = members.size;
    for (const { pid, parent } of all) if (members.has(parent)) members.add(pid);
    grown = members.size > before;
  }
  return all.filter(({ pid }) => members.has(pid));
}

/** By name: processor time used so far, with that of children, dead ones included; undefined without /proc. */
export function cpuMilliseconds(roots: readonly Root[]): Record<string, number> | undefined {
  const all = readAll();
  if (all.length === 0) return undefined;
  const used = (root: Root) =>
    family(root, all).reduce((sum, { cpuMs, endedChildrenCpuMs }) => sum + cpuMs + endedChildrenCpuMs, 0);
  return Object.fromEntries(roots.map((root) => [root.name, used(root)]));
}

/**
 * Memory of these processes and their children. Proportional set size where it can be read, because Postgres's backends
 * share most of theirs; else resident size, which counts the shared part once for each.
 */
export function memoryMegabytes(roots: readonly Root[]): number | undefined {
  const all = readAll();
  if (all.length === 0) return undefined;
  return roots.flatMap((root) => family(root, all)).reduce((sum, { pid }) => sum + kilobytes(pid), 0) / 1024;
}

/** Of one process, as its operator sees it; undefined without /proc. */
export const residentMegabytes = (pid: number): number | undefined => statusMegabytes(pid, 'VmRSS');
/** The most that it ever had. */
export const peakMegabytes = (pid: number): number | undefined => statusMegabytes(pid, 'VmHWM');

function statusMegabytes(pid: number, key: string): number | undefined {
  try {
    const [, found] = new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return found === undefined ? undefined : Number(found) / 1024;
  } catch {
    return undefined;
  }
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
