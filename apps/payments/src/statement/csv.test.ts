import { expect, test } from 'vitest';
import { csvHead, csvLine } from './csv.ts';
import type { StatementLine } from './statement.ts';

const aLine = (wishes: Partial<StatementLine> = {}): StatementLine => ({
  transferId: '65f1a2b3c4d5e6f7a8b9c001',
  kind: 'adjustment',
  amount: -1_250n,
  balance: 100_000_000_000n,
  reference: null,
  refunds: null,
  operatorId: '65f1a2b3c4d5e6f7a8b9c002',
  reason: null,
  at: new Date('2026-02-19T12:00:00.000Z'),
  ...wishes,
});
const reasonOf = (reason: string) => csvLine(aLine({ reason }), 'UAH').split(',65f1a2b3c4d5e6f7a8b9c002,')[1];

test('a line has a cell for each column, amounts in major units', () => {
  expect(csvHead).toBe('at,transfer,kind,amount,balance,reference,refunds,operator,reason\r\n');
  expect(csvLine(aLine(), 'UAH')).toBe(
    '2026-02-19T12:00:00.000Z,65f1a2b3c4d5e6f7a8b9c001,adjustment,-12.5,1000000000,,,65f1a2b3c4d5e6f7a8b9c002,\r\n',
  );
  expect(csvLine(aLine({ amount: 7n, balance: 7n }), 'JPY')).toContain(',7,7,');
  expect(csvLine(aLine({ amount: 1n, balance: 0n }), 'UAH')).toContain(',0.01,0,');
});

test.each(['=cmd()', '+1', '-1', '@SUM(A1)'])('%s is not run by a spreadsheet', (text) => {
  expect(reasonOf(text)).toBe(`'${text}\r\n`);
});

test('what would end a cell stays in it', () => {
  expect(reasonOf('a,b')).toBe('"a,b"\r\n');
  expect(reasonOf('said "no"')).toBe('"said ""no"""\r\n');
  expect(reasonOf('one\ntwo')).toBe('"one\ntwo"\r\n');
  expect(reasonOf('=1,2')).toBe(`"'=1,2"\r\n`);
});
