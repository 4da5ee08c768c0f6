import type { Dialect } from '../dialect.ts';
import { ClientsError, refuse } from './errors.ts';

export const clients: Dialect = {
  name: 'clients',
  title: "Clients: customer profiles for partners' back offices",
  firstRequest: {
    path: '/api/v1/clients',
    body: {
      first_name: 'Нино',
      last_name: 'Беридзе',
      email: 'nino.beridze@example.com',
      password: 'nino-nino',
      phone: '+79092479901',
    },
  },
  defaultLanguage: 'ru',
  defaultRegion: 'RU',
  errorBody: ClientsError,
  refuse,
};
