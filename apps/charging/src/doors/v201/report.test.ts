import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPlaza, type Plaza } from '../../../test/plaza.ts';
import { type Answer, asked } from '../../../test/talk.ts';
import { askStation } from '../../station/asking.ts';
import type { Wish } from '../../station/wish.ts';

let plaza: Plaza;
beforeAll(async () => {
  plaza = await openPlaza();
});
afterAll(() => plaza.close());

const aVariable = (name: string, value: string, component = 'OCPPCommCtrlr') => ({
  component: { name: component },
  variable: { name },
  variableAttribute: [{ type: 'Actual', value, mutability: 'ReadWrite' }],
});

/** A station that answers a wish for a report so, and then sends these parts of it. */
async function scene(status: string, parts: Answer[]) {
  const site = await plaza.site();
  const line = await plaza.arrive(site, 'ocpp2.0.1');
  const told: Promise<unknown>[] = [];
  line.answer = (action, { requestId }) => {
    if (action !== 'GetBaseReport') return { getVariableResult: [{ attributeStatus: 'Accepted' }] };
    const generatedAt = plaza.runtime.clock().toISOString();
    const notes = parts.map((part, seqNo) => ({ seqNo, tbc: seqNo < parts.length - 1, ...part }));
    told.push(...notes.map((note) => line.call('NotifyReport', { requestId, generatedAt, ...note })));
    return { status };
  };
  const readAll = async (deadlineMs = 10_000) => {
    const wish: Wish = { action: 'getConfiguration', keys: [] };
    const answer = await askStation(plaza.deps, site.stationId, wish, { deadlineMs });
    expect(await Promise.all(told)).toEqual(parts.map(() => ({})));
    return answer;
  };
  return { ...site, line, readAll };
}

test('all that a station has configured is read as it tells it, in parts, without its password', async () => {
  const { line, readAll } = await scene('Accepted', [
    { reportData: [aVariable('HeartbeatInterval', '300'), aVariable('OfflineThreshold', '60')] },
    { reportData: [aVariable('BasicAuthPassword', 'hidden', 'SecurityCtrlr'), { nonsense: true }] },
  ]);
  const { outcome, answer } = await readAll();
  expect(outcome).toBe('accepted');
  const line1 = { component: 'OCPPCommCtrlr', mutability: 'ReadWrite' };
  expect(answer).toEqual({
    isWhole: true,
    variables: [
      { ...line1, variable: { name: 'HeartbeatInterval' }, attributeValue: '300' },
      { ...line1, variable: { name: 'OfflineThreshold' }, attributeValue: '60' },
      {
        component: 'SecurityCtrlr',
        variable: { name: 'BasicAuthPassword' },
        attributeValue: '[secret]',
        mutability: 'ReadWrite',
      },
    ],
  });
  expect(asked(line, 'GetVariables')).toEqual([]);
});

test('a station that gives no report is asked for what operators usually look at', async () => {
  const { line, readAll } = await scene('Rejected', []);
  expect((await readAll()).outcome).toBe('accepted');
  expect(asked(line, 'GetVariables')).toHaveLength(1);
});

test('of a report that never ends, what has come is shown when its time is over; of one that never begins nothing is known', async () => {
  const never = await scene('Accepted', []);
  const half = await scene('Accepted', [{ tbc: true, reportData: [aVariable('HeartbeatInterval', '300')] }]);
  const [nothing, some] = await Promise.all([never.readAll(700), half.readAll(700)]);
  expect(nothing).toMatchObject({ outcome: 'timeout', answer: null });
  expect(some).toMatchObject({
    outcome: 'accepted',
    answer: { isWhole: false, variables: [{ attributeValue: '300' }] },
  });
});

test('a report that nobody asked for is answered, and nobody’s', async () => {
  const { line } = await scene('Accepted', []);
  expect(
    await line.call('NotifyReport', { requestId: 7, seqNo: 0, generatedAt: '2026-02-19T12:00:00Z', reportData: [] }),
  ).toEqual({});
});
