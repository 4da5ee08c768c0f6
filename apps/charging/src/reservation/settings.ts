import { z } from 'zod';

export const reservationConfig = {
  /** For how long a device is kept when the driver does not say, and for how long at most. */
  RESERVATION_MINUTES: z.coerce.number().int().min(1).max(240).default(15),
  RESERVATION_MOST_MINUTES: z.coerce.number().int().min(1).max(240).default(60),
};

export interface ReservationSettings {
  readonly usualMinutes: number;
  readonly mostMinutes: number;
}

export const reservationSettingsOf = (
  config: z.output<z.ZodObject<typeof reservationConfig>>,
): ReservationSettings => ({
  usualMinutes: Math.min(config.RESERVATION_MINUTES, config.RESERVATION_MOST_MINUTES),
  mostMinutes: config.RESERVATION_MOST_MINUTES,
});
