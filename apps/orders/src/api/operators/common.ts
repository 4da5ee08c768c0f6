import { wholeNumber } from '@forecourt/service-kit';
import { z } from 'zod';

export const Limit = wholeNumber({ min: 1, max: 100 }).default(50);
export const Time = z.string().meta({ format: 'date-time' });

/** A page that is full may have another behind it. */
export const nextOf = <T>(rows: readonly T[], limit: number, idOf: (row: T) => string): string | null =>
  rows.length === limit ? (rows.map(idOf).at(-1) ?? null) : null;
