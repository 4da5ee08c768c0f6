import type { Dialect } from '../dialect.ts';
import { Problem, refuse } from './errors.ts';

/** The manners of `/admin/…`, for our own staff and their tools; no public document fixes them. */
export const operators: Dialect = {
  name: 'operators',
  title: 'Operators: what staff and their tools may do',
  firstRequest: { path: '/admin/products?limit=1', headers: { authorization: 'Bearer …' } },
  defaultLanguage: 'en',
  defaultRegion: 'UA',
  errorBody: Problem,
  refuse,
};
