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
