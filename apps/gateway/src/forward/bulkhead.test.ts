import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterEach, expect, test, vi } from 'vitest';
import { Bulkhead } from './bulkhead.ts';

afterEach(() => void vi.useRealTimers());

const aClient = () => Object.assign(new EventEmitter(), { destroyed: false }) as unknown as ServerResponse;

/** Work that ends when it is told to. */
function someWork() {
  const begun: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<string>>();
  return {
    begun,
    work: (name: string) => () => {
      begun.push(name);
      const end = Promise.withResolvers<string>();
      ends.set(name, end);
      return end.promise;
    },
    end: (name: string) => ends.get(name)?.resolve(name),
    fail: (name: string) => ends.get(name)?.reject(new Error(name)),
  };
}

test('few are inside at once, the others come in the order in which they came, and a place is handed on after a failure too', async () => {
  const bulkhead = new Bulkhead({ atOnce: 2 });
  const { begun, work, end, fail } = someWork();
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => bulkhead.pass(aClient(), work(name)));
  expect(begun).toEqual(['a', 'b']);
  expect(bulkhead.waiting).toBe(2);
  fail('b');
  await expect(b).rejects.toThrow('b');
  await vi.waitFor(() => expect(begun).toEqual(['a', 'b', 'c']));
  end('a');
  expect(await a).toBe('a');
  await vi.waitFor(() => expect(begun).toEqual(['a', 'b', 'c', 'd']));
  end('c');
  end('d');
  await Promise.all([c, d]);
  expect(bulkhead.waiting).toBe(0);
  const both = ['e', 'f'].map((name) => bulkhead.pass(aClient(), work(name)));
  expect(begun.slice(4)).toEqual(['e', 'f']);
  end('e');
  end('f');
  await Promise.all(both);
});

test('so many may wait, and the rest are told to come back', async () => {
  const bulkhead = new Bulkhead({ atOnce: 1, most: 1 });
  const { begun, work, end } = someWork();
  const first = bulkhead.pass(aClient(), work('first'));
  const second = bulkhead.pass(aClient(), work('second'));
  await expect(bulkhead.pass(aClient(), work('third'))).rejects.toMatchObject({
    code: 'overloaded',
    retryAfterSeconds: 2,
  });
  end('first');
  await first;
  await vi.waitFor(() => expect(begun).toEqual(['first', 'second']));
  end('second');
  await second;
});

test('nobody waits for ever', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const bulkhead = new Bulkhead({ atOnce: 1, patienceMs: 1000 });
  const { begun, work, end } = someWork();
  const first = bulkhead.pass(aClient(), work('first'));
  const late = bulkhead.pass(aClient(), work('late'));
  vi.advanceTimersByTime(1000);
  await expect(late).rejects.toMatchObject({ code: 'overloaded', retryAfterSeconds: 2 });
  end('first');
  await first;
  expect(begun).toEqual(['first']);
});

test('who leaves gives up their place, and nothing is done for them', async () => {
  const bulkhead = new Bulkhead({ atOnce: 1 });
  const { begun, work, end } = someWork();
  const leaver = aClient();
  const first = bulkhead.pass(aClient(), work('first'));
  const second = bulkhead.pass(leaver, work('second'));
  const third = bulkhead.pass(aClient(), work('third'));
  leaver.emit('close');
  await expect(second).rejects.toMatchObject({ code: 'bad_gateway' });
  const gone = Object.assign(aClient(), { destroyed: true });
  await expect(bulkhead.pass(gone, work('gone'))).rejects.toMatchObject({ code: 'bad_gateway' });
  end('first');
  await first;
  await vi.waitFor(() => expect(begun).toEqual(['first', 'third']));
  end('third');
  await third;
  expect(leaver.listenerCount('close')).toBe(0);
});
