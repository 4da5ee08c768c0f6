/** Everything that can be done to the system. */
export const faultKinds = [
  'service-kill',
  'service-restart',
  'service-pause',
  'relay-kill',
  'relay-pause',
  'broker-kill',
  'broker-pause',
  'broker-loss',
  'broker-full',
  'database-kill',
  'database-pause',
  'provider-kill',
  'provider-pause',
  'provider-slow',
  'provider-error',
  'provider-mute',
  'link-delay',
  'link-half-cut',
  'link-cut',
  'link-reset',
  'link-refuse',
  'deliver-again',
  'deliver-reordered',
  'clock-step',
] as const;

export type FaultKind = (typeof faultKinds)[number];
