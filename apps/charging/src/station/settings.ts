import { z } from 'zod';

const flag = z.enum(['true', 'false']).transform((word) => word === 'true');
const origins = z.string().transform((line) =>
  line
    .split(',')
    .map((origin) => origin.trim())
    .filter((origin) => origin !== ''),
);

export const stationConfig = {
  /** Stations' passwords are hashed with it: a new one locks out all of them. */
  STATION_SECRET: z.string().min(32, 'must be at least 32 characters'),
  /** A port for stations alone; they are let in at PORT too. */
  OCPP_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  /** What becomes of a station that nobody has entered: turned away, or kept for an operator to say yes to. */
  STATIONS_UNKNOWN: z.enum(['refuse', 'pending']).default('refuse'),
  /** Lets in accepted stations that have no password; for networks that nobody else is in. */
  STATIONS_WITHOUT_PASSWORD: flag.default(false),
  /**
   * Where the proxy that ends TLS tells of a certificate that it has verified, of which the common name is the station's.
   * The gateway lets no stranger say anything that begins so.
   */
  STATION_CERTIFICATE_HEADER: z
    .string()
    .toLowerCase()
    .regex(/^x-forwarded-[a-z0-9-]+$/, 'must begin with x-forwarded-')
    .optional(),
  /** Pages that may open a line like a station, as simulators in a browser do; others' pages may not. */
  STATION_ORIGINS: origins.default([]),
  /** Stations in one process. */
  STATIONS_MOST: z.coerce.number().int().min(1).max(1_000_000).default(20_000),
  STATION_PING_SECONDS: z.coerce.number().int().min(1).max(3_600).default(60),
  /** Over which a process that ends lets go of its stations, so that they do not all come back at once. 10 in production. */
  STATION_DRAIN_SECONDS: z.coerce.number().min(0).max(15).optional(),
  /** How long the raw frames of stations are kept. */
  FRAME_RETENTION_DAYS: z.coerce.number().int().min(1).max(365).default(7),
  /** How long meter values are kept, as they were sent: signed ones are what a receipt is held against. */
  READING_RETENTION_DAYS: z.coerce.number().int().min(30).max(3_650).default(400),
  /** How long what happened to stations is kept. */
  STATION_EVENT_RETENTION_DAYS: z.coerce.number().int().min(1).max(3_650).default(90),
};

type StationConfig = z.output<z.ZodObject<typeof stationConfig>>;

export interface StationSettings {
  readonly secret: string;
  readonly port: number | undefined;
  readonly unknown: 'refuse' | 'pending';
  readonly withoutPassword: boolean;
  readonly certificateHeader: string | undefined;
  readonly origins: readonly string[];
  readonly most: number;
  readonly pingMs: number;
  readonly drainMs: number;
  readonly frameDays: number;
  readonly eventDays: number;
  readonly readingDays: number;
}

export const stationSettingsOf = (config: StationConfig & { NODE_ENV: string }): StationSettings => ({
  secret: config.STATION_SECRET,
  port: config.OCPP_PORT,
  unknown: config.STATIONS_UNKNOWN,
  withoutPassword: config.STATIONS_WITHOUT_PASSWORD,
  certificateHeader: config.STATION_CERTIFICATE_HEADER,
  origins: config.STATION_ORIGINS,
  most: config.STATIONS_MOST,
  pingMs: config.STATION_PING_SECONDS * 1_000,
  drainMs: (config.STATION_DRAIN_SECONDS ?? (config.NODE_ENV === 'production' ? 10 : 0)) * 1_000,
  frameDays: config.FRAME_RETENTION_DAYS,
  eventDays: config.STATION_EVENT_RETENTION_DAYS,
  readingDays: config.READING_RETENTION_DAYS,
});
