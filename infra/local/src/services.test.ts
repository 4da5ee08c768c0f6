import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nodeFlags, services } from './services.ts';

test.each(services.map(({ name }) => name))('%s is run here as its own start script runs it', (name) => {
  const file = join(import.meta.dirname, '../../../apps', name, 'package.json');
  const { scripts } = JSON.parse(readFileSync(file, 'utf8')) as { scripts: { start: string } };
  expect(scripts.start.split(' ')).toEqual(['node', ...(nodeFlags[name] ?? []), 'src/main.ts']);
});
