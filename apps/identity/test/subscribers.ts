import { enrol } from '../src/enrolment/service.ts';
import { exchangeSiteToken } from '../src/site-session/service.ts';
import { codeTo } from './codes.ts';
import type { Answer, TestIdentity } from './identity.ts';

let made = 0;

/** A Georgian mobile number that nobody used yet. */
export function aGeorgianPhone(): string {
  made += 1;
  return `+995599${String(100_000 + made)}`;
}

export interface Subscriber {
  readonly id: string;
  readonly number: number;
  readonly phone: string;
}

/** Somebody whom an order named; nothing proves their phone. */
export async function aSubscriber(identity: TestIdentity, phone = aGeorgianPhone()): Promise<Subscriber> {
  const person = {
    phone,
    firstName: 'ნინო',
    lastName: 'ბერიძე',
    personalNumber: '01001012345',
    language: 'ka',
  } as const;
  const { customerId: id, number } = await enrol(identity.deps, person, '203.0.113.77');
  return { id, number, phone };
}

export interface Wishes {
  readonly headers?: Record<string, string>;
  readonly address?: string;
}

export const askFor = (
  identity: TestIdentity,
  path: '/register' | '/resend' | '/restore',
  clientId: unknown,
  wishes: Wishes = {},
): Promise<Answer> => identity.call('POST', path, { body: { clientId }, ...wishes });

export const validate = (identity: TestIdentity, code: number, wishes: Wishes = {}): Promise<Answer> =>
  identity.call('POST', '/validate', { body: { code }, ...wishes });

export interface Challenge {
  readonly code: number;
  /** As `X-Verification` and the cookie name it. */
  readonly verification: string;
  readonly byCookie: Wishes;
  readonly byHeader: Wishes;
}

/** Asks for a code and reads it. */
export async function aChallenge(
  identity: TestIdentity,
  { number, phone }: Subscriber,
  { path = '/register', ...wishes }: Wishes & { path?: '/register' | '/resend' | '/restore' } = {},
): Promise<Challenge> {
  const { status, headers, body } = await askFor(identity, path, number, wishes);
  if (status !== 200) throw new Error(`no code was sent: ${status} ${JSON.stringify(body)}`);
  const verification = String(headers['x-verification']);
  const from = wishes.address === undefined ? {} : { address: wishes.address };
  return {
    code: Number(await codeTo(identity, phone)),
    verification,
    byCookie: { ...from, headers: { cookie: `verification=${verification}` } },
    byHeader: { ...from, headers: { 'x-verification': verification } },
  };
}

export const wrong = (code: number): number => (code === 999_999 ? 100_000 : code + 1);

export const tokenOf = ({ headers }: Answer): string => String(headers.authorization).replace(/^Bearer /, '');

/** Signs in; somebody new unless told. */
export async function aSignedInSubscriber(identity: TestIdentity, subscriber?: Subscriber) {
  const client = subscriber ?? (await aSubscriber(identity));
  const { code, byHeader } = await aChallenge(identity, client);
  const answer = await validate(identity, code, byHeader);
  if (answer.status !== 200) throw new Error(`not signed in: ${answer.status} ${JSON.stringify(answer.body)}`);
  return { ...client, token: tokenOf(answer) };
}

/** What the gateway makes of the site's token. */
export const accessOf = async ({ deps }: TestIdentity, token: string): Promise<string> =>
  (await exchangeSiteToken(deps, token)).accessToken;
