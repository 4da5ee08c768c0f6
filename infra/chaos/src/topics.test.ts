import { expect, test } from 'vitest';
import { read, readCharge } from './topics.ts';

const settled = { status: 'success', amount: 100.69 };
const heard = { topic: 'push.abc', status: 'success', amount: 10_069 };

test('one settlement is read from both of its forms', () => {
  expect(read('push.abc', { replenishment: settled })).toEqual({ ...heard, form: 'wrapped' });
  expect(read('push.abc.REPLENISHMENT', settled)).toEqual({ ...heard, form: 'bare' });
});

test('what tells of something else is left aside', () => {
  expect(read('push.abc', { device: { id: '1', state: 'Idle' } })).toBeUndefined();
});

test('how a charge goes is read from the form with a name', () => {
  const charging = { purchaseId: 'p1', deviceId: 'd1', state: 'finished', energyWh: 500, durationSec: 9, amount: 10.5 };
  const heard = { topic: 'push.abc', purchaseId: 'p1', state: 'finished', energyWh: 500, amount: 1_050 };
  expect(readCharge('push.abc', { charging })).toEqual(heard);
  expect(readCharge('push.abc.CHARGING', { energy: 500, waitingTime: 0, amount: 10.5 })).toBeUndefined();
});
