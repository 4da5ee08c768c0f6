/**
 * Turns work on many things into a function of one. Whatever is asked for within a turn of the event loop, and then
 * while the work is under way, is done together next: alone when little happens, and in ever larger parts the busier it
 * gets, without anybody waiting for a timer. `work` gives an outcome for each thing, and a failure of it is everybody's
 * who took part. One piece of work at a time, in the order of asking, unless told otherwise.
 */
export function gather<Thing, Outcome>(
  work: (things: readonly Thing[]) => Promise<readonly Outcome[]>,
  { most, atOnce = 1 }: { most: number; atOnce?: number },
): (thing: Thing) => Promise<Outcome> {
  let waiting: { thing: Thing; resolve(outcome: Outcome): void; reject(error: unknown): void }[] = [];
  let busy = 0;

  async function workOff(): Promise<void> {
    while (waiting.length > 0) {
      const taken = waiting.slice(0, most);
      waiting = waiting.slice(most);
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

  return (thing) =>
    new Promise((resolve, reject) => {
      waiting.push({ thing, resolve, reject });
      if (busy === atOnce) return;
      busy += 1;
      setImmediate(workOff);
    });
}
