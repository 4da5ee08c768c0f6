import { expect, test } from 'vitest';
import { operate, operatorReads } from '../operator.ts';
import { gateway } from '../storefront-client.ts';
import { type Envelope, refused } from './site.ts';

interface City {
  name: string;
  home: { price: number; code: string };
  mobilePhone: { price: number; code: string };
}
const calls = (language?: string, headers: Record<string, string> = {}) =>
  gateway.get<Envelope<{ cities: City[] }>>('/calls', {
    headers: { ...(language && { 'accept-language': language }), ...headers },
  });
const row = (name: [en: string, ka: string, ru: string], price: number, code: string) => ({
  ...{ name_en: name[0], name_ka: name[1], name_ru: name[2] },
  ...{ home_price: price, home_code: code, mobile_price: price * 2, mobile_code: `${code}9` },
});
const replace = (rows: readonly object[]) =>
  operate<{ applied: boolean; number: number }>('post', '/admin/call-rates/import', rows);

const germany = row(['Germany', 'გერმანია', 'Германия'], 0.12, '49');
const austria = row(['Austria', 'ავსტრია', 'Австрия'], 0.15, '43');
const italy = row(['Italy', 'იტალია', 'Италия'], 0.2, '39');

test('GET /calls: as the document prints it, in the language of the request, sorted by name, at once what was imported', async () => {
  await replace([germany, austria, italy]);
  const expected = {
    en: ['Austria', 'Germany', 'Italy'],
    ru: ['Австрия', 'Германия', 'Италия'],
    ka: ['ავსტრია', 'გერმანია', 'იტალია'],
  };
  for (const [language, names] of Object.entries(expected)) {
    const { status, body } = await calls(language);
    expect([status, body.success, body.errorCode]).toEqual([200, true, 0]);
    expect(body.data.cities.map(({ name }) => name)).toEqual(names);
  }
  expect((await calls()).body.data.cities[0]).toEqual({
    name: 'ავსტრია',
    home: { price: 0.15, code: '43' },
    mobilePhone: { price: 0.3, code: '439' },
  });
  await replace([italy]);
  expect((await calls('en')).body.data.cities.map(({ name }) => name)).toEqual(['Italy']);
});

test('GET /calls is asked for anew by its ETag, which changes with the rates alone', async () => {
  await replace([germany]);
  const first = await calls('en');
  const etag = String(first.headers.get('etag'));
  const known = await calls('en', { 'if-none-match': etag });
  expect([known.status, known.text, known.headers.get('etag')]).toEqual([304, '', etag]);
  await replace([austria]);
  expect((await calls('en', { 'if-none-match': etag })).status).toBe(200);
});

test('what was in force is kept', async () => {
  const { number } = await replace([germany, italy]);
  await replace([austria]);
  const list = await operatorReads<{ standing: string; rates: { name: { en: string } }[] }>(
    `/admin/call-rates/${number}`,
  );
  expect([list.standing, list.rates.map(({ name }) => name.en)]).toEqual(['past', ['Germany', 'Italy']]);
});

test('what GET /calls does not know is bad input, in its manner', async () => {
  expect((await gateway.get('/calls?language=en')).body).toMatchObject(refused(1, ['language']));
  const post = await gateway.post('/calls', {});
  expect([post.status, post.body]).toEqual([405, refused(1, [])]);
});
