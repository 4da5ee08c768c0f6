import { TimeZone } from '@forecourt/contracts';
import { z } from 'zod';
import type { SubscriptionRules } from './plan.ts';

export const subscriptionConfig = {
  /** By whose calendar days and months are counted: `Asia/Tbilisi`. */
  TIME_ZONE: TimeZone.default('UTC'),
  /** Before the end of a period its renewal is announced, at the price that it will have. */
  RENEWAL_NOTICE_DAYS: z.coerce.number().int().min(1).max(14).default(3),
  /** How long a subscription waits for money before it ends. */
  UNPAID_MOST_DAYS: z.coerce.number().int().min(1).max(366).default(30),
};

type Settings = z.output<z.ZodObject<typeof subscriptionConfig>>;

const day = 24 * 3_600;

export const subscriptionRulesOf = (settings: Settings): SubscriptionRules => ({
  timeZone: settings.TIME_ZONE,
  noticeSec: settings.RENEWAL_NOTICE_DAYS * day,
  retrySec: day,
  patienceSec: settings.UNPAID_MOST_DAYS * day,
  lateSec: 300,
  returnSec: 60,
});
