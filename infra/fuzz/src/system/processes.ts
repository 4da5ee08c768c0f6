import { readFileSync } from 'node:fs';

export interface Process {
  readonly name: string;
  readonly pid: number | undefined;
}

/** Resident memory in megabytes; undefined where there is no /proc. */
function residentMb(pid: number | undefined): number | undefined {
  try {
    const found = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return found ? Number(found[1]) / 1024 : undefined;
  } catch {
    return undefined;
  }
}

export interface Growth {
  readonly name: string;
  readonly fromMb: number;
  readonly toMb: number;
}

/** Memory over a run. The first third fills caches and heaps; between the medians of the others it should not grow. */
export class MemoryWatch {
  readonly #samples = new Map<string, number[]>();

  sample(processes: readonly Process[]): void {
    for (const { name, pid } of processes) {
      const mb = residentMb(pid);
      if (mb !== undefined) this.#samples.set(name, [...(this.#samples.get(name) ?? []), mb]);
    }
  }

  get growths(): Growth[] {
    return [...this.#samples].map(([name, samples]) => {
      const third = Math.floor(samples.length / 3);
      return { name, fromMb: median(samples.slice(third, 2 * third)), toMb: median(samples.slice(2 * third)) };
    });
  }
}

/** A quarter and 64 MB more: what a collector leaves lying about is no leak. */
export const grewTooMuch = ({ fromMb, toMb }: Growth): boolean => toMb > fromMb * 1.25 + 64;

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
