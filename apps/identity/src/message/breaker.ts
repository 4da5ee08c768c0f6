import type { Clock } from '@forecourt/service-kit';
import type { Answer } from './provider.ts';

/**
 * Spares a provider that is down, and the messages the wait for it. It carries no duty: each process finds out for
 * itself, and a new one begins with trust.
 */
export interface Breaker {
  /** Whether it may be called now. Once its rest is over, one call tries it, and the others still go elsewhere. */
  admits(): boolean;
  heard(answer: Answer): void;
  isDown(): boolean;
}

const failuresUntilDown = 5;
const restSeconds = 30;
/** A provider cannot shut itself out for a day by one header. */
const longestRestSeconds = 300;

const isFailure = (answer: Answer) => answer.outcome === 'in_doubt' || (answer.outcome === 'later' && !answer.healthy);

export function createBreaker(clock: Clock): Breaker {
  let failures = 0;
  let restsUntil = 0;
  const rest = (seconds: number) => {
    restsUntil = clock().getTime() + seconds * 1000;
  };
  const isDown = () => failures >= failuresUntilDown;
  return {
    admits() {
      if (clock().getTime() < restsUntil) return false;
      // The others wait for what this one finds out, or for a rest more if it never says.
      if (isDown()) rest(restSeconds);
      return true;
    },
    heard(answer) {
      if (!isFailure(answer)) {
        failures = 0;
        restsUntil = 0;
        return;
      }
      failures += 1;
      const asked = answer.outcome === 'later' ? (answer.retryAfterSeconds ?? 0) : 0;
      if (asked > 0) rest(Math.min(asked, longestRestSeconds));
      else if (isDown()) rest(restSeconds);
    },
    isDown: () => isDown() || clock().getTime() < restsUntil,
  };
}
