import { isPassword } from './password.ts';

/** What is known of a station that knocks. */
export interface KnownStation {
  readonly id: string;
  readonly status: 'accepted' | 'pending' | 'blocked';
  readonly passwordHash: string | null;
  readonly nextPasswordHash: string | null;
}

/** What it brings. */
export interface Credentials {
  readonly identity: string;
  readonly password: Buffer | null;
  /** From a certificate that somebody whom we believe has verified. */
  readonly certificateName: string | null;
}

export type Verdict =
  | {
      readonly kind: 'welcome';
      readonly status: 'accepted' | 'pending';
      /** It used the password that it was told to use from now on: the old one is over. */
      readonly usesNextPassword: boolean;
    }
  | { readonly kind: 'refused'; readonly reason: 'wrong_credentials' | 'blocked' | 'unknown' };

export interface AdmissionRules {
  readonly secret: string;
  readonly withoutPassword: boolean;
}

/**
 * Whether a station may come in. A pending one may without a password, if it has brought none before: all that it can do
 * is to introduce itself.
 */
export function judge(station: KnownStation | null, credentials: Credentials, rules: AdmissionRules): Verdict {
  const { password } = credentials;
  const fits = (hash: string | null) =>
    password !== null && isPassword(rules.secret, station?.id ?? '', password, hash);
  // All of it in any case: how long an answer takes shall not tell which stations there are, and what they have.
  const [current, next] = [fits(station?.passwordHash ?? null), fits(station?.nextPasswordHash ?? null)];
  if (station === null) return { kind: 'refused', reason: 'unknown' };

  const open =
    station.passwordHash === null &&
    station.nextPasswordHash === null &&
    (station.status === 'pending' || rules.withoutPassword);
  const certified = credentials.certificateName === credentials.identity;
  if (!current && !next && !open && !certified) return { kind: 'refused', reason: 'wrong_credentials' };
  if (station.status === 'blocked') return { kind: 'refused', reason: 'blocked' };
  return { kind: 'welcome', status: station.status, usesNextPassword: next && !current };
}

/** Of a station that nobody has said yes to: it may say who it is, and how far it is with what it was asked. */
const whilePending: ReadonlySet<string> = new Set([
  'BootNotification',
  'DiagnosticsStatusNotification',
  'FirmwareStatusNotification',
  'LogStatusNotification',
  'NotifyReport',
]);

export const mayCall = (status: 'accepted' | 'pending', action: string): boolean =>
  status === 'accepted' || whilePending.has(action);
