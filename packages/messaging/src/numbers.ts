/** Both ends included. */
export interface Run {
  readonly from: number;
  readonly to: number;
}

/** Whole numbers, kept as runs: what comes in order takes the room of one. */
export interface Numbers {
  add(run: Run): void;
  /** All of them, in the fewest runs, and none afterwards. */
  take(): Run[];
}

/** As Postgres writes it: `{[1,3],[5,5]}`. */
export const asMultirange = (runs: readonly Run[]): string =>
  `{${runs.map(({ from, to }) => `[${from},${to}]`).join()}}`;

const mostRuns = 1024;

export function createNumbers(): Numbers {
  let runs: { from: number; to: number }[] = [];
  let untidyFrom = mostRuns;

  function tidy(): void {
    const sorted = runs.sort((a, b) => a.from - b.from);
    runs = [];
    for (const run of sorted) {
      const last = runs.at(-1);
      if (last && run.from <= last.to + 1) last.to = Math.max(last.to, run.to);
      else runs.push(run);
    }
    untidyFrom = runs.length + mostRuns;
  }

  return {
    add({ from, to }) {
      const last = runs.at(-1);
      if (last && from === last.to + 1) last.to = to;
      else runs.push({ from, to });
      if (runs.length > untidyFrom) tidy();
    },
    take() {
      tidy();
      const taken = runs;
      runs = [];
      return taken;
    },
  };
}
