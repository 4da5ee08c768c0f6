import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { Backlog } from './backlog.ts';

function aSocket() {
  const socket = {
    destroyed: false,
    destroy: () => {
      socket.destroyed = true;
    },
  };
  return socket;
}

function anAnswer(socket: ReturnType<typeof aSocket>) {
  const answer = Object.assign(new EventEmitter(), { req: { socket }, writableLength: 0, destroyed: false });
  return {
    answer,
    /** So much waits now. */
    waits: (backlog: Backlog, bytes: number) => {
      answer.writableLength = bytes;
      return backlog.holds(answer as unknown as ServerResponse);
    },
  };
}

test('when too much waits, whoever has most of it is let go, all answers of a connection together', () => {
  const backlog = new Backlog({ mostBytes: 100 });
  const [greedy, modest] = [aSocket(), aSocket()];
  const pipelined = Array.from({ length: 6 }, () => anAnswer(greedy));
  anAnswer(modest).waits(backlog, 30);
  for (const one of pipelined) one.waits(backlog, 10);
  expect([greedy.destroyed, modest.destroyed]).toEqual([false, false]);
  pipelined[0]?.waits(backlog, 21);
  expect([greedy.destroyed, modest.destroyed]).toEqual([true, false]);
  anAnswer(modest).waits(backlog, 70);
  expect(modest.destroyed).toBe(false);
});

test.each(['drain', 'close'])('what was taken, or is of no use any more, waits no longer (%s)', (event) => {
  const backlog = new Backlog({ mostBytes: 100 });
  const [one, other] = [aSocket(), aSocket()];
  const first = anAnswer(one);
  for (let round = 0; round < 3; round += 1) {
    first.waits(backlog, 90);
    first.answer.emit(event);
  }
  anAnswer(other).waits(backlog, 100);
  expect([one.destroyed, other.destroyed]).toEqual([false, false]);
});

test('an answer that is larger than any is not held: its service waits', () => {
  const backlog = new Backlog({ mostBytes: 100, mostOfOne: 50 });
  const { waits } = anAnswer(aSocket());
  expect([waits(backlog, 50), waits(backlog, 51), waits(backlog, 20)]).toEqual([true, false, true]);
});

test('an answer that drains often is listened to once', () => {
  const backlog = new Backlog({ mostBytes: 100 });
  const { answer, waits } = anAnswer(aSocket());
  for (let round = 0; round < 20; round += 1) {
    waits(backlog, 10);
    answer.emit('drain');
  }
  expect([answer.listenerCount('drain'), answer.listenerCount('close')]).toEqual([1, 1]);
});
