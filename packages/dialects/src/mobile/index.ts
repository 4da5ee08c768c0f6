import type { Dialect } from '../dialect.ts';
import { MobileError, refuse } from './errors.ts';

export const mobile: Dialect = {
  name: 'mobile',
  title: 'Mobile: native apps that sign requests with a device key',
  firstRequest: { path: '/api/client/mobile/1.0/time', headers: { 'hive-profile': 'demo' } },
  defaultLanguage: 'ru',
  defaultRegion: 'RU',
  errorBody: MobileError,
  refuse,
};
