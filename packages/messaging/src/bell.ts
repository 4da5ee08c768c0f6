/** Something to wait at: until it rings, or for so long. A ring while nobody waits ends the next wait at once. */
export interface Bell {
  ring(): void;
  wait(milliseconds: number): Promise<'rung' | 'silent'>;
}

export function createBell(): Bell {
  let rung = false;
  let wakeUp: (() => void) | undefined;
  return {
    ring() {
      rung = true;
      wakeUp?.();
    },
    async wait(milliseconds) {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, milliseconds);
          wakeUp = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        wakeUp = undefined;
      }
      const outcome = rung ? 'rung' : 'silent';
      rung = false;
      return outcome;
    },
  };
}
