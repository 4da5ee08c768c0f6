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
