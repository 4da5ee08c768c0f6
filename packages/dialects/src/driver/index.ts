import type { Dialect } from '../dialect.ts';
import { DriverError, refuse } from './errors.ts';

export const driver: Dialect = {
  name: 'driver',
  title: "Driver: the EV drivers' phone app",
  firstRequest: {
    path: '/api/devices/by-location?bottom-left-longitude=106&bottom-left-latitude=47&upper-right-longitude=108&upper-right-latitude=49',
  },
  defaultLanguage: 'mn',
  defaultRegion: 'MN',
  errorBody: DriverError,
  refuse,
};
