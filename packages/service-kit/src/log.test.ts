import { AppError } from '@forecourt/errors';
import { expect, test } from 'vitest';
import { createLog } from './log.ts';

function capture() {
  const lines: string[] = [];
  const log = createLog({ service: 'orders', level: 'trace', destination: { write: (line) => void lines.push(line) } });
  return { log, last: () => JSON.parse(lines.at(-1) ?? '{}'), all: () => lines.join('') };
}

test.each([
  ['at the top', { password: 'canary' }],
  ['in a header, whatever its case', { headers: { Authorization: 'Bearer canary', cookie: 'a=canary' } }],
  ['deep inside', { body: { user: { tokens: { accessToken: 'canary', refreshToken: 'canary' } } } }],
  ['in a list', { attempts: [{ code: 'canary', newPassword: 'canary' }] }],
  [
    'in what an error carries',
    { err: Object.assign(new Error('no'), { detail: 'Key (email)=(canary)', token: 'canary' }) },
  ],
  [
    'in a cause',
    { err: new AppError('internal', 'no', { cause: Object.assign(new Error('x'), { detail: 'canary' }) }) },
  ],
])('a secret %s does not reach the log', (_, facts) => {
  const { log, all } = capture();
  log.error(facts, 'what happened');
  expect(all()).toContain('what happened');
  expect(all()).not.toContain('canary');
});

test('an error keeps its code, its constraint, its stack and its causes', () => {
  const { log, last } = capture();
  const cause = Object.assign(new Error('duplicate key'), { code: '23505', constraint: 'customer_email_key' });
  log.error({ err: new AppError('email_taken', 'taken', { cause }) });
  expect(last().err).toMatchObject({
    type: 'AppError',
    code: 'email_taken',
    stack: expect.stringContaining('log.test.ts'),
    cause: { code: '23505', constraint: 'customer_email_key' },
  });
});

test("Prisma's errors lose the arguments that they quote", () => {
  const error = new Error('\nInvalid `prisma.customer.create()` invocation:\n\n{ email: "canary" }\n\nNot reachable');
  error.name = 'PrismaClientKnownRequestError';
  const { log, last, all } = capture();
  log.error({ err: error });
  expect(last().err.message).toBe('Not reachable');
  expect(all()).not.toContain('canary');
});

test('a line names its service, its level and its instant', () => {
  const { log, last } = capture();
  log.info({ orderId: 'o1', at: new Date(0) }, 'refund postponed');
  expect(last()).toMatchObject({
    service: 'orders',
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    orderId: 'o1',
    at: '1970-01-01T00:00:00.000Z',
    msg: 'refund postponed',
  });
});
