import type { About, Operation } from '../history.ts';
import type { Random } from '../random.ts';

/** A browser that somebody is, or is not, signed in with. */
export interface Session {
  readonly id: string;
  accessToken: string;
  refreshToken: string;
  /** Nobody uses it any more for what it is meant for. */
  over: boolean;
  /** A refresh is under way, or one's outcome is unknown: the token may be spent. */
  refreshing: boolean;
}

export interface Person {
  readonly phone: string;
  readonly email: string;
  readonly password: string;
  readonly clientId: string;
  customerId?: string;
  readonly sessions: Session[];
}

/** Phones and addresses that no other person of the run has. */
export function somebody(n: number, random: Random): Person {
  const digits = String(n).padStart(7, '0');
  return {
    phone: `+38067${digits}`,
    email: `buyer-${n}@example.com`,
    password: `пароль-${random.below(2 ** 31)}-${n}`,
    clientId: `browser-${n}`,
    sessions: [],
  };
}

interface TokensBody {
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** From the answer to a registration, a login or a refresh. */
export function tokensOf({ reply }: Pick<Operation, 'reply'>): TokensBody | undefined {
  if (reply === undefined) return undefined;
  const body = JSON.parse(reply) as { tokens?: TokensBody } & TokensBody;
  return body.tokens ?? body;
}

export const learnSession = (body: unknown): About => {
  const { customer, tokens } = body as { customer: { id: string }; tokens: TokensBody };
  return { customerId: customer.id, session: sessionOf(tokens.accessToken) };
};

/** The `sid` of an access token, which is not checked here. */
function sessionOf(accessToken: string): string {
  const [, claims = ''] = accessToken.split('.');
  return (JSON.parse(Buffer.from(claims, 'base64url').toString()) as { sid: string }).sid;
}

export function sessionFrom(operation: Operation): Session | undefined {
  const tokens = operation.outcome === 'ok' ? tokensOf(operation) : undefined;
  if (!tokens) return undefined;
  const { accessToken, refreshToken } = tokens;
  return { id: sessionOf(accessToken), accessToken, refreshToken, over: false, refreshing: false };
}
