import { toMinorUnits } from '@forecourt/dialects';
import { z } from 'zod';
import type { SessionRules } from './plan.ts';

const majorUnits = z.coerce.number().positive().max(9_007_199_254_740);
const wholeWithin = (least: number, most: number) => z.coerce.number().int().min(least).max(most);

export const sessionConfig = {
  /** Held when a session begins, and again when that is nearly used, in major units; or what is available, when that is less. */
  HOLD_AMOUNT: majorUnits.default(500),
  /** Nobody begins with less. */
  HOLD_LEAST: majorUnits.default(50),
  /** For the cable, once the station has accepted. */
  PLUG_IN_SECONDS: wholeWithin(10, 3_600).default(120),
  /** Free, of the time that a cable stays in afterwards; and the most of it that is billed. */
  WAITING_GRACE_MINUTES: wholeWithin(0, 24 * 60).default(5),
  WAITING_CAP_MINUTES: wholeWithin(0, 7 * 24 * 60).default(240),
  /** Without a word about a session before its station is asked about it. */
  SILENCE_MINUTES: wholeWithin(1, 24 * 60).default(15),
  /** Without a word before it is settled by what is known. */
  SILENCE_MOST_HOURS: wholeWithin(1, 7 * 24).default(24),
  SESSION_MOST_HOURS: wholeWithin(1, 7 * 24).default(24),
  /** Of a device of which nobody has said what it can give. */
  DEVICE_MOST_KW: z.coerce.number().min(1).max(5_000).default(400),
  /** Whoever comes charges for nothing, with whatever card: cards that nobody knows, and none. */
  FREE_VEND: z.enum(['true', 'false']).default('false'),
};

export interface SessionSettings extends SessionRules {
  readonly graceSec: number;
  readonly waitingCapSec: number;
  readonly freeVend: boolean;
  readonly mostPowerW: number;
  /** After something that was told late we ask nobody anything of ourselves for so long: more of it may be on its way. */
  readonly lateQuietSec: number;
}

type Settings = z.output<z.ZodObject<typeof sessionConfig>>;

export const sessionSettingsOf = (settings: Settings, currency: string): SessionSettings => ({
  holdAmount: toMinorUnits(settings.HOLD_AMOUNT, currency),
  holdLeast: toMinorUnits(Math.min(settings.HOLD_LEAST, settings.HOLD_AMOUNT), currency),
  requestSec: 60,
  startSec: 30,
  plugInSec: settings.PLUG_IN_SECONDS,
  silenceSec: settings.SILENCE_MINUTES * 60,
  silentMostSec: settings.SILENCE_MOST_HOURS * 3_600,
  longestSec: settings.SESSION_MOST_HOURS * 3_600,
  graceSec: settings.WAITING_GRACE_MINUTES * 60,
  waitingCapSec: settings.WAITING_CAP_MINUTES * 60,
  freeVend: settings.FREE_VEND === 'true',
  mostPowerW: Math.round(settings.DEVICE_MOST_KW * 1_000),
  lateQuietSec: 60,
});
