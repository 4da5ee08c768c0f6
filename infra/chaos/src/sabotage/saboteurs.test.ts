import { stripTypeScriptTypes } from 'node:module';
import { expect, test } from 'vitest';
import { sabotaged, sabotagedFiles } from './saboteur.ts';
import { sabotages, saboteurNames } from './saboteurs.ts';

test.each(saboteurNames)('%s still fits the sources of today, and leaves them readable', (name) => {
  const saboteur = sabotages[name];
  expect(saboteur.edits ?? saboteur.sql, 'changes something').toBeTruthy();
  for (const [, text] of sabotagedFiles(saboteur)) expect(() => stripTypeScriptTypes(text)).not.toThrow();
});

test('text that is not there, or there twice, is no sabotage', () => {
  const edit = { file: 'x.ts', from: 'a', to: 'b' };
  expect(sabotaged('xay', [edit])).toBe('xby');
  expect(() => sabotaged('xyz', [edit])).toThrow('does not occur');
  expect(() => sabotaged('aa', [edit])).toThrow('occurs 2 times');
});
