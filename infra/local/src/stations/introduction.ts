import type { Line } from './line.ts';
import type { Timers } from './timers.ts';
import type { BootReason, Tongue } from './tongue.ts';

type Standing = 'unknown' | 'Accepted' | 'Pending' | 'Rejected';

export interface IntroductionOptions {
  readonly tongue: Pick<Tongue, 'boot'>;
  readonly line: Pick<Line, 'call' | 'open' | 'connections'>;
  readonly timers: Timers;
  /** Until it asks again, when the answer does not say. */
  readonly retryMs: () => number;
  /** With the seconds between heartbeats; 0: none were told. */
  accepted(interval: number): void;
  refused(): void;
}

/** How a station makes itself known, until it is accepted. */
export interface Introduction {
  readonly standing: Standing;
  begin(): void;
  /** Because it was asked to. */
  again(): void;
  /** It comes back for this reason, and nobody knows it any more. */
  forget(reason: BootReason): void;
}

export function createIntroduction(options: IntroductionOptions): Introduction {
  const { tongue, line, timers, retryMs, accepted, refused } = options;
  let standing: Standing = 'unknown';
  let bootReason: BootReason = 'PowerUp';
  let lastBoot = 0;

  async function introduce(reason: BootReason): Promise<void> {
    const on = line.connections;
    lastBoot += 1;
    const mine = lastBoot;
    const { action, payload } = tongue.boot(reason);
    let againMs = retryMs();
    try {
      const { status, interval } = (await line.call(action, payload)) as { status: Standing; interval: number };
      if (line.connections !== on) return;
      standing = status;
      if (interval > 0) againMs = interval * 1000;
      if (status === 'Accepted') return accepted(interval);
      refused();
    } catch {
      // It was not answered, or refused: later again, on this line or on the next.
    }
    timers.after(againMs, () => {
      if (line.open && line.connections === on && lastBoot === mine) void introduce(reason);
    });
  }

  return {
    get standing() {
      return standing;
    },
    begin: () => void introduce(bootReason),
    again: () => void introduce('Triggered'),
    forget(reason) {
      standing = 'unknown';
      bootReason = reason;
    },
  };
}
