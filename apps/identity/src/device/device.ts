export const keyBytes = 32;

/** So many apps of one customer may hold a key; each of them is tried at every signed request. */
export const mostDevices = 20;

/** What its owner sees of an app that holds a key; never the key. */
export interface Device {
  /** Its session's. */
  readonly id: string;
  readonly profileId: string;
  readonly profileName: string;
  readonly openedAt: Date;
  readonly lastUsedAt: Date;
  readonly userAgent: string | null;
  readonly address: string | null;
  /** It can be sent messages. */
  readonly hasPushToken: boolean;
}

/** How often a use of a key is written down. */
export const noteUseEverySeconds = 60;

/** Of an access token that a signed request is exchanged for. */
export const exchangedTokenSeconds = 60;

/** A token is given again for half its life, so that whoever gets it has time to use it. */
export const isWorthGiving = (expiresAt: Date, now: Date): boolean =>
  expiresAt.getTime() - now.getTime() >= (exchangedTokenSeconds * 1000) / 2;
