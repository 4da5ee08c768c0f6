import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { aMessage, deliver } from '@forecourt/testing';
import { expect, test } from 'vitest';
import { consumer, type SqlTx } from '../src/index.ts';
import { replayRequested } from '../src/replay.ts';
import { aThing, layGround, thingChanged } from './fixture.ts';

const cli = join(import.meta.dirname, '../src/dead-letters-cli.ts');

/** The command as an operator types it; its exit code and what it says. */
async function deadLetters(url: string, ...args: string[]): Promise<{ code: number; out: string }> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [cli, ...args], { env: { DATABASE_URL: url } });
    return { code: 0, out: stdout };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout + stderr };
  }
}

async function layGroundOfWishes() {
  const ground = await layGround();
  await ground.sql('CREATE TABLE kept (consumer text, thing text)');
  let broken = true;
  const keeping = (durable: string) =>
    consumer({
      event: thingChanged,
      durable,
      handle: async (tx: SqlTx, { thingId }) => {
        await tx.$executeRaw`INSERT INTO kept VALUES (${durable}, ${thingId})`;
        if (broken) throw new Error('not mended yet');
      },
    });
  return {
    ...ground,
    one: keeping('catalog-one-on-thing-changed'),
    two: keeping('catalog-two-on-thing-changed'),
    mend: () => {
      broken = false;
    },
    kept: () => ground.sql('SELECT consumer, thing FROM kept ORDER BY 1, 2'),
  };
}

test('an operator lists, reads and replays dead letters; a replay goes to the consumer that it died in, once', async () => {
  const ground = await layGroundOfWishes();
  const { one, two } = ground;
  await deliver(one, aMessage(thingChanged, aThing(1, 'a')), { ...ground, tries: 1 });
  await deliver(two, aMessage(thingChanged, aThing(1, 'b')), { ...ground, tries: 1 });

  const listed = await deadLetters(ground.url, 'list');
  expect(listed.code).toBe(0);
  const lines = listed.out.trim().split('\n');
  expect(lines).toHaveLength(2);
  expect(lines[1]).toMatch(/^1\t.*\tcatalog-one-on-thing-changed\tout_of_tries\twaiting\tError: not mended yet$/);

  const shown = await deadLetters(ground.url, 'show', '1');
  expect(shown.out).toContain('payload: {"thingId":"a","version":1}');
  expect(shown.out).toContain('header ce-type: orders.thing.changed.v1');
  expect(shown.out).toContain('error: Error: not mended yet');

  ground.mend();
  expect(await deadLetters(ground.url, 'replay', '1')).toEqual({ code: 0, out: '1 to be replayed\n' });
  expect(await replayRequested([one, two], ground.transact)).toEqual({ replayed: 1, failed: 0 });
  expect(await replayRequested([one, two], ground.transact)).toEqual({ replayed: 0, failed: 0 });
  expect(await ground.kept()).toEqual([{ consumer: one.durable, thing: 'a' }]);

  const again = await deadLetters(ground.url, 'replay', '1');
  expect(again).toEqual({ code: 1, out: 'dead letter 1 is not there, or is replayed already\n' });
  expect((await deadLetters(ground.url, 'replay', '--all')).out).toBe('1 to be replayed\n');
  expect(await replayRequested([two], ground.transact)).toEqual({ replayed: 1, failed: 0 });
});

test('two replicas that replay at once apply a letter once', async () => {
  const ground = await layGroundOfWishes();
  for (const thing of ['a', 'b', 'c']) {
    await deliver(ground.one, aMessage(thingChanged, aThing(1, thing)), { ...ground, tries: 1 });
  }
  ground.mend();
  await deadLetters(ground.url, 'replay', '--all');
  const counts = await Promise.all([1, 2, 3].map(() => replayRequested([ground.one], ground.transact)));
  expect(counts.reduce((sum, { replayed }) => sum + replayed, 0)).toBe(3);
  expect(await ground.kept()).toHaveLength(3);
});

test('a letter whose message was applied in the meantime changes nothing when it is replayed', async () => {
  const ground = await layGroundOfWishes();
  const message = aMessage(thingChanged, aThing(1, 'a'));
  await deliver(ground.one, message, { ...ground, tries: 1 });
  ground.mend();
  await deliver(ground.one, message, ground);
  await deadLetters(ground.url, 'replay', '--all');
  await replayRequested([ground.one], ground.transact);
  expect(await ground.kept()).toHaveLength(1);
  expect((await deadLetters(ground.url, 'list')).out).toContain('\treplayed\t');
});

test('a replay that fails leaves the letter, with its new error and no effect', async () => {
  const ground = await layGroundOfWishes();
  await deliver(ground.one, aMessage(thingChanged, aThing(1, 'a')), { ...ground, tries: 1 });
  await ground.sql(`UPDATE dead_letter SET error = 'the first one'`);
  await deadLetters(ground.url, 'replay', '1');
  expect(await replayRequested([ground.one], ground.transact)).toEqual({ replayed: 0, failed: 1 });
  expect(await ground.kept()).toEqual([]);
  const listed = await deadLetters(ground.url, 'list');
  expect(listed.out).toContain('\twaiting\tError: not mended yet');
});

test.each([[], ['shout'], ['show'], ['show', 'x'], ['replay'], ['replay', '1; DROP TABLE dead_letter']])(
  'a command that is not understood is answered with the usage: %j',
  async (...args) => {
    const ground = await layGround();
    const { code, out } = await deadLetters(ground.url, ...args);
    expect(code).toBe(1);
    expect(out).toContain('dead-letters replay --all');
  },
);

test('an empty list says so', async () => {
  const ground = await layGround();
  expect(await deadLetters(ground.url, 'list')).toEqual({ code: 0, out: 'no dead letters\n' });
  expect(await deadLetters(ground.url, 'show', '1')).toEqual({ code: 1, out: 'there is no dead letter 1\n' });
});
