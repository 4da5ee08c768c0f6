import { until } from '../until.ts';

const operator = { login: 'operator@forecourt.local', password: 'operator-demo', clientId: 'chaos' };

/** An access token of the operator whom every development system has. */
export async function signIn(gateway: string): Promise<string> {
  const response = await fetch(new URL('/auth/login', gateway), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(operator),
    signal: AbortSignal.timeout(10_000),
  });
  if (response.status !== 201) throw new Error(`the operator's login was answered ${response.status}`);
  const { tokens } = (await response.json()) as { tokens: { accessToken: string } };
  return tokens.accessToken;
}

/** A system that is just up, beside others that begin, or that has just been broken, may not answer the first time. */
export async function patientlySignIn(gateway: string): Promise<string> {
  let token = '';
  await until(
    async () => {
      token = await signIn(gateway);
      return true;
    },
    'the operator can sign in',
    { timeoutMs: 60_000 },
  );
  return token;
}
