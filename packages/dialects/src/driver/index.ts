import type { Dialect } from '../dialect.ts';
import { DriverError, refuse } from './errors.ts';

export const driver: Dialect = {
  name: 'driver',
  title: "Driver: the EV drivers' phone app",
  defaultLanguage: 'mn',
  defaultRegion: 'MN',
  errorBody: DriverError,
  refuse,
};
