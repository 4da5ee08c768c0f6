import { isBlindness } from '../check/check.ts';
import { purchases } from '../check/purchases.ts';
import { until } from '../until.ts';
import type { chargingSabotages } from './charging.ts';
import type { Stage } from './stage.ts';

type ChargingScene = (stage: Stage) => Promise<void>;

/** In a sound system that takes a second or two; the sabotaged use it up. */
const comesTrueWithinMs = 10_000;

/** Drivers at a station of each version, both of which say everything twice; one more never plugs in. */
const charged: ChargingScene = async ({ yard, shop, purse, evidence }) => {
  const switches = { repeats: true };
  const bays = await yard.build(
    (['1.6', '2.0.1', '1.6'] as const).map((version) => ({ version, switches })),
    shop.operatorToken,
  );
  await Promise.all(bays.map((bay, at) => purse.chargeAt(bay, { plugsIn: at < 2, energyWh: 150 })));
  await yard.rest(comesTrueWithinMs);
  const isRight = async () => (await purchases.inspect(evidence(true))).violations.every(isBlindness);
  await until(isRight, 'all is paid and told', { timeoutMs: comesTrueWithinMs, everyMs: 250 }).catch(() => {});
};

export const chargingScenes: Readonly<Record<keyof typeof chargingSabotages, ChargingScene>> = {
  'purchase-twice': charged,
  'session-without-charge': charged,
  'energy-counted-twice': charged,
  'stop-lost': charged,
  'hold-stays': charged,
  'all-that-is-held-taken': charged,
  'end-untold': charged,
  'end-unheard': charged,
  'device-untold': charged,
};
