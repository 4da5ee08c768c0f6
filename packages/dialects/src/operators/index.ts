import type { Dialect } from '../dialect.ts';
import { Problem, refuse } from './errors.ts';

/** The manners of `/admin/…`, for our own staff and their tools; no public document fixes them. */
export const operators: Dialect = {
  name: 'operators',
  title: 'Operators: what staff and their tools may do',
  defaultLanguage: 'en',
  defaultRegion: 'UA',
  errorBody: Problem,
  refuse,
};
