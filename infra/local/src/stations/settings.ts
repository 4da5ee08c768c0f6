import type { Switches } from './switches.ts';

/** What a central system may read and set, under the name that each version of OCPP has for it. */
export interface Setting {
  readonly key16: string;
  readonly key201: readonly [component: string, variable: string];
  /** undefined: it can be set, and is never shown. */
  readonly read: (() => string) | undefined;
  /** false: not such a value. undefined: it is as it is. */
  readonly write: ((value: string) => boolean) | undefined;
}

export interface SettingsOptions {
  readonly switches: Switches;
  readonly connectors: number;
  readonly heartbeat: { seconds: number };
  readonly changePassword: (password: string) => void;
}

export function settingsOf({ switches, connectors, heartbeat, changePassword }: SettingsOptions): Setting[] {
  const seconds = (
    key16: string,
    key201: Setting['key201'],
    get: () => number,
    set: (value: number) => void,
  ): Setting => ({
    key16,
    key201,
    read: () => String(get()),
    write: (value) => {
      if (!/^\d{1,5}$/.test(value)) return false;
      set(Number(value));
      return true;
    },
  });
  const fixed = (key16: string, key201: Setting['key201'], value: () => string): Setting => ({
    key16,
    key201,
    read: value,
    write: undefined,
  });
  return [
    seconds(
      'HeartbeatInterval',
      ['OCPPCommCtrlr', 'HeartbeatInterval'],
      () => heartbeat.seconds,
      (value) => {
        heartbeat.seconds = value;
      },
    ),
    seconds(
      'MeterValueSampleInterval',
      ['SampledDataCtrlr', 'TxUpdatedInterval'],
      () => switches.meterEveryMs / 1000,
      (value) => {
        switches.meterEveryMs = value * 1000;
      },
    ),
    seconds(
      'ConnectionTimeOut',
      ['TxCtrlr', 'EVConnectionTimeOut'],
      () => switches.connectionTimeOutMs / 1000,
      (value) => {
        switches.connectionTimeOutMs = value * 1000;
      },
    ),
    {
      key16: 'AuthorizationKey',
      key201: ['SecurityCtrlr', 'BasicAuthPassword'],
      read: undefined,
      write: (value) => {
        if (value.length < 16 || value.length > 40) return false;
        changePassword(value);
        return true;
      },
    },
    fixed('NumberOfConnectors', ['ChargingStation', 'AvailableConnectors'], () => String(connectors)),
    fixed('AuthorizeRemoteTxRequests', ['AuthCtrlr', 'AuthorizeRemoteStart'], () => 'false'),
    fixed('StopTransactionOnInvalidId', ['TxCtrlr', 'StopTxOnInvalidId'], () => 'true'),
    fixed('StopTransactionOnEVSideDisconnect', ['TxCtrlr', 'StopTxOnEVSideDisconnect'], () => 'true'),
    fixed(
      'MeterValuesSampledData',
      ['SampledDataCtrlr', 'TxUpdatedMeasurands'],
      () => 'Energy.Active.Import.Register,Power.Active.Import',
    ),
    fixed(
      'SupportedFeatureProfiles',
      ['OCPPCommCtrlr', 'FileTransferProtocols'],
      () => 'Core,FirmwareManagement,Reservation,RemoteTrigger,SmartCharging',
    ),
  ];
}
