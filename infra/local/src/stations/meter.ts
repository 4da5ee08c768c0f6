/** An energy register that turns with the power that flows, by a clock; what it has counted is whole watt-hours. */
export interface Meter {
  /** Watts, from now on. */
  readonly powerW: number;
  flow(powerW: number): void;
  /** As it shows: it may have begun anew. */
  registerWh(): number;
  /** All that ever flowed through it, however often it began anew. */
  totalWh(): number;
  /** It begins at zero again. */
  reset(): void;
}

export function createMeter(now: () => Date, startWh: number, rollsOverAtWh: () => number | null = () => null): Meter {
  let flowed = 0;
  let offset = startWh;
  let powerW = 0;
  let readAt = now().getTime();

  const turn = () => {
    const at = now().getTime();
    // A clock that is set back takes no energy away.
    if (at > readAt) flowed += (powerW * (at - readAt)) / 3_600_000;
    readAt = at;
  };
  // Products of watts and milliseconds are a hair below what they mean.
  const total = () => Math.floor(flowed + 1e-6);

  return {
    get powerW() {
      return powerW;
    },
    flow(watts) {
      turn();
      powerW = watts;
    },
    registerWh() {
      turn();
      return (offset + total()) % (rollsOverAtWh() ?? Number.POSITIVE_INFINITY);
    },
    totalWh() {
      turn();
      return total();
    },
    reset() {
      turn();
      offset = -total();
    },
  };
}
