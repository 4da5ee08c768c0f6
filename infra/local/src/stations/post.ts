import { CallRefused, type Line } from './line.ts';
import type { Payload } from './official.ts';
import type { Switches } from './switches.ts';
import type { Timers } from './timers.ts';

export interface Letter {
  readonly action: string;
  readonly payload: Payload;
  /** It is about a transaction: it is kept until it has been answered, however long that takes. */
  readonly charge?: string;
}

/** What a station has to say, in order; what is about transactions waits for a line, the rest is lost without one. */
export interface Post {
  readonly waiting: readonly Letter[];
  /** As it would go out now. */
  seal(letter: Letter): Payload;
  say(letter: Letter): void;
  /** There is a line, and we may speak. */
  resume(): void;
  pause(): void;
}

export interface PostOptions {
  readonly line: Line;
  readonly switches: Switches;
  readonly timers: Timers;
  /** Of a message. */
  readonly nextId: () => string;
  /** The letter as it goes out: what was not known when it was written is known now. `late`: it could not go at once. */
  readonly seal: (letter: Letter, late: boolean) => Payload;
  readonly answered: (letter: Letter, answer: Payload) => void;
  /** It will not be said any more. */
  readonly dropped: (letter: Letter, why: string) => void;
  /** Nothing waits. */
  readonly emptied: () => void;
}

const attempts = 3;

interface Waiting extends Letter {
  id: string;
  refused: number;
  late: boolean;
}

/** Until it is answered the transaction has no number, and nothing else can be told of it. */
const isStart = ({ action }: Letter): boolean => action === 'StartTransaction';

export function createPost({ line, switches, timers, nextId, seal, answered, dropped, emptied }: PostOptions): Post {
  const waiting: Waiting[] = [];
  let maySpeak = false;
  let busy = false;

  const remove = (letter: Waiting): boolean => {
    const at = waiting.indexOf(letter);
    if (at >= 0) waiting.splice(at, 1);
    if (waiting.length === 0) emptied();
    return at >= 0;
  };
  const drop = (letter: Waiting, why: string) => {
    if (remove(letter)) dropped(letter, why);
  };

  async function pump(): Promise<void> {
    if (busy) return;
    busy = true;
    while (maySpeak && line.open && waiting[0]) await deliver(waiting[0]);
    busy = false;
  }

  async function deliver(letter: Waiting): Promise<void> {
    const say = () => line.call(letter.action, seal(letter, letter.late), letter.id);
    try {
      const answer = await say();
      answered(letter, answer);
      if (letter.charge && switches.repeats) {
        if (switches.repeatedIds === 'new') letter.id = nextId();
        await say();
      }
      remove(letter);
    } catch (error) {
      const why = (error as Error).message;
      if (!letter.charge) return drop(letter, why);
      if (switches.repeatedIds === 'new') letter.id = nextId();
      if (error instanceof CallRefused) {
        letter.refused += 1;
        if (letter.refused >= attempts) return drop(letter, why);
      }
      if (line.open) await new Promise<void>((over) => timers.after(switches.retryMs, over));
    }
  }

  return {
    waiting,
    seal: (letter) => seal(letter, false),
    say(letter) {
      if (!maySpeak && !letter.charge) return dropped(letter, 'there is no line');
      waiting.push({ ...letter, id: nextId(), refused: 0, late: !maySpeak });
      void pump();
    },
    resume() {
      maySpeak = true;
      if (switches.newestFirst) waiting.reverse().sort((a, b) => Number(isStart(b)) - Number(isStart(a)));
      void pump();
    },
    pause() {
      maySpeak = false;
      for (const letter of waiting.filter(({ charge }) => !charge)) drop(letter, 'the line was lost');
      for (const letter of waiting) letter.late = true;
    },
  };
}
