import { text } from '@forecourt/service-kit';
import { z } from 'zod';
import { leastPasswordBytes, mostPasswordBytes } from '../station/password.ts';

// What operators say of stations and devices, one by one or in a file.

/** The last segment of a station's address: what fits into one without escapes, and into `identifierString`. */
export const Identity = z.string().regex(/^[A-Za-z0-9*\-_=:+|@.]{1,48}$/);
export const StationName = text({ min: 1, max: 100 });
export const StationPassword = z
  .string()
  .regex(/^[\x21-\x7e]+$/)
  .min(leastPasswordBytes)
  .max(mostPasswordBytes);
/** What is written on a device. */
export const DeviceNumber = text({ min: 1, max: 40 });
export const Longitude = z.number().min(-180).max(180);
export const Latitude = z.number().min(-90).max(90);
export const Connector = z.int().min(1).max(1_000);
/** What a device can give at most, in kW: what a meter says beyond is not believed. */
export const PowerKw = z.number().min(1).max(5_000);
/** Major units; what is more than this is a slip of the hand. */
export const Price = z.number().min(0).max(1_000_000);

export const toWatts = (kilowatts: number): number => Math.round(kilowatts * 1_000);
