import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** A meter that signs what it says, as the Open Charge Metering Format has it. */
export interface Signer {
  /** DER, base64. */
  readonly publicKey: string;
  /** `OCMF|{what was read}|{signature}`. */
  sign(
    meter: string,
    charge: { idToken: string; beganAt: Date; meterStartWh: number },
    endedAt: Date,
    stopWh: number,
  ): string;
}

export function createSigner(): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
    sign: (meter, { idToken, beganAt, meterStartWh }, endedAt, stopWh) =>
      ocmf(privateKey, {
        FV: '1.0',
        GI: 'Forecourt demo station',
        MS: meter,
        PG: 'T1',
        IS: true,
        ID: idToken,
        RD: [readingOf(beganAt, 'B', meterStartWh), readingOf(endedAt, 'E', stopWh)],
      }),
  };
}

const readingOf = (at: Date, kind: 'B' | 'E', wh: number) => ({
  TM: `${at.toISOString().replace('.', ',').replace('Z', '+0000')} S`,
  TX: kind,
  RV: wh / 1000,
  RI: '1-b:1.8.0',
  RU: 'kWh',
  ST: 'G',
});

function ocmf(key: KeyObject, data: object): string {
  const payload = JSON.stringify(data);
  const signature = sign('sha256', Buffer.from(payload), key).toString('hex');
  return `OCMF|${payload}|${JSON.stringify({ SA: 'ECDSA-secp256r1-SHA256', SD: signature })}`;
}
