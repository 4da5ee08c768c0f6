export const refreshTokenSeconds = 30 * 24 * 3600;
const graceSeconds = 30;

/** How often a use of an app's session is written down. */
export const noteUseEverySeconds = 60;

export type EndReason =
  | 'logout'
  | 'password_reset'
  | 'password_changed'
  | 'refresh_reused'
  | 'blocked'
  | 'role_withdrawn'
  | 'ended_by_customer'
  | 'ended_by_operator'
  | 'phone_proved'
  | 'displaced'
  | 'erased'
  | 'key_revoked';

/** Where a login comes from. */
export interface Visit {
  readonly clientId: string | null;
  readonly address: string;
  readonly userAgent: string | null;
}

export interface TokenState {
  readonly expiresAt: Date;
  readonly spentAt: Date | null;
  readonly sessionEndedAt: Date | null;
  readonly customerBlockedAt: Date | null;
}

/**
 * What a refresh token is worth that could not simply be spent. `repeat`: its answer was lost, or another tab was
 * quicker; it gets the same pair again. `stolen`: two parties hold it, and nobody can tell which one is the customer.
 */
export function judge(token: TokenState | null, now: Date): 'invalid' | 'repeat' | 'stolen' {
  if (!token || token.sessionEndedAt || token.customerBlockedAt) return 'invalid';
  if (!token.spentAt) return 'invalid'; // expired
  return now.getTime() - token.spentAt.getTime() <= graceSeconds * 1000 ? 'repeat' : 'stolen';
}

export const refreshExpiry = (issuedAt: Date): Date => new Date(issuedAt.getTime() + refreshTokenSeconds * 1000);
