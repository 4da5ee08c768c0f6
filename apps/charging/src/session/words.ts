/** The driver's car takes no more; of `EVConnected` that is so when it has taken some. */
export const isTheDrivers = (word: string, energyWh: bigint): boolean =>
  word === 'SuspendedEV' || word === 'Finishing' || (word === 'EVConnected' && energyWh > 0n);
/** Nobody knows whether the car would take more: what is ours is never paid for. */
export const isOurs = (word: string): boolean =>
  word === 'SuspendedEVSE' || word === 'Faulted' || word === 'Unavailable';
export const isUnplugged = (word: string): boolean => word === 'Available' || word === 'Idle';

const reasonsOfStations = new Set([
  'EmergencyStop',
  'GroundFault',
  'HardReset',
  'ImmediateReset',
  'OvercurrentFault',
  'PowerLoss',
  'PowerQuality',
  'Reboot',
  'SoftReset',
  'UnlockCommand',
]);
/** Nobody has ended it: the driver need not know, and pays for no waiting until the station is itself again. */
export const isOfTheStation = (reason: string) => reasonsOfStations.has(reason);
