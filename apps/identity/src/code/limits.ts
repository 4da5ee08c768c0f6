import type { Secrets } from '../secret.ts';
import type { Attempt, Counted } from '../throttle/store.ts';
import { networkOf, policies, scaled, throttleKey } from '../throttle/throttle.ts';
import type { CodeRequest } from './code.ts';
import type { Destination, Reach } from './destination.ts';

/** How much may be sent, as the operator has set it. */
export interface CodeLimits extends Reach {
  /** After the first code to a recipient, after the second, and so on; the last one over and over. */
  readonly cooldownSeconds: readonly number[];
  /** Numbers that differ in their last four digits only: who pumps messages counts them up. */
  readonly seriesHourly: number;
  readonly countryHourly: number;
  /** Minor units. The send that reaches it is the last one, until a day after the first. */
  readonly dailySpend: number;
  readonly addressLimitScale: number;
}

export interface Sending {
  readonly request: Pick<CodeRequest, 'recipient' | 'delivers'>;
  readonly destination: Destination;
  /** Of whoever asks. */
  readonly address: string;
}

const hour = 3600;

/** A recipient's own counts, whatever it is spelt like at the door and whatever is sent. */
export const recipientKeys = ({ throttleKeys }: Secrets, recipient: string) => ({
  cooldown: throttleKey(throttleKeys, 'code-cooldown', recipient),
  quarter: throttleKey(throttleKeys, 'code-quarter', recipient),
  day: throttleKey(throttleKeys, 'code-day', recipient),
});

export const spendKey = ({ throttleKeys }: Secrets): string => throttleKey(throttleKeys, 'code-spend');

/**
 * All that one send is counted against; none of it knows what it is for, or by which channel it goes. An unknown
 * recipient counts as another does, so that nothing tells them apart; but what is not sent costs nothing.
 */
export function attemptsOf(
  limits: CodeLimits,
  secrets: Secrets,
  { request: { recipient, delivers }, destination: { country, cost }, address }: Sending,
): readonly Attempt[] {
  const { throttleKeys } = secrets;
  const { cooldown, quarter, day } = recipientKeys(secrets, recipient);
  const { seriesHourly, countryHourly, dailySpend, addressLimitScale } = limits;
  const attempts: Attempt[] = [
    { key: cooldown, policy: { free: 1, waitsSeconds: limits.cooldownSeconds, memorySeconds: hour } },
    { key: quarter, policy: policies.code.quarter },
    { key: day, policy: policies.code.day },
    {
      key: throttleKey(throttleKeys, 'code-address', networkOf(address)),
      policy: scaled(policies.code.address, addressLimitScale),
    },
  ];
  if (country !== null) {
    attempts.push(
      {
        key: throttleKey(throttleKeys, 'code-series', recipient.slice(0, -4)),
        policy: { free: seriesHourly, memorySeconds: hour },
      },
      { key: throttleKey(throttleKeys, 'code-country', country), policy: { free: countryHourly, memorySeconds: hour } },
    );
  }
  if (cost > 0) {
    attempts.push({
      key: spendKey(secrets),
      policy: { free: dailySpend, memorySeconds: 24 * hour },
      weight: delivers ? cost : 0,
      refusal: 'service_unavailable',
    });
  }
  return attempts;
}

/** When the next code may be asked for, as far as the recipient's own limits go: the others are nobody's business. */
export function resendAtOf(secrets: Secrets, recipient: string, counted: readonly Counted[]): Date {
  const own = new Set(Object.values(recipientKeys(secrets, recipient)));
  return new Date(Math.max(...counted.filter(({ key }) => own.has(key)).map(({ freeAt }) => freeAt.getTime())));
}
