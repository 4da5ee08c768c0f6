import { expect, test } from 'vitest';
import { bar, picture, text } from './svg.ts';

test('words are written as words, whatever they hold', () => {
  expect(text(1, 2, 'a < b & "c"')).toBe('<text x="1" y="2">a &lt; b &amp; &quot;c&quot;</text>');
  expect(bar(0, 0, 1, 1, { class: 'x"y' })).toContain('class="x&quot;y"');
});

test('places are written to a tenth of a pixel', () => {
  expect(text(1 / 3, 2, '')).toContain('x="0.3"');
});

test('a picture brings its ground, its title and colours for dark pages', () => {
  const drawn = picture({ title: 'Rates', subtitle: 'of all', width: 100, height: 50 }, []);
  expect(drawn).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="100" height="50" viewBox="0 0 100 50"/);
  expect(drawn).toContain('<title>Rates</title>');
  expect(drawn).toContain('prefers-color-scheme:dark');
  expect(drawn).toContain('class="ground"');
});
