export const stationStatuses = ['pending', 'accepted', 'blocked'] as const;
export type StationStatus = (typeof stationStatuses)[number];

/** Under which name a station of each version takes its password. */
export const passwordKeyOf = (protocol: string | null): string =>
  protocol === 'ocpp2.0.1' ? 'SecurityCtrlr.BasicAuthPassword' : 'AuthorizationKey';

/** Of bytes drawn by lot. Hex is what an AuthorizationKey of 1.6 is written in, and what no station stumbles over. */
export const passwordFrom = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
export const passwordBytes = 20;
