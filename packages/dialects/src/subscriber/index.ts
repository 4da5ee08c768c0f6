import type { Dialect } from '../dialect.ts';
import { refuse, SubscriberError } from './errors.ts';

export const subscriber: Dialect = {
  name: 'subscriber',
  title: "Subscriber: the telecom subscriber's self-service site",
  firstRequest: { path: '/calls', headers: { 'accept-language': 'ka' } },
  defaultLanguage: 'ka',
  defaultRegion: 'GE',
  errorBody: SubscriberError,
  refuse,
};

export { SubscriberAnswer, succeeded } from './answer.ts';
export { verification } from './verification.ts';
