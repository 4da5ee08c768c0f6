import { expect, test } from 'vitest';
import { assertStreamPrefix } from './names.ts';
import { assertServerVersion } from './nats.ts';

test.each(['2.10.0', '2.10.27', '2.14.5', '3.0.0-beta.1', '2.11.0-dev'])('nats-server %s is good enough', (version) => {
  expect(() => assertServerVersion(version)).not.toThrow();
});

test.each(['2.9.10', '1.4.1', '', undefined])(
  'nats-server %s is refused with the version that is needed',
  (version) => {
    expect(() => assertServerVersion(version)).toThrow('2.10 or newer');
  },
);

test('a stream prefix may not hold what means something in a subject', () => {
  for (const bad of ['a.b', 'a*', '>', 'a b']) expect(() => assertStreamPrefix(bad)).toThrow('letters, digits');
  for (const good of ['', 't1', 'Team-2']) expect(() => assertStreamPrefix(good)).not.toThrow();
});
