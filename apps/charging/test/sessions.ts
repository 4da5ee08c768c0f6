import { begun } from '../src/session/hearing.ts';
import { openSession } from '../src/session/opening.ts';
import type { Case, SessionRules } from '../src/session/plan.ts';
import type { Session } from '../src/session/session.ts';

export const noon = new Date('2026-02-19T12:00:00Z');
export const afterNoon = (minutes: number, seconds = 0): Date =>
  new Date(noon.getTime() + minutes * 60_000 + seconds * 1_000);
/** What happens by a clock that is right, and is heard of at once. */
export const atMinute = (minutes: number, seconds = 0) => {
  const at = afterNoon(minutes, seconds);
  return { at, receivedAt: at };
};

export const rules: SessionRules = {
  holdAmount: 50_000n,
  holdLeast: 5_000n,
  requestSec: 60,
  startSec: 30,
  plugInSec: 120,
  silenceSec: 900,
  silentMostSec: 86_400,
  longestSec: 86_400,
};

/** Wished for by a customer at noon: 7.00 a kWh, 1.00 a minute after five, for an hour at most. */
export function aSession(wishes: Partial<Session> = {}): Session {
  const device = {
    id: 'd'.repeat(24),
    number: '1',
    stationId: 'e'.repeat(24),
    protocol: 'ocpp1.6',
    currency: 'UAH',
    price: 700n,
    waitingPrice: 100n,
    powerW: null,
  };
  const opening = { number: 7, origin: 'app', customerId: 'c'.repeat(24), idToken: 'FC01' } as const;
  return {
    ...openSession(device, opening, noon, { graceSec: 300, waitingCapSec: 3_600, mostPowerW: 400_000 }),
    ...wishes,
  };
}

/** Begun at noon with the register at 1,000 Wh. */
export const aRunningSession = (wishes: Partial<Session> = {}): Session => ({
  ...begun(aSession(), {
    ...atMinute(0),
    transactionId: '7',
    startKey: null,
    protocol: 'ocpp1.6',
    meterStartWh: 1_000n,
  }),
  ...wishes,
});

export const aCase = (session: Session, wishes: Partial<Case> = {}): Case => ({
  session,
  portions: [],
  lostAt: null,
  ...wishes,
});
