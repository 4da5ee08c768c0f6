import { expect, test } from 'vitest';
import { flowNames } from '../run.ts';
import { meanings } from './meanings.ts';

test('every flow that is measured is explained, and nothing else', () => {
  expect(meanings.map(([name]) => name).sort()).toEqual([...flowNames].sort());
});
