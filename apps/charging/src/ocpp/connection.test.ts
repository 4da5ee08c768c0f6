import { AppError } from '@forecourt/errors';
import { createLog } from '@forecourt/service-kit';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { CallOutcome } from './calls.ts';
import { Line, type LineOptions, type Peer, type Watch } from './connection.ts';
import { CallError, type Payload, type Protocol } from './frame.ts';

const settled = () => new Promise(setImmediate);
afterEach(() => void vi.useRealTimers());

function aWire() {
  const sent: unknown[][] = [];
  const acts: string[] = [];
  const act = (name: string) => () => void acts.push(name);
  return {
    sent,
    acts,
    bufferedAmount: 0,
    send: (text: string) => void sent.push(JSON.parse(text)),
    ping: act('ping'),
    pause: act('pause'),
    resume: act('resume'),
    close: (code: number) => void acts.push(`close ${code}`),
    terminate: act('terminate'),
  };
}

interface Wishes {
  protocol?: Protocol;
  handle?: (action: string, payload: Payload, id: string) => Promise<Payload>;
  after?: Promise<void>;
  watch?: Partial<Watch>;
}

function aLine({ protocol = 'ocpp1.6', handle = async () => ({}), after, watch = {} }: Wishes = {}) {
  const wire = aWire();
  const logged: string[] = [];
  const peer: Peer = { stationId: 's', identity: 'CP-1', status: 'accepted', protocol, generation: 1n };
  const nothing = () => {};
  const options: LineOptions = {
    wire,
    handle: (_line, action, payload, id) => handle(action, payload, id),
    watch: { frame: nothing, answered: nothing, asked: nothing, bad: nothing, ...watch },
    log: createLog({ service: 'test', level: 'debug', destination: { write: (text) => void logged.push(text) } }),
    ...(after && { after }),
  };
  return { wire, logged, line: new Line(peer, options) };
}

const call = (id: string, action = 'Heartbeat', payload: unknown = {}) => JSON.stringify([2, id, action, payload]);

describe('calls of a station', () => {
  test('pipelined ones are answered in their order, one at a time', async () => {
    let atWork = 0;
    const { line, wire } = aLine({
      handle: async (_action, { n }) => {
        atWork += 1;
        expect(atWork).toBe(1);
        // the first ones take longest
        for (let turn = Number(n); turn < 8; turn += 1) await settled();
        atWork -= 1;
        return { n };
      },
    });
    for (let n = 0; n < 8; n += 1) line.receive(call(String(n), 'Heartbeat', { n }));
    await line.work;
    expect(wire.sent).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((n) => [3, String(n), { n }]));
  });

  test('a refusal and a bug of ours are answered, the next call is handled, and only the bug is logged', async () => {
    const { line, wire, logged } = aLine({
      handle: async (action) => {
        if (action === 'Refused') throw new CallError('NotImplemented', 'what?', { a: 1 });
        if (action === 'Bug') throw new Error('secret of ours');
        if (action === 'Unwritable') return { big: 1n };
        return { ok: true };
      },
    });
    for (const action of ['Refused', 'Bug', 'Unwritable', 'Fine']) line.receive(call(action, action));
    await line.work;
    expect(wire.sent).toEqual([
      [4, 'Refused', 'NotImplemented', 'what?', { a: 1 }],
      [4, 'Bug', 'InternalError', 'Something went wrong.', {}],
      [4, 'Unwritable', 'InternalError', 'Something went wrong.', {}],
      [3, 'Fine', { ok: true }],
    ]);
    expect(logged).toHaveLength(2);
  });

  test('what fails because the database is away is tried again, and answered when that is back', async () => {
    let tries = 0;
    const { line, wire, logged } = aLine({
      handle: async () => {
        tries += 1;
        if (tries < 3) throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
        return { tries };
      },
    });
    line.receive(call('1', 'StopTransaction'));
    await line.work;
    expect(wire.sent).toEqual([[3, '1', { tries: 3 }]]);
    expect([wire.acts, logged]).toEqual([[], []]);
  });

  test('what stays away leaves a call without an answer, and ends the line: no station gives up what it has to say', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const seen: string[] = [];
    const { line, wire, logged } = aLine({
      watch: { answered: (_peer, action, outcome) => void seen.push(`${action} ${outcome}`) },
      handle: async () => {
        vi.advanceTimersByTime(30_000);
        throw new AppError('service_unavailable', 'The database is not reachable.');
      },
    });
    line.receive(call('1', 'StopTransaction'));
    line.receive(call('2', 'StatusNotification'));
    await line.work;
    expect(wire.sent).toEqual([]);
    expect(wire.acts).toEqual(['close 1013', 'resume']);
    expect(seen).toEqual(['StopTransaction unanswered']);
    expect(logged).toHaveLength(1);
  });

  test('who is about to leave waits for nothing that is away', async () => {
    let tries = 0;
    const { line, wire } = aLine({
      handle: async () => {
        tries += 1;
        throw new AppError('overloaded', 'The database is too busy.');
      },
    });
    line.receive(call('1', 'StopTransaction'));
    await line.finish(1012, 'restarting');
    expect(tries).toBe(1);
    expect(wire.sent).toEqual([]);
  });

  test('one that sends faster than it is answered is not read for a while', async () => {
    const gate = Promise.withResolvers<Payload>();
    const { line, wire } = aLine({ handle: () => gate.promise });
    for (let n = 0; n < 70; n += 1) line.receive(call(String(n)));
    expect(wire.acts).toEqual(['pause']);
    gate.resolve({});
    await line.work;
    expect(wire.acts).toEqual(['pause', 'resume']);
    expect(wire.sent).toHaveLength(70);
  });

  test('wait for what its last connection still has at work', async () => {
    const former = Promise.withResolvers<void>();
    const { line, wire } = aLine({ after: former.promise });
    line.receive(call('1'));
    await settled();
    expect(wire.sent).toEqual([]);
    former.resolve();
    await line.work;
    expect(wire.sent).toEqual([[3, '1', {}]]);
  });

  test('after the end nothing is answered any more, and nothing fails', async () => {
    const gate = Promise.withResolvers<Payload>();
    const { line, wire } = aLine({ handle: () => gate.promise });
    line.receive(call('1'));
    line.receive(call('2'));
    line.ended();
    line.receive(call('3'));
    gate.resolve({});
    await line.work;
    expect(wire.sent).toEqual([]);
  });

  test('a line that finishes answers what it is at, and leaves the rest to the next one', async () => {
    const gate = Promise.withResolvers<Payload>();
    const { line, wire } = aLine({ handle: () => gate.promise });
    line.receive(call('1'));
    line.receive(call('2'));
    const finished = line.finish(1012, 'restart');
    await settled();
    expect(wire.acts).toEqual(['pause']);
    gate.resolve({ done: true });
    await finished;
    expect(wire.sent).toEqual([[3, '1', { done: true }]]);
    expect(wire.acts).toEqual(['pause', 'close 1012', 'resume']);
  });
});

describe('calls of ours', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));

  const idOf = (frame: unknown[] | undefined) => String(frame?.[1]);
  const outcomeOf = async (promise: Promise<CallOutcome>) => promise;

  test('go out one at a time, whatever the station asks meanwhile', async () => {
    const { line, wire } = aLine();
    const first = line.call('Reset', { type: 'Soft' }, 1_000);
    const second = line.call('ClearCache', {}, 1_000);
    line.receive(call('theirs'));
    await line.work;
    expect(wire.sent).toEqual([
      [2, expect.any(String), 'Reset', { type: 'Soft' }],
      [3, 'theirs', {}],
    ]);
    line.receive(JSON.stringify([3, idOf(wire.sent[0]), { status: 'Accepted' }]));
    expect(await first).toEqual({ kind: 'result', payload: { status: 'Accepted' } });
    expect(wire.sent[2]).toEqual([2, expect.any(String), 'ClearCache', {}]);
    line.receive(JSON.stringify([4, idOf(wire.sent[2]), 'NotSupported', 'no', {}]));
    expect(await second).toEqual({ kind: 'error', code: 'NotSupported', description: 'no', details: {} });
  });

  test('one without an answer is a timeout, and gives way to the next; one behind it that ran out was never sent', async () => {
    const { line, wire } = aLine();
    const hung = line.call('Reset', {}, 1_000);
    const short = line.call('ClearCache', {}, 500);
    const patient = line.call('UnlockConnector', {}, 5_000);
    vi.advanceTimersByTime(500);
    expect(await short).toEqual({ kind: 'unsent' });
    vi.advanceTimersByTime(500);
    expect(await hung).toEqual({ kind: 'timeout' });
    expect(wire.sent.map(([, , action]) => action)).toEqual(['Reset', 'UnlockConnector']);
    line.receive(JSON.stringify([3, idOf(wire.sent[1]), {}]));
    expect(await patient).toMatchObject({ kind: 'result' });
  });

  test('an answer that nobody waits for is met with silence: late, twice, or of somebody else', async () => {
    const { line, wire } = aLine();
    const hung = line.call('Reset', {}, 1_000);
    vi.advanceTimersByTime(1_000);
    await hung;
    for (const text of [
      `[3,"${idOf(wire.sent[0])}",{}]`,
      '[3,"unknown",{}]',
      '[4,"unknown","GenericError","",{}]',
      '[3]',
    ]) {
      line.receive(text);
    }
    expect(wire.sent).toHaveLength(1);
    expect(wire.acts).toEqual([]);
  });

  test('a line that breaks tells which calls the station may have heard', async () => {
    const { line } = aLine();
    const outcomes = [line.call('Reset', {}, 1_000), line.call('ClearCache', {}, 1_000)].map(outcomeOf);
    line.ended();
    expect(await Promise.all(outcomes)).toEqual([
      { kind: 'closed', sent: true },
      { kind: 'closed', sent: false },
    ]);
    expect(await line.call('Reset', {}, 1_000)).toEqual({ kind: 'closed', sent: false });
    expect(vi.getTimerCount()).toBe(0);
  });

  test('behind a station that hangs only so many wait', async () => {
    const { line } = aLine();
    for (let n = 0; n < 17; n += 1) void line.call('Reset', {}, 60_000);
    expect(await line.call('Reset', {}, 60_000)).toEqual({ kind: 'unsent' });
  });
});

describe.each(['ocpp1.6', 'ocpp2.0.1'] as const)('an answer of ours that never comes, in %s,', (protocol) => {
  test('is given up, counted, and keeps nothing that the station says next; what comes of it later is nobody’s', async () => {
    const hung = Promise.withResolvers<Payload>();
    const outcomes: string[] = [];
    const { line, wire, logged } = aLine({
      protocol,
      handle: async (action) => (action === 'Hangs' ? hung.promise : { ok: true }),
      watch: { answered: (_peer, action, outcome) => void outcomes.push(`${action} ${outcome}`) },
    });
    for (const text of [call('1', 'Hangs'), call('2'), call('3')]) line.receive(text);
    await settled();
    line.checkPulse(performance.now() + 29_000, 60_000);
    await settled();
    expect(wire.sent).toEqual([]);

    line.checkPulse(performance.now() + 31_000, 60_000);
    await line.work;
    expect(wire.sent).toEqual([
      [4, '1', 'InternalError', 'It took too long.', {}],
      [3, '2', { ok: true }],
      [3, '3', { ok: true }],
    ]);
    expect(outcomes).toEqual(['Hangs overdue', 'Heartbeat result', 'Heartbeat result']);
    expect(logged).toHaveLength(1);

    hung.reject(new Error('too late'));
    await settled();
    line.checkPulse(performance.now() + 62_000, 120_000);
    expect([wire.sent.length, outcomes.length]).toEqual([3, 3]);
  });
});

test.each(['StartTransaction', 'StopTransaction', 'MeterValues', 'TransactionEvent'])(
  'of %s, which is billed, an answer that never comes ends the line: met with an error, a station gives it up',
  async (action) => {
    const outcomes: string[] = [];
    const { line, wire } = aLine({
      handle: () => new Promise(() => {}),
      watch: { answered: (_peer, _action, outcome) => void outcomes.push(outcome) },
    });
    line.receive(call('1', action));
    await settled();
    line.checkPulse(performance.now() + 31_000, 60_000);
    await line.work;
    expect([wire.sent, wire.acts, outcomes]).toEqual([[], ['close 1013', 'resume'], ['overdue']]);
  },
);

describe('bad frames', () => {
  test('1.6 is told of a call that can be named, and of nothing else', () => {
    const { line, wire } = aLine();
    for (const text of ['nonsense', '[2,7,"Heartbeat",{}]', '[9,"1"]', '{}', '[3,4]']) line.receive(text);
    line.receiveBytes();
    expect(wire.sent).toEqual([]);
    line.receive('[2,"1","Heartbeat",[]]');
    expect(wire.sent).toEqual([[4, '1', 'FormationViolation', 'a call without a payload', {}]]);
  });

  test('2.0.1 is told of all but bad answers, under "-1" when there is no id', () => {
    const { line, wire } = aLine({ protocol: 'ocpp2.0.1' });
    for (const text of ['nonsense', '[2,7,"Heartbeat",{}]', '[9,"1"]', '[2,"1","Heartbeat",[]]']) line.receive(text);
    for (const text of ['[3,4]', '[4', ' [ 3 , "x" ']) line.receive(text);
    expect(wire.sent.map(([type, id, code]) => [type, id, code])).toEqual([
      [4, '-1', 'RpcFrameworkError'],
      [4, '-1', 'RpcFrameworkError'],
      [4, '1', 'MessageTypeNotSupported'],
      [4, '1', 'FormatViolation'],
    ]);
  });

  test('ten in a row end the line; a good one between them begins the count anew', async () => {
    const { line, wire } = aLine();
    for (let n = 0; n < 9; n += 1) line.receive('nonsense');
    line.receive(call('1'));
    for (let n = 0; n < 9; n += 1) line.receive('nonsense');
    expect(line.isOpen).toBe(true);
    line.receive('nonsense');
    expect(line.isOpen).toBe(false);
    expect(wire.acts).toEqual(['close 1002', 'resume']);
  });
});

describe('a sign of life', () => {
  test('is asked of who has been quiet, and who stays quiet is given up', () => {
    const { line, wire } = aLine();
    const from = performance.now();
    line.checkPulse(from + 59_000, 60_000);
    expect(wire.acts).toEqual([]);
    line.checkPulse(from + 61_000, 60_000);
    line.checkPulse(from + 90_000, 60_000);
    expect(wire.acts).toEqual(['ping']);
    line.checkPulse(from + 122_000, 60_000);
    expect(wire.acts).toEqual(['ping', 'terminate']);
  });

  test('a pong is one, and so is any frame, even a bad one', () => {
    for (const sign of ['pong', 'frame', 'bad'] as const) {
      const { line, wire } = aLine();
      const now = vi.spyOn(performance, 'now');
      const from = performance.now();
      line.checkPulse(from + 61_000, 60_000);
      now.mockReturnValue(from + 62_000);
      if (sign === 'pong') line.alive();
      else line.receive(sign === 'bad' ? 'nonsense' : call('1'));
      now.mockRestore();
      line.checkPulse(from + 121_500, 60_000);
      expect(wire.acts).toEqual(['ping']);
      line.checkPulse(from + 123_000, 60_000);
      expect(wire.acts).toEqual(['ping', 'ping']);
    }
  });
});

test('a station that does not read is cut off', async () => {
  const { line, wire } = aLine();
  wire.bufferedAmount = 2_000_000;
  line.receive(call('1'));
  await line.work;
  expect(wire.acts).toEqual(['terminate']);
});
