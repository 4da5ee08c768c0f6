import { expect, test } from 'vitest';
import { judgeRights } from './rights.ts';

const line = (text: string) => `[3220] 2026/11/21 15:30:31.873569 [ERR] 127.0.0.1:39936 - cid:14 - ${text}\n`;
const started = '[3220] 2026/11/21 15:30:30.000000 [INF] Server is ready\n';

test('an answer over another connection than the question came by is nobody’s mistake', () => {
  const late = line('Publish Violation - User "payments", Subject "_INBOX.e4FPKbOiWI7aaulcYwnRQg.MXE7dVtg"');
  expect(judgeRights(started + late)).toEqual({
    checked: 2,
    looked: { lines: 2, 'answers that came too late': 1 },
    violations: [],
  });
});

test.each([
  'Publish Violation - User "orders", Subject "payments.wallet.charge"',
  'Subscription Violation - User "orders", Subject "_INBOX.payments.>", SID 3',
  'Subscription Violation - User "orders", Using queue "answer", Subject "catalog.product.get", SID 3',
  'authentication error - User "orders"',
])('what a service is refused is seen: %s', (text) => {
  expect(judgeRights(started + line(text)).violations).toEqual([expect.stringContaining(text)]);
});
