/** An app that signs requests, as its `Hive-Profile` header names it. */
export interface AppProfile {
  readonly id: string;
  readonly name: string;
  /** ISO 3166-1 alpha-2: the country of phones that its users write without a country code. */
  readonly region: string;
  readonly codeDigits: number;
  /** null: its requests are answered. */
  readonly blockedAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export type NewAppProfile = Pick<AppProfile, 'id' | 'name' | 'region' | 'codeDigits'>;
export type AppProfileChange = Partial<Omit<NewAppProfile, 'id'>> & { readonly blocked?: boolean };

/** What may stand in a header, and as a segment of a path that everybody reads alike (RFC 3986, 3.3). */
export const profileIdForm = /^(?!\.+$)[A-Za-z0-9._~!$&'()*+,=:@-]{1,64}$/;
/** A code of fewer digits has fewer tries; a longer one nobody types twice. */
export const codeDigitsRange = { min: 4, max: 8 } as const;

export const made = (facts: NewAppProfile, now: Date): AppProfile => ({
  ...facts,
  blockedAt: null,
  createdAt: now,
  updatedAt: now,
});

/** The very same value when nothing is different. */
export function changeProfile(profile: AppProfile, { blocked, ...facts }: AppProfileChange, now: Date): AppProfile {
  const blockedAt = blocked === undefined ? profile.blockedAt : blocked ? (profile.blockedAt ?? now) : null;
  const next = { ...profile, ...facts, blockedAt };
  return changedFields(profile, next).length > 0 ? { ...next, updatedAt: now } : profile;
}

const changeable = ['name', 'region', 'codeDigits', 'blockedAt'] as const;

export const changedFields = (before: AppProfile, after: AppProfile): readonly string[] =>
  changeable.filter((field) => before[field] !== after[field]);
