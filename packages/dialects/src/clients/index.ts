import type { Dialect } from '../dialect.ts';
import { ClientsError, refuse } from './errors.ts';

export const clients: Dialect = {
  name: 'clients',
  title: "Clients: customer profiles for partners' back offices",
  defaultLanguage: 'ru',
  defaultRegion: 'RU',
  errorBody: ClientsError,
  refuse,
};
