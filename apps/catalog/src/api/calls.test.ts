import { readFile } from 'node:fs/promises';
import { countStatements } from '@forecourt/testing';
import { getCountries, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aCatalog, aProcessOf, type CatalogSystem, operatorId } from '../../test/builders.ts';
import { ratesOfCsv } from '../call-rate/file.ts';

let catalog: CatalogSystem;
beforeAll(async () => {
  catalog = await aCatalog();
});
afterAll(() => catalog.runtime.close());

const demo = () => readFile(new URL('../../demo/call-rates.csv', import.meta.url));
const row = (name: string, price = 1, code = '49') => ({
  ...{ name_en: name, name_ka: `ka ${name}`, name_ru: `ru ${name}` },
  ...{ home_price: price, home_code: code, mobile_price: price * 2, mobile_code: `${code}1` },
});
const send = async (payload: unknown, query = '', type = 'application/json') =>
  catalog.app.inject({
    method: 'POST',
    url: `/admin/call-rates/import${query}`,
    headers: { ...(await catalog.operator()), 'content-type': type },
    payload: (typeof payload === 'string' || Buffer.isBuffer(payload) ? payload : JSON.stringify(payload)) as string,
  });
const imported = async (payload: unknown, query?: string, type?: string) => {
  const response = await send(payload, query, type);
  expect(response.statusCode, response.body).toBe(200);
  return response.json();
};
const calls = (headers: Record<string, string> = {}) => catalog.app.inject({ url: '/calls', headers });
const names = async (language?: string) =>
  (await calls(language === undefined ? {} : { 'accept-language': language }))
    .json()
    .data.cities.map(({ name }: { name: string }) => name);
const lists = async () =>
  (await catalog.app.inject({ url: '/admin/call-rates', headers: await catalog.operator() })).json().items;

test('before there is a list, calls go nowhere', async () => {
  expect((await calls()).json()).toEqual({ data: { cities: [] }, success: true, errorCode: 0 });
});

describe('the demo', () => {
  const real = new Map(
    getCountries().flatMap((country) =>
      (['long', 'short'] as const).map((style) => {
        const name = new Intl.DisplayNames('en', { type: 'region', style }).of(country) ?? country;
        return [name.replace('&', 'and'), country] as const;
      }),
    ),
  );
  const fillers = [
    '1',
    '2',
    '3',
    '5',
    '7',
    '9',
    '12',
    '234',
    '7654',
    '50123',
    '901',
    '1234567',
    '4165551234',
    '4123456',
    '22901234',
    '612345678',
    '38222333',
    '28222333',
  ];
  const endings = fillers.flatMap((filler) =>
    [4, 5, 6, 7, 8, 9, 10].map((length) => filler.repeat(10).slice(0, length)),
  );
  /** Whether somebody can have such a number there. */
  const isDialled = (code: string, country: string, kinds: readonly string[]) =>
    endings.some((ending) => {
      const number = parsePhoneNumberFromString(`+${code}${ending}`);
      return number?.isValid() && number.country === country && kinds.includes(number.getType() ?? '');
    });

  test('has about a hundred real destinations, whose codes are dialled there', async () => {
    const rows = ratesOfCsv(await demo()) as Record<string, string>[];
    expect(rows.length).toBeGreaterThanOrEqual(100);
    const wrong = rows.flatMap(({ name_en: name = '', home_code: home = '', mobile_code: mobile = '' }) => {
      const country = real.get(name);
      if (!country) return [`${name} is nowhere`];
      const landline = isDialled(home, country, ['FIXED_LINE', 'FIXED_LINE_OR_MOBILE', 'MOBILE']);
      const cellular = isDialled(mobile, country, ['MOBILE', 'FIXED_LINE_OR_MOBILE']);
      return landline && cellular ? [] : [`${name}: ${landline ? '' : home} ${cellular ? '' : mobile}`];
    });
    expect(wrong).toEqual([]);
    const { added } = await imported(await demo(), '', 'text/csv');
    expect(added).toBe(rows.length);
  });

  test('is named and sorted in the language of the request, and in Georgian for all others', async () => {
    for (const language of ['ka', 'en', 'ru']) {
      const listed: string[] = await names(language);
      expect(listed.length).toBeGreaterThanOrEqual(100);
      expect(listed).toEqual([...listed].sort(new Intl.Collator(language).compare));
    }
    expect(await names('en')).toContain('Germany');
    expect(await names('ru')).toContain('Германия');
    const georgian = await names('ka');
    expect(georgian).toContain('გერმანია');
    for (const language of [undefined, 'uk', 'de', '*']) expect(await names(language)).toEqual(georgian);
  });

  test('says what a minute costs, and what is dialled', async () => {
    const { cities } = (await calls({ 'accept-language': 'en' })).json().data;
    expect(cities.find(({ name }: { name: string }) => name === 'Germany')).toEqual({
      name: 'Germany',
      home: { price: 0.12, code: '49' },
      mobilePhone: { price: 0.35, code: '4915' },
    });
  });

  test('is asked for anew by its ETag, and costs no statement while nothing changes', async () => {
    const first = await calls();
    const { result, statements } = await countStatements(catalog.runtime, () =>
      calls({ 'if-none-match': String(first.headers.etag) }),
    );
    expect([result.statusCode, result.body]).toEqual([304, '']);
    expect(statements).toEqual([]);
    expect(first.headers).toMatchObject({
      'cache-control': 'public, no-cache',
      vary: 'Accept-Language',
      'x-internal-about': 'call-rates',
      'x-internal-revision': expect.any(String),
    });
  });

  test('stays at hand when products change, and falls when rates do, in another process, too', async () => {
    const other = await aProcessOf(catalog.runtime);
    const there = async () => (await other.app.inject('/calls')).json().data.cities.length;
    const category = await catalog.aCategory();
    const before = await there();
    await catalog.aProduct({ categoryId: category.id });
    catalog.runtime.clock.advance(300);
    const { statements } = await countStatements(catalog.runtime, there);
    // One look at the change log, and none at the rates.
    expect(statements).toHaveLength(1);
    await imported([row('Elsewhere')]);
    catalog.runtime.clock.advance(300);
    expect([before > 100, await there()]).toEqual([true, 1]);
  });
});

describe('an import', () => {
  test('is the whole list: what it does not have is gone, and a line about each', async () => {
    await imported([row('A'), row('B'), row('C')]);
    const report = await imported([row('A'), row('B', 9), row('D')]);
    expect(report).toMatchObject({
      applied: true,
      rows: 3,
      added: 1,
      changed: 1,
      unchanged: 1,
      refused: 0,
      removed: ['C'],
    });
    expect(report.lines.map(({ result }: { result: string }) => result)).toEqual(['unchanged', 'changed', 'added']);
    expect(await names('en')).toEqual(['A', 'B', 'D']);
    expect((await catalog.logged()).at(-1)).toMatchObject({
      kind: 'call_rates',
      version: report.number,
      actor: operatorId,
    });
  });

  test('with one row that is wrong changes nothing, and says what is wrong with each', async () => {
    await imported([row('A')]);
    const report = await imported([row('B'), { ...row('C'), home_code: 'x', mobile_price: -1 }, row('b'), 7]);
    expect(report).toMatchObject({ applied: false, number: null, added: 1, refused: 3 });
    const errors = report.lines.map((line: { errors?: string[] }) => line.errors?.join('; ') ?? '');
    expect(errors[1]).toMatch(/home_code.*mobile_price/);
    expect(errors[2]).toBe('name_en: row 1 has it too');
    expect(await names('en')).toEqual(['A']);
  });

  test('with a dry run reports the same and changes nothing', async () => {
    await imported([row('A')]);
    const before = await lists();
    const dry = await imported([row('A', 5), row('B')], '?dryRun=true');
    expect(dry).toMatchObject({ dryRun: true, applied: false, number: null, added: 1, changed: 1 });
    expect(await lists()).toEqual(before);
    expect(await imported([row('A', 5), row('B')])).toMatchObject({
      ...dry,
      dryRun: false,
      applied: true,
      number: expect.any(Number),
      effectiveFrom: expect.any(String),
    });
  });

  test('that says the same again makes no other list', async () => {
    const { number } = await imported([row('A'), row('B')]);
    const before = await lists();
    expect(await imported([row('B'), row('A')])).toMatchObject({ applied: true, number, unchanged: 2 });
    expect(await lists()).toEqual(before);
  });

  test('holds from its date on, without anybody doing anything, and what was is kept', async () => {
    const { number: old } = await imported([row('Now')]);
    const from = new Date(catalog.runtime.clock().getTime() + 3_600_000).toISOString();
    const { number: coming } = await imported([row('Then')], `?effectiveFrom=${encodeURIComponent(from)}`);
    const standings = async () =>
      Object.fromEntries(
        (await lists()).map((list: { number: number; standing: string }) => [list.number, list.standing]),
      );
    expect(await names('en')).toEqual(['Now']);
    expect((await calls()).headers['x-internal-good-for']).toBe('3600000');
    expect(await standings()).toMatchObject({ [old]: 'current', [coming]: 'coming' });
    catalog.runtime.clock.advance(3_599_999);
    expect(await names('en')).toEqual(['Now']);
    catalog.runtime.clock.advance(1);
    expect(await names('en')).toEqual(['Then']);
    expect(await standings()).toMatchObject({ [old]: 'past', [coming]: 'current' });
    const headers = await catalog.operator();
    const kept = (await catalog.app.inject({ url: `/admin/call-rates/${old}`, headers })).json();
    expect(kept).toMatchObject({
      number: old,
      importedBy: operatorId,
      destinations: 1,
      rates: [{ name: { en: 'Now', ka: 'ka Now', ru: 'ru Now' }, home: { price: 1, code: '49' } }],
    });
  });

  test('changes nothing about the past', async () => {
    const past = new Date(catalog.runtime.clock().getTime() - 1).toISOString();
    const response = await send([row('A')], `?effectiveFrom=${encodeURIComponent(past)}`);
    expect([response.statusCode, response.json().code]).toEqual([400, 'validation_failed']);
  });

  test('reads CSV with any of the delimiters that spreadsheets write', async () => {
    const columns = ['name_en', 'name_ka', 'name_ru', 'home_price', 'home_code', 'mobile_price', 'mobile_code'];
    for (const [delimiter, price] of [
      [',', '0.5'],
      [';', '0,5'],
      ['\t', '0.5'],
    ] as const) {
      const file = [columns, ['X', 'x', 'х', price, '+1 2', '1', '12']]
        .map((cells) => cells.join(delimiter))
        .join('\r\n');
      expect(await imported(`\uFEFF${file}`, '?dryRun=true', 'text/csv')).toMatchObject({ rows: 1, refused: 0 });
    }
  });

  test.each([
    ['text/csv', ''],
    ['text/csv', 'name_en\nX'],
    ['text/csv', 'name_en,name_en,name_ru,home_price,home_code,mobile_price,mobile_code\na,b,c,1,1,1,1'],
    ['text/csv', Buffer.from([0xff, 0xfe, 0x41])],
    ['text/csv', 'name_en,name_ka,name_ru,home_price,home_code,mobile_price,mobile_code\n"open'],
    ['application/json', '[]'],
    ['application/json', '{}'],
    ['application/json', 'null'],
    ['application/json', JSON.stringify(Array.from({ length: 2_001 }, (_, at) => row(`N${at}`)))],
  ])('of %s that is no list is refused (%#)', async (type, payload) => {
    const before = await lists();
    const response = await send(payload, '', type);
    expect([response.statusCode, response.json().code], response.body).toEqual([400, 'import_malformed']);
    expect(await lists()).toEqual(before);
  });

  test('by two at once is one after the other', async () => {
    const sent = await Promise.all([imported([row('P')]), imported([row('Q')]), imported([row('R')])]);
    expect(sent.every(({ applied }) => applied)).toBe(true);
    const last = Math.max(...sent.map(({ number }) => number));
    const [now] = await names('en');
    expect(sent.find(({ number }) => number === last)?.lines[0].name).toBe(now);
  });

  test('is for operators alone', async () => {
    const partner = await catalog.runtime.issuer.bearer({ customerId: operatorId, roles: ['partner'] });
    for (const headers of [{}, partner])
      expect(
        (await catalog.app.inject({ method: 'POST', url: '/admin/call-rates/import', headers, payload: [] }))
          .statusCode,
      ).toBe('authorization' in headers ? 403 : 401);
  });
});

test('a list that is not there is not found', async () => {
  const headers = await catalog.operator();
  expect((await catalog.app.inject({ url: '/admin/call-rates/999999', headers })).json().code).toBe(
    'call_rates_not_found',
  );
  expect((await catalog.app.inject({ url: '/admin/call-rates/x', headers })).statusCode).toBe(400);
});
