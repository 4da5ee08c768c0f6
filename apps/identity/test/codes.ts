import { createMetrics, openDatabase } from '@forecourt/service-kit';
import { type Accepted, acceptCode, type IssuedCode, issueCode, type NewCode } from '../src/code/service.ts';
import { createDeps, type Deps } from '../src/deps.ts';
import type { TestIdentity } from './identity.ts';

let made = 0;

/** A mobile number that nobody used yet. */
export function aPhone(): string {
  made += 1;
  return `+38067${String(1_000_000 + made)}`;
}

export interface AskedCode extends IssuedCode {
  readonly recipient: string;
}

/** Asks for a code as a door would. */
export async function askForCode(
  { deps }: Pick<TestIdentity, 'deps'>,
  wishes: Partial<NewCode> = {},
): Promise<AskedCode> {
  const recipient = wishes.recipient ?? aPhone();
  const wish = { purpose: 'sign_in', channel: 'sms', language: 'en', address: '203.0.113.7' } as const;
  return { ...(await issueCode(deps, { ...wish, ...wishes, recipient })), recipient };
}

/** The code in the newest message to somebody, once the worker has sent what is due. */
export async function codeTo(identity: TestIdentity, recipient: string): Promise<string> {
  const [message] = await identity.mailTo(recipient);
  const code = /\d{4,8}/.exec(message?.text.replaceAll(/(?<=\d), (?=\d)/g, '') ?? '')?.[0];
  if (!code) throw new Error(`no code went to ${recipient}`);
  return code;
}

/** Asks for a code and reads it. */
export async function aSentCode(identity: TestIdentity, wishes: Partial<NewCode> = {}) {
  const asked = await askForCode(identity, wishes);
  return { ...asked, code: await codeTo(identity, asked.recipient) };
}

export const anotherCode = (code: string): string => code.replace(/\d$/, (digit) => String((Number(digit) + 1) % 10));

/** Enters a code as a door for signing in would, and gives what the effect was told. */
export const enter = (
  { deps }: Pick<TestIdentity, 'deps'>,
  { requestId }: { readonly requestId: string },
  code: string,
  effect: (accepted: Accepted) => Promise<unknown> = async () => {},
): Promise<Accepted> =>
  acceptCode(deps, { requestId }, { code, purposes: ['sign_in'] }, async (_, accepted) => {
    await effect(accepted);
    return accepted;
  });

/** What a refusal is called; null when there was none. */
export const refusalOf = (work: Promise<unknown>): Promise<string | null> =>
  work.then(
    () => null,
    (error: { code?: string }) => error.code ?? String(error),
  );

/** A second process on the same database, with connections of its own. */
export async function anotherProcess({
  runtime,
  config,
}: TestIdentity): Promise<{ deps: Deps; close(): Promise<void> }> {
  const database = openDatabase({ url: config.DATABASE_URL, applicationName: 'another' });
  const metrics = createMetrics({ service: 'identity', ofProcess: false });
  const deps = await createDeps(config, { ...runtime, database, metrics, onClose: () => {} });
  return {
    deps,
    close: async () => {
      await deps.db.$disconnect();
      await database.close();
    },
  };
}
