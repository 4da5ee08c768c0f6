/** What is kept for ever: acts that open, close or change an account, or that show it to somebody else. */
export const acts = [
  'customer.read',
  'customer.blocked',
  'customer.unblocked',
  'customer.exported',
  'customer.erased',
  'role.granted',
  'role.withdrawn',
  'profile.changed',
  'password.changed',
  'password.reset',
  'email.changed',
  'email.proved',
  'phone.changed',
  'phone.proved',
  'session.ended',
  'device.opened',
  'device.ended',
  'app_profile.made',
  'app_profile.changed',
  'service_account.made',
  'service_account.rotated',
  'service_account.revoked',
] as const;
export type Act = (typeof acts)[number];

/** Who acts, and from where. The system acts when nobody asked it to. */
export type Actor =
  | { readonly role: 'customer' | 'operator'; readonly id: string; readonly address: string }
  | { readonly role: 'system' };

export interface AuditedAct {
  readonly act: Act;
  readonly actor: Actor;
  /** The customer that it was done to; null: it was done to nobody. */
  readonly subjectId: string | null;
  /** Ids and words of ours; never a secret, and nothing that says who a person is. */
  readonly facts?: Readonly<Record<string, string | number | readonly string[]>>;
  readonly at: Date;
}
