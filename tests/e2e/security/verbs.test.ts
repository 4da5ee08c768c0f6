import { until } from '@forecourt/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { aCustomer, operatorBearer } from '../people.ts';
import { system } from '../running-system.ts';
import { type Answer, type Knock, knock } from './knock.ts';
import { matrix, type Row } from './matrix.ts';
import { makeThings, type Things } from './things.ts';

let things: Things;
let operator: Record<string, string>;

beforeAll(async () => {
  things = await makeThings(await aCustomer());
  operator = { authorization: `Bearer ${(await operatorBearer()).bearer}` };
});

const verbs = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
const split = ({ operation }: Row) => operation.split(' ') as [verb: string, path: string];
const ask = (wishes: Omit<Knock, 'path'> & { path: string }): Promise<Answer> => knock(system.gatewayUrl, wishes);

/** One row of each path, and the verbs that the matrix knows there. */
const paths = Map.groupBy(matrix, (row) => split(row)[1]);

/** `/admin/products/import` is a product's path too, as far as the router knows. */
const verbsAt = (path: string) => {
  const there = matrix.filter((row) => new RegExp(`^${split(row)[1].replaceAll(/:\w+/g, '[^/]+')}$`).test(path));
  return [...new Set(there.map((row) => split(row)[0]))].sort();
};

describe.each([...paths])('%s', (_path, rows) => {
  const usual = (rows[0] as Row).headers;
  const concrete = async () => ((await (rows[0] as Row).call(things))[0] as string).split('?', 1)[0] as string;

  test('knows no verb besides those of the matrix, whoever asks', async () => {
    const path = await concrete();
    const caller = { ...usual, ...operator };
    const known = verbsAt(path);
    for (const method of verbs) {
      if (known.includes(method) || (method === 'HEAD' && known.includes('GET') && !(rows[0] as Row).noHead)) continue;
      const { status, headers, text } = await ask({ method, path, headers: caller });
      expect([404, 405], `${method} ${path}: ${text}`).toContain(status);
      if (status === 405) expect(headers.allow?.split(', ').filter((verb) => verb !== 'HEAD')).toEqual(known);
    }
  });

  test('is asked by HEAD as by GET, with the same rules and no body', async () => {
    const row = rows.find((one) => split(one)[0] === 'GET');
    if (!row || row.noHead) return;
    const [path] = await row.call(things);
    for (const credential of [{}, operator, { authorization: 'Bearer garbage' }]) {
      const headers = { ...usual, ...credential };
      const [got, headed] = [await ask({ method: 'GET', path, headers }), await ask({ method: 'HEAD', path, headers })];
      expect([headed.status, headed.text]).toEqual([got.status, '']);
      expect(Object.keys(headed.headers).filter((name) => name.startsWith('x-internal'))).toEqual([]);
    }
  });

  test('does not hear of another verb in a header, a query or a body', async () => {
    const path = await concrete();
    const caller = { ...usual, ...operator };
    const answered = async (headers: Record<string, string>) => {
      const { status, text } = await ask({ method: 'GET', path, headers });
      return `${status} ${text.replace(/"requestId":"[^"]+"/, '')}`;
    };
    for (const other of ['DELETE', 'PUT', 'PATCH']) {
      const disguise = { 'x-http-method-override': other, 'x-http-method': other, 'x-method-override': other };
      // What others have made goes on for a moment: a difference that stays is one.
      await until(async () => (await answered(caller)) === (await answered({ ...caller, ...disguise })), {
        message: `${path} hears of ${other}`,
      });
      const posted = await ask({
        method: 'POST',
        path: `${path}?_method=${other}`,
        headers: { ...usual, ...disguise },
        body: { _method: other },
      });
      expect(posted.status).toBeGreaterThanOrEqual(400);
    }
  });

  test('says to OPTIONS nothing of what is there', async () => {
    const path = await concrete();
    const { status, text, headers } = await ask({ method: 'OPTIONS', path, headers: operator });
    expect([[204, 404, 405].includes(status), text === '' || status > 204]).toEqual([true, true]);
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });
});

test.each(['TRACE', 'PURGE', 'PROPFIND', 'SEARCH', 'LINK', 'QUERY'])('%s is nobody’s', async (method) => {
  for (const path of ['/products', '/admin/products', '/me']) {
    const { status, text } = await ask({ method, path, headers: { ...operator, cookie: 'canary=1' } });
    expect([400, 404, 405, 501]).toContain(status);
    expect(text).not.toContain('canary');
  }
});
