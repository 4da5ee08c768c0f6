export interface GatherOptions {
  /** Things in one piece of work. */
  most: number;
  /** Pieces of work under way; one, in the order of asking, unless told otherwise. */
  atOnce?: number;
  /**
   * A further piece begins as soon as it would be full, or when somebody has waited so long: work that is under way is
   * worth a wait, work that hangs is not. At once unless told otherwise.
   */
  furtherAfterMs?: number;
}

/**
 * Turns work on many things into a function of one. Whatever is asked for within a turn of the event loop, and then
 * while the work is under way, is done together next: alone when little happens, and in ever larger parts the busier it
 * gets. `work` gives an outcome for each thing, and a failure of it is everybody's who took part.
 */
export function gather<Thing, Outcome>(
  work: (things: readonly Thing[]) => Promise<readonly Outcome[]>,
  { most, atOnce = 1, furtherAfterMs = 0 }: GatherOptions,
): (thing: Thing) => Promise<Outcome> {
  let waiting: { thing: Thing; resolve(outcome: Outcome): void; reject(error: unknown): void }[] = [];
  let busy = 0;
  let further: NodeJS.Timeout | undefined;

  async function workOff(): Promise<void> {
    while (waiting.length > 0) {
      const taken = waiting.slice(0, most);
      waiting = waiting.slice(most);
      clearTimeout(further);
      further = undefined;
      try {
        const outcomes = await work(taken.map(({ thing }) => thing));
        if (outcomes.length !== taken.length) throw new Error(`${outcomes.length} outcomes of ${taken.length} things`);
        for (const [index, { resolve }] of taken.entries()) resolve(outcomes[index] as Outcome);
      } catch (error) {
        for (const { reject } of taken) reject(error);
      }
    }
    busy -= 1;
  }

  function begin(): void {
    if (busy === atOnce) return;
    busy += 1;
    setImmediate(workOff);
  }

  return (thing) =>
    new Promise((resolve, reject) => {
      waiting.push({ thing, resolve, reject });
      if (busy === 0 || furtherAfterMs === 0 || waiting.length >= most) begin();
      else if (busy < atOnce) further ??= setTimeout(begin, furtherAfterMs);
    });
}
