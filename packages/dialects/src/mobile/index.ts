import type { Dialect } from '../dialect.ts';
import { MobileError, refuse } from './errors.ts';

export const mobile: Dialect = {
  name: 'mobile',
  title: 'Mobile: native apps that sign requests with a device key',
  defaultLanguage: 'ru',
  defaultRegion: 'RU',
  errorBody: MobileError,
  refuse,
};
