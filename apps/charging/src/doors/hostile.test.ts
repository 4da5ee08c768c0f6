import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPlaza, type Plaza } from '../../test/plaza.ts';
import { type Answer, callAs } from '../../test/talk.ts';

let plaza: Plaza;
beforeAll(async () => {
  plaza = await openPlaza();
});
afterAll(() => plaza.close());

const junk = fc.oneof(
  { weight: 3, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
  fc.constantFrom(
    -1,
    0,
    1,
    2 ** 31,
    2 ** 53,
    1e308,
    -1e308,
    '',
    ' ',
    '1',
    '-1',
    'Available',
    'Started',
    'Ended',
    '\u0000',
    '\ud800',
  ),
  fc.constantFrom('1970-01-01T00:00:00Z', '9999-12-31T23:59:59Z', '0000-01-01T00:00:00Z', '2026-02-19T12:00:00Z'),
);
const fieldsOf = (...names: string[]) =>
  fc.record(Object.fromEntries(names.map((name) => [name, junk])), { requiredKeys: [] });
const sampled = fc.array(fieldsOf('value', 'unit', 'measurand', 'phase', 'context', 'unitOfMeasure'), { maxLength: 3 });
const meterValue = fc.oneof(
  junk,
  fc.array(fc.record({ timestamp: junk, sampledValue: fc.oneof(junk, sampled) }), { maxLength: 3 }),
);
const withMeter = (base: fc.Arbitrary<object>, name = 'meterValue') =>
  fc.tuple(base, meterValue).map(([fields, value]) => ({ ...fields, [name]: value }) as Answer);

const calls = {
  'ocpp1.6': fc.oneof(
    fc.tuple(fc.constant('BootNotification'), fieldsOf('chargePointVendor', 'chargePointModel', 'firmwareVersion')),
    fc.tuple(fc.constant('StatusNotification'), fieldsOf('connectorId', 'status', 'errorCode', 'timestamp', 'info')),
    fc.tuple(fc.constant('Authorize'), fieldsOf('idTag')),
    fc.tuple(fc.constant('StartTransaction'), fieldsOf('connectorId', 'idTag', 'meterStart', 'timestamp')),
    fc.tuple(fc.constant('MeterValues'), withMeter(fieldsOf('connectorId', 'transactionId'))),
    fc.tuple(
      fc.constant('StopTransaction'),
      withMeter(fieldsOf('transactionId', 'meterStop', 'timestamp', 'reason', 'idTag'), 'transactionData'),
    ),
    fc.tuple(fc.constant('SecurityEventNotification'), fieldsOf('type', 'timestamp', 'techInfo')),
  ),
  'ocpp2.0.1': fc.oneof(
    fc.tuple(fc.constant('BootNotification'), fieldsOf('reason', 'chargingStation')),
    fc.tuple(fc.constant('StatusNotification'), fieldsOf('evseId', 'connectorId', 'connectorStatus', 'timestamp')),
    fc.tuple(fc.constant('Authorize'), fieldsOf('idToken')),
    fc.tuple(
      fc.constant('TransactionEvent'),
      withMeter(
        fc.record({
          eventType: fc.oneof(fc.constantFrom('Started', 'Updated', 'Ended'), junk),
          triggerReason: fc.oneof(fc.constantFrom('Authorized', 'RemoteStart'), junk),
          seqNo: junk,
          timestamp: junk,
          transactionInfo: fc.oneof(
            junk,
            fc.record({
              transactionId: fc.oneof(fc.constantFrom('a', 'b'), junk),
              chargingState: junk,
              remoteStartId: junk,
            }),
          ),
          evse: fc.oneof(fc.constantFrom({ id: 1 }, { id: 2 }), junk, fieldsOf('id')),
          idToken: fc.oneof(junk, fieldsOf('idToken', 'type')),
        }),
      ),
    ),
    fc.tuple(fc.constant('MeterValues'), withMeter(fieldsOf('evseId'))),
  ),
};

/** No text can be made of it, and JSON can say it. */
const formless = { toString: null };
const worst: Record<keyof typeof calls, [string, Answer][]> = {
  'ocpp1.6': [
    ['StartTransaction', { connectorId: formless, idTag: formless, meterStart: formless, timestamp: formless }],
    ['MeterValues', { connectorId: 1, transactionId: formless, meterValue: [{ timestamp: formless }] }],
    ['StopTransaction', { transactionId: 1, meterStop: formless, timestamp: formless, reason: formless }],
  ],
  'ocpp2.0.1': [
    [
      'TransactionEvent',
      { eventType: formless, seqNo: formless, timestamp: formless, transactionInfo: { transactionId: 'a' } },
    ],
  ],
};

test.each(['ocpp1.6', 'ocpp2.0.1'] as const)(
  'whatever a station of %s says is answered or refused, breaks nothing, and makes no device',
  async (protocol) => {
    const site = await plaza.site();
    const line = await plaza.arrive(site, protocol);
    let sent = 0;
    await fc.assert(
      fc.asyncProperty(calls[protocol], async ([action, payload]) => {
        sent += 1;
        const [type, , code] = await callAs(line, `junk-${sent}`, action, payload as Answer);
        expect(type === 4 ? code : 'answered').not.toBe('InternalError');
      }),
      { numRuns: 150, examples: worst[protocol].map((call) => [call]) },
    );
    const devices = await plaza.runtime.database.$queryRaw`SELECT id FROM device WHERE station_id = ${site.stationId}`;
    expect(devices).toHaveLength(2);
  },
);
