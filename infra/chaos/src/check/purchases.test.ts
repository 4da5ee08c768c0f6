import { expect, test } from 'vitest';
import { anOperation } from './made-up.ts';
import { type PurchaseMaterial, purchases, type ToldSession } from './purchases.ts';

const charge = {
  ...{ identity: 'S-1', transactionId: '7', idToken: 'abc', energyWh: 500, staySeconds: 50, isStopped: true },
};
const session = {
  ...{ id: 's1', identity: 'S-1', deviceId: 'd1', customerId: 'c1', state: 'finished', origin: 'app', version: 6 },
  ...{ transactionId: '7', idToken: 'ABC', hasBegun: true, energyWh: 500, price: 2_000, waitingPrice: 50 },
  ...{ amount: 1_050, paid: 1_050, flag: null },
};
const failed = {
  ...{ ...session, id: 's2', state: 'failed', transactionId: null, idToken: 'DEF', hasBegun: false, energyWh: 0 },
  ...{ amount: 0, paid: 0, version: 3 },
};
const news = (version: number, event: ToldSession['event'], state: string, more: Partial<ToldSession> = {}) => ({
  ...{ sessionId: 's1', event, version, state, energyWh: 0, amount: 0, paid: null },
  ...more,
});
const end = { energyWh: 500, amount: 1_050 };
const told = [
  news(2, 'started', 'starting'),
  news(3, 'metered', 'charging', { energyWh: 200, amount: 400 }),
  news(4, 'metered', 'waiting', end),
  news(5, 'finished', 'finished', { ...end, paid: 0 }),
  news(6, 'finished', 'finished', { ...end, paid: 1_050 }),
  news(3, 'finished', 'failed', { sessionId: 's2', paid: 0 }),
];
const portions = [
  { sessionId: 's1', n: 1, status: 'captured', captured: 300 },
  { sessionId: 's1', n: 2, status: 'captured', captured: 750 },
  { sessionId: 's2', n: 1, status: 'released', captured: 0 },
];
const moved = [
  { key: 'session:s1:1', owner: 'c1', held: 'captured', taken: 300 },
  { key: 'session:s1:2', owner: 'c1', held: null, taken: 750 },
  { key: 'session:s2:1', owner: 'c1', held: 'released', taken: 0 },
];
const heard = { topic: 't1', purchaseId: 's1', state: 'finished', energyWh: 500, amount: 1_050 };
const failedHeard = { ...heard, purchaseId: 's2', state: 'failed', energyWh: 0, amount: 0 };
const wish = (about: object, outcome: 'ok' | 'fail' = 'ok') =>
  anOperation({ kind: 'start-charge', outcome, about: { customerId: 'c1', deviceId: 'd1', ...about } });
const finish = (purchaseId: string) =>
  anOperation({ kind: 'finish-charge', about: { customerId: 'c1', deviceId: 'd1', purchaseId } });
const start = { sessionId: 's1', action: 'remoteStart', outcome: 'accepted', overdueSeconds: 500 };

const sound: PurchaseMaterial = {
  booked: [charge],
  complaints: [],
  sessions: [session, failed],
  portions,
  moved,
  told,
  known: [
    { sessionId: 's1', version: 6, toldState: 'finished', toldAmount: 1_050 },
    { sessionId: 's2', version: 3, toldState: 'failed', toldAmount: 0 },
  ],
  topics: new Map([['c1', 't1']]),
  pushes: [heard, failedHeard],
  devices: [{ identity: 'S-1', state: 'Idle', shown: 'Idle' }],
  commands: [start, { ...start, action: 'remoteStop' }],
  feedback: new Set(['s1']),
  losses: 0,
  isMissing: false,
  asked: [
    wish({}),
    wish({}, 'fail'),
    finish('s1'),
    anOperation({ kind: 'give-feedback', about: { customerId: 'c1', purchaseId: 's1' } }),
  ],
};
const violationsOf = (wrong: Partial<PurchaseMaterial>) => purchases.judge({ ...sound, ...wrong }).violations;

test('the check of purchases passes what is as it should be', () => {
  expect(purchases.judge(sound).violations).toEqual([]);
});

test('it proves nothing where nobody charged', () => {
  const nothing = { booked: [], sessions: [], portions: [], moved: [], told: [], known: [], pushes: [], asked: [] };
  expect(violationsOf({ ...nothing, commands: [], devices: [] })).toContain('saw no charges delivered');
});

test('what was not paid stays to be seen; what nobody is known to owe is not paid', () => {
  const unpaid = { ...session, paid: 300, flag: 'unpaid' };
  const partly = {
    portions: [portions[0], { ...portions[1], status: 'refused', captured: 0 }, portions[2]] as typeof portions,
    moved: [moved[0], moved[2]] as typeof moved,
    told: [...told.slice(0, 4), news(6, 'finished', 'finished', { ...end, paid: 300 }), ...told.slice(5)],
  };
  expect(violationsOf({ ...partly, sessions: [unpaid, failed] })).toEqual([]);
  expect(violationsOf({ ...partly, sessions: [{ ...unpaid, flag: null }, failed] })).toEqual([
    'session s1 costs 1050, is paid 300, and flagged null',
  ]);
});

test('a broker that was broken may not have been heard; one that lost its disk may say things again', () => {
  expect(violationsOf({ pushes: [], isMissing: true })).toEqual([]);
  expect(violationsOf({ pushes: [heard, heard, failedHeard], losses: 1, isMissing: true })).toEqual([]);
});

test('a charge that its station told late may first be heard of as it waits', () => {
  expect(violationsOf({ told: told.slice(2) })).toEqual([]);
});

const withSession = (changes: Partial<PurchaseMaterial['sessions'][number]>): Partial<PurchaseMaterial> => ({
  sessions: [{ ...session, ...changes }, failed],
});
const withNews = (...more: ToldSession[]): Partial<PurchaseMaterial> => ({ told: [...told, ...more] });

test.each<[string, Partial<PurchaseMaterial>, RegExp]>([
  ['a charge that is nobody’s purchase', { sessions: [failed] }, /charge S-1 7 of 500 Wh is 0 sessions/],
  ['a charge that is two', { sessions: [session, failed, { ...session, id: 's3' }] }, /charge S-1 7 .* is 2 sessions/],
  ['a charge that was never told', { booked: [{ ...charge, transactionId: null }] }, /charge S-1 null .* 0 sessions/],
  ['a car that charges on', { booked: [{ ...charge, isStopped: false }] }, /was to end, and goes on/],
  ['a charge under another’s name', withSession({ idToken: 'XYZ' }), /of abc is session s1 of XYZ/],
  ['a charge of nobody', withSession({ customerId: null }), /is session s1 of ABC \(null\)/],
  ['energy that is counted twice', withSession({ energyWh: 1_000 }), /500 Wh is session s1 of 1000 Wh/],
  ['a price beyond the energy and every minute', withSession({ amount: 1_101 }), /costs 1101, .* from 1000 to 1100/],
  ['a price below the energy', withSession({ amount: 999 }), /costs 999, and may cost from 1000/],
  ['a session that goes on for ever', withSession({ state: 'waiting' }), /session s1 at S-1 is waiting/],
  ['a session without a charge', { booked: [] }, /session s1 at S-1 .* is 0 charges/],
  ['a wish that cost something', { sessions: [session, { ...failed, amount: 5 }] }, /s2 .* failed, 5\) is 0 charges/],
  ['money that left without being paid', withSession({ paid: 1_000 }), /is paid 1000; 1050 left the wallet/],
  [
    'a hold that stays',
    { moved: [moved[0], moved[1], { ...moved[2], held: 'placed' }] as typeof moved },
    /session:s2:1 of c1 is held for ever/,
  ],
  [
    'money that nobody asked for',
    { moved: [...moved, { key: 'session:s9:1', owner: 'c1', held: 'released', taken: 0 }] },
    /session:s9:1 moves money of c1/,
  ],
  [
    'a hold of somebody else',
    { moved: [moved[0], moved[1], { ...moved[2], owner: 'c9' }] as typeof moved },
    /session:s2:1 moves money of c9/,
  ],
  [
    'an open question to payments',
    { portions: [...portions.slice(0, 2), { ...portions[2], status: 'asked' }] as typeof portions },
    /session:s2:1 is still asked/,
  ],
  ['an end that was not told', { told: told.slice(0, 3) }, /session s1 is finished, 500 Wh for 1050, paid 1050; told/],
  ['an end told with another amount', withSession({ amount: 1_060 }), /session s1 is finished, 500 Wh for 1060/],
  ['an end told twice', withNews(news(6, 'finished', 'finished', { ...end, paid: 1_050 })), /ended twice the same way/],
  ['a session begun as it waits', { told: [news(2, 'started', 'waiting'), ...told.slice(3)] }, /began as it waited/],
  ['news of an unknown phase', withNews(news(1, 'metered', 'requested')), /has a strange life/],
  ['a session begun twice', withNews(news(1, 'started', 'starting')), /was begun twice/],
  ['a session that goes on after its end', withNews(news(7, 'metered', 'charging', end)), /went on after its end/],
  ['news of the future', withNews(news(9, 'finished', 'finished', { ...end, paid: 1 })), /is at version 6; told were/],
  ['energy given back', withNews(news(1, 'metered', 'charging', end)), /gave energy back/],
  ['news of nothing', withNews(news(1, 'started', 'starting', { sessionId: 's9' })), /s9 was told of, and is nowhere/],
  ['an end that identity missed', { known: sound.known.slice(1) }, /told version 6; identity knows undefined/],
  [
    'a driver who was not told',
    { known: [{ ...sound.known[0], toldState: 'waiting' }, sound.known[1]] as PurchaseMaterial['known'] },
    /its driver heard .*waiting/,
  ],
  ['an end that was never pushed', { pushes: [heard] }, /t1 s2 failed 0 was never pushed/],
  ['an end pushed twice', { pushes: [heard, heard, failedHeard] }, /t1 s1 finished 1050 was pushed 2 times/],
  ['an end pushed to another', { pushes: [{ ...heard, topic: 't9' }, failedHeard] }, /t9 s1 .* it was not told/],
  ['a start that was promised and is nowhere', { asked: [wish({}), wish({}), wish({})] }, /promised|told 3 times/],
  ['a session that nobody wished for', { asked: sound.asked.slice(1) }, /wished 1 times, .* has 2 sessions/],
  ['a purchase of somebody else', { asked: [...sound.asked, finish('s9')] }, /told of s9, which is not theirs/],
  ['feedback that is gone', { feedback: new Set<string>() }, /feedback .* on s1 was taken and is not there/],
  ['a car that is started twice', { commands: [...sound.commands, start] }, /was started 2 times for session s1/],
  ['a command without an outcome', { commands: [{ ...start, outcome: 'pending' }] }, /what came of remoteStart/],
  ['a device that stays busy', { devices: [{ identity: 'S-1', state: 'Busy', shown: 'Busy' }] }, /S-1; it is Busy/],
  ['a device that apps see otherwise', { devices: [{ identity: 'S-1', state: 'Idle', shown: 'Busy' }] }, /it is Busy/],
  ['a station that complains', { complaints: ['S-1: not OCPP'] }, /S-1: not OCPP/],
])('%s is seen', (_, wrong, violation) => {
  expect(
    violationsOf(wrong).some((each) => violation.test(each)),
    violationsOf(wrong).join('\n'),
  ).toBe(true);
});
