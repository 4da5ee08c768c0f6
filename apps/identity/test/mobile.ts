import { makeDemoProfile } from '../src/app-profile/service.ts';
import { exchange } from '../src/device/exchange.ts';
import { aPhone, codeTo } from './codes.ts';
import { signed } from './devices.ts';
import { type Answer, startIdentity, type TestIdentity } from './identity.ts';

export const mobile = '/api/client/mobile/1.0';
export const demo = { 'hive-profile': 'demo' };

/** With the app that every developer may play. */
export async function startWithDemoApp(settings: Record<string, string> = {}): Promise<TestIdentity> {
  const identity = await startIdentity(settings);
  await makeDemoProfile(identity.deps);
  return identity;
}

/** As an app asks: by path below the dialect's own. */
export function appOf(identity: TestIdentity, headers: Record<string, string> = demo) {
  const get = (path: string, more: Record<string, string> = {}): Promise<Answer> =>
    identity.call('GET', mobile + path, { headers: { ...headers, ...more } });
  const post = (path: string, body: unknown, more: Record<string, string> = {}): Promise<Answer> =>
    identity.call('POST', mobile + path, { body, headers: { ...headers, ...more } });
  return {
    get,
    post,
    submit: (body: unknown) => post('/registration/submit', body),
    resubmit: (id: unknown, more = '') => get(`/registration/resubmit?id=${id}${more}`),
    confirm: (id: unknown, code: unknown) => get(`/registration/confirm?id=${id}&code=${code}`),
  };
}

/** Asks for a code and reads it. */
export async function aSubmission(identity: TestIdentity, body: Record<string, unknown> = {}) {
  const phone = String(body.phone ?? aPhone());
  const answer = await appOf(identity).submit({ ...body, phone });
  if (answer.status !== 200) throw new Error(`no code was sent: ${answer.status} ${JSON.stringify(answer.body)}`);
  return { phone, id: answer.body.id as number, code: await codeTo(identity, phone) };
}

export interface SignedUp {
  readonly phone: string;
  /** The customer's number. */
  readonly id: number;
  readonly key: string;
}

export async function aSignUp(identity: TestIdentity, body: Record<string, unknown> = {}): Promise<SignedUp> {
  const { phone, id, code } = await aSubmission(identity, body);
  const answer = await appOf(identity).confirm(id, code);
  if (answer.status !== 200) throw new Error(`not signed up: ${answer.status} ${JSON.stringify(answer.body)}`);
  return { phone, ...answer.body };
}

/** What the gateway makes of a signed request. */
export async function tokenOf({ deps }: TestIdentity, { id, key }: Pick<SignedUp, 'id' | 'key'>): Promise<string> {
  const device = { key, customerNumber: BigInt(id), profileId: 'demo' };
  return (await exchange(deps, signed(device, { at: deps.clock() }))).accessToken;
}
