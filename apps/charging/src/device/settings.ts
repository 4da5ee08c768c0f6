import { z } from 'zod';

export const deviceConfig = {
  /** How long a station may be without its line before its devices are shown as out of order. */
  DEVICE_LOST_AFTER_SECONDS: z.coerce.number().int().min(0).max(3_600).default(120),
};

/** A second's patience would show each broken line on every driver's map. */
export interface DeviceSettings {
  readonly patienceMs: number;
}

export const deviceSettingsOf = (config: z.output<z.ZodObject<typeof deviceConfig>>): DeviceSettings => ({
  patienceMs: config.DEVICE_LOST_AFTER_SECONDS * 1_000,
});
