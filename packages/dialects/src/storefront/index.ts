import type { Dialect } from '../dialect.ts';
import { refuse, StorefrontError } from './errors.ts';

export const storefront: Dialect = {
  name: 'storefront',
  title: "Storefront: the web shop's customer API",
  firstRequest: { path: '/products?limit=1' },
  defaultLanguage: 'uk',
  defaultRegion: 'UA',
  errorBody: StorefrontError,
  refuse,
};
