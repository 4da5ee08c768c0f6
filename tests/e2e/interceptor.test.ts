import { until } from '@forecourt/testing';
import axios, { type AxiosInstance, type InternalAxiosRequestConfig } from 'axios';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HastyIdentity, startHastyIdentity } from './hasty-identity.ts';
import { aCustomer } from './people.ts';
import { system } from './running-system.ts';
import type { Tokens } from './storefront-shapes.ts';

/** What a browser keeps between pages. */
type LocalStorage = Map<'accessToken' | 'refreshToken', string>;

/**
 * The shop's HTTP client, as the document tells it: on a 401 it refreshes once, stores both new tokens and repeats the
 * request; when that fails too it clears the storage and goes to /login. Every failed request refreshes for itself: the
 * shop's pages do not share the promise, which is why parallel refreshes of one token arrive.
 */
function shopsClient(storage: LocalStorage): { http: AxiosInstance; refreshes: Tokens[]; wentToLogin: () => boolean } {
  const http = axios.create({ baseURL: system.gatewayUrl });
  const refreshes: Tokens[] = [];
  let atLogin = false;

  http.interceptors.request.use((config) => {
    config.headers.setAuthorization(`Bearer ${storage.get('accessToken')}`);
    return config;
  });

  http.interceptors.response.use(undefined, async (error: unknown) => {
    const original = axios.isAxiosError(error)
      ? (error.config as (InternalAxiosRequestConfig & { repeated?: boolean }) | undefined)
      : undefined;
    if (!axios.isAxiosError(error) || error.response?.status !== 401 || !original || original.repeated) throw error;
    original.repeated = true;
    try {
      const { data } = await axios.post<Tokens>(
        '/auth/refresh',
        { refreshToken: storage.get('refreshToken') },
        {
          baseURL: system.gatewayUrl,
        },
      );
      refreshes.push(data);
      storage.set('accessToken', data.accessToken).set('refreshToken', data.refreshToken);
    } catch (refused) {
      storage.clear();
      atLogin = true;
      throw refused;
    }
    return http(original);
  });

  return { http, refreshes, wentToLogin: () => atLogin };
}

let identity: HastyIdentity;
beforeAll(async () => {
  identity = await startHastyIdentity();
});
afterAll(() => identity?.stop());

describe("the shop's axios interceptor", () => {
  test('five parallel requests with an expired token refresh in parallel, and all succeed', async () => {
    const person = await aCustomer();
    const storage: LocalStorage = new Map([
      ['accessToken', await identity.expiredTokenOf(person)],
      ['refreshToken', person.tokens.refreshToken],
    ]);
    const { http, refreshes, wentToLogin } = shopsClient(storage);

    const answers = await Promise.all(
      ['/me', '/me/orders', '/me', '/me/orders?page=2', '/me'].map((path) => http.get(path)),
    );

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(answers[0]?.data).toMatchObject({ id: person.customer.id });
    expect(refreshes).toHaveLength(5);
    expect(wentToLogin()).toBe(false);

    const next = shopsClient(storage);
    expect((await next.http.get('/me')).status).toBe(200);
    expect(next.refreshes).toHaveLength(0);
    storage.set('accessToken', await identity.expiredTokenOf(person));
    expect((await next.http.get('/me')).status).toBe(200);
    expect(next.refreshes).toHaveLength(1);
  });

  test('two tabs that share their storage do not throw each other out', async () => {
    const person = await aCustomer();
    const storage: LocalStorage = new Map([
      ['accessToken', await identity.expiredTokenOf(person)],
      ['refreshToken', person.tokens.refreshToken],
    ]);
    const tabs = [shopsClient(storage), shopsClient(storage)];
    for (const answer of await Promise.all(tabs.map(({ http }) => http.get('/me')))) expect(answer.status).toBe(200);
    expect(tabs.some(({ wentToLogin }) => wentToLogin())).toBe(false);
  });

  test('a session that is over clears the storage and goes to /login', async () => {
    const person = await aCustomer();
    await axios.post('/auth/logout', undefined, {
      baseURL: system.gatewayUrl,
      headers: { authorization: `Bearer ${person.auth.bearer}` },
    });
    const storage: LocalStorage = new Map([
      ['accessToken', person.tokens.accessToken],
      ['refreshToken', person.tokens.refreshToken],
    ]);
    const { http, wentToLogin } = shopsClient(storage);
    await until(async () => {
      await http.get('/me').catch(() => undefined);
      return wentToLogin();
    });
    expect(storage.size).toBe(0);
  });
});
