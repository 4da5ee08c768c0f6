import type { Switches } from './switches.ts';

export type Context = 'Transaction.Begin' | 'Transaction.End' | 'Sample.Periodic' | 'Trigger';

export interface Reading {
  readonly registerWh: number;
  readonly powerW: number;
  readonly context: Context;
}

/** One number of a meter, as both versions of OCPP have it; what is undefined is left out. */
export interface Value {
  readonly value: number;
  readonly unit: 'Wh' | 'kWh' | 'W' | undefined;
  readonly measurand: 'Energy.Active.Import.Register' | 'Power.Active.Import' | undefined;
  readonly phase: 'L1' | 'L2' | 'L3' | undefined;
}

/** What a meter says when it is read, in the unit and in as many parts as this station likes. */
export function valuesOf({ registerWh, powerW, context }: Reading, switches: Switches): Value[] {
  const { unit, phases, measurand } = switches;
  const isUnsaid = unit === 'unsaid' && context === 'Sample.Periodic';
  const inKwh = unit === 'kWh' || isUnsaid;
  const energy = (wh: number, phase?: Value['phase']): Value => ({
    value: inKwh ? wh / 1000 : wh,
    unit: isUnsaid ? undefined : inKwh ? 'kWh' : 'Wh',
    measurand: measurand ? 'Energy.Active.Import.Register' : undefined,
    phase,
  });
  const each = () => {
    const third = Math.floor(registerWh / 3);
    return [energy(third, 'L1'), energy(third, 'L2'), energy(registerWh - 2 * third, 'L3')];
  };
  return [
    ...(phases === 'together' ? [] : each()),
    ...(phases === 'each' ? [] : [energy(registerWh)]),
    { value: Math.round(powerW), unit: 'W', measurand: 'Power.Active.Import', phase: undefined },
  ];
}
