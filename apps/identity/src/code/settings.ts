import { z } from 'zod';
import type { CodeLimits } from './limits.ts';

const list = (text: string) => text.split(',').map((part) => part.trim());

/** Up to what a count of the throttle holds. */
const limit = z.coerce.number().int().min(0).max(2_000_000_000).optional();

/** `sms=5,voice=10,sms:MN=3` */
const Costs = z
  .string()
  .transform((text) => list(text).map((pair) => /^((?:sms|voice)(?::[A-Z]{2})?)=(\d{1,6})$/.exec(pair)?.slice(1)))
  .pipe(z.array(z.tuple([z.string(), z.string()]), 'is not like sms=5,voice=10,sms:MN=3'))
  .transform((pairs) => new Map(pairs.map(([what, cost]) => [what, Number(cost)])));

const Countries = z
  .string()
  .transform(list)
  .pipe(z.array(z.string().regex(/^([A-Z]{2}|\*)$/, 'is not like UA,MN or *')))
  .transform((countries) => new Set(countries));

const Cooldowns = z
  .string()
  .transform(list)
  .pipe(z.array(z.coerce.number<string>().int().min(1).max(3600)).max(20));

/** Spread into the service's own shape. What has no default here depends on `NODE_ENV`. */
export const codeConfig = {
  /** The wait after the first code to a recipient, after the second, and so on. */
  CODE_COOLDOWN_SECONDS: Cooldowns.optional(),
  /** ISO 3166-1 alpha-2, or `*`. Codes go nowhere else: messages to far countries are what fraudsters earn with. */
  CODE_COUNTRIES: Countries.prefault('UA,MN,RU,GE,KZ,UZ'),
  /** An hour, to numbers that differ in their last four digits only. */
  CODE_SERIES_HOURLY: limit,
  CODE_COUNTRY_HOURLY: limit,
  /** Minor units a message, for a channel or for a channel in one country. */
  CODE_COSTS: Costs.prefault('sms=5,voice=10'),
  /** Minor units: the send that reaches it is the last one for a day. 0: none. */
  CODE_DAILY_SPEND: limit,
};

type CodeConfig = z.output<z.ZodObject<typeof codeConfig>>;

/** A developer's numbers come from one address and one series, and are never sent. */
const usual = {
  production: { cooldownSeconds: [30, 60, 120, 300], seriesHourly: 30, countryHourly: 1000, dailySpend: 100_000 },
  otherwise: {
    cooldownSeconds: [1, 60, 120, 300],
    seriesHourly: 1_000_000,
    countryHourly: 1_000_000,
    dailySpend: 1_000_000_000,
  },
};

export function codeLimitsOf(
  config: CodeConfig & { readonly NODE_ENV: string },
  addressLimitScale: number,
): CodeLimits {
  const defaults = config.NODE_ENV === 'production' ? usual.production : usual.otherwise;
  return {
    cooldownSeconds: config.CODE_COOLDOWN_SECONDS ?? defaults.cooldownSeconds,
    countries: config.CODE_COUNTRIES,
    seriesHourly: config.CODE_SERIES_HOURLY ?? defaults.seriesHourly,
    countryHourly: config.CODE_COUNTRY_HOURLY ?? defaults.countryHourly,
    costs: config.CODE_COSTS,
    dailySpend: config.CODE_DAILY_SPEND ?? defaults.dailySpend,
    addressLimitScale,
  };
}
