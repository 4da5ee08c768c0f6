import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type LogFile, openLogFile } from './log-file.ts';
import type { Watchdog } from './watchdog.ts';

export interface ProgramSpec {
  name: string;
  command: string;
  parameters: string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Run as somebody else; only root can ask for it. */
  user?: { uid: number; gid: number } | undefined;
  /** Asks it to end in an orderly way. */
  stopSignal: NodeJS.Signals;
  stopTimeoutMs: number;
  logFile: string;
  /** What of its output is worth showing at once. */
  worthShowing(line: string): string | undefined;
}

export interface Patience {
  firstMs: number;
  longestMs: number;
  /** This many crashes in a row, each soon after its start, and it is left alone. */
  crashes: number;
  /** Running this long makes earlier crashes forgotten. */
  settledMs: number;
}

export const ordinaryPatience: Patience = { firstMs: 250, longestMs: 8000, crashes: 6, settledMs: 30_000 };

export interface ProgramEvents {
  say(text: string): void;
  /** Started or ended: the list of living processes has changed. */
  changed(): void;
}

/** One process that should run: it is started again when it ends without being asked to. */
export interface Program {
  readonly name: string;
  readonly pid: number | undefined;
  /** `given up` after too many crashes. */
  readonly state: 'running' | 'restarting' | 'stopped' | 'given up';
  /** Sends a signal, as an outsider would: what ends by it is started again. */
  kill(signal: NodeJS.Signals): void;
  /** Orderly, and by force when that takes too long. */
  stop(): Promise<void>;
  /** At once and by force. */
  destroy(): void;
  start(): void;
}

export function createProgram(
  spec: ProgramSpec,
  watchdog: Watchdog,
  events: ProgramEvents,
  patience: Patience,
): Program {
  const { name } = spec;
  let state: Program['state'] = 'stopped';
  let child: ChildProcess | undefined;
  let crashes = 0;
  let pause = new AbortController();
  let lastShown = '';
  const log = openLogFile(spec.logFile, (line) => {
    const text = spec.worthShowing(line);
    // What it says again and again while it waits is worth one line.
    if (text !== undefined && text !== lastShown) events.say(text);
    lastShown = text ?? lastShown;
  });

  function start(): void {
    if (child || state === 'restarting') return;
    launch();
  }

  function launch(): void {
    state = 'running';
    const startedAt = performance.now();
    const started = spawn(spec.command, spec.parameters, {
      cwd: spec.cwd,
      env: spec.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: Ctrl-C in the terminal reaches us alone, and we end things in their order.
      detached: true,
      ...spec.user,
    });
    child = started;
    feed(log, started);
    if (started.pid !== undefined) watchdog.watch(started.pid, spec.stopSignal);
    started.once('error', (error) => log.write(`${error.message}\n`));
    started.once('close', (code, signal) => {
      if (started.pid !== undefined) watchdog.forget(started.pid);
      child = undefined;
      if (state === 'running') void restart(performance.now() - startedAt, signal ?? `exit code ${code}`);
      events.changed();
    });
    events.changed();
  }

  async function restart(ranMs: number, reason: string): Promise<void> {
    crashes = ranMs > patience.settledMs ? 1 : crashes + 1;
    if (crashes >= patience.crashes) {
      state = 'given up';
      events.say(`ended ${crashes} times in a row (${reason}) and is left alone; its output is in ${spec.logFile}`);
      return;
    }
    state = 'restarting';
    const waitMs = Math.min(patience.longestMs, patience.firstMs * 2 ** (crashes - 1));
    events.say(`ended (${reason}); starting it again`);
    pause = new AbortController();
    await sleep(waitMs, undefined, { signal: pause.signal }).catch(() => {});
    if (state === 'restarting') launch();
  }

  function signalGroup(signal: NodeJS.Signals): void {
    if (child?.pid === undefined) return;
    try {
      process.kill(-child.pid, signal);
    } catch {
      // It has just ended by itself.
    }
  }

  async function stop(): Promise<void> {
    state = 'stopped';
    pause.abort();
    if (!child) return;
    const closed = once(child, 'close');
    child.kill(spec.stopSignal);
    const force = setTimeout(() => {
      events.say(`did not end within ${spec.stopTimeoutMs / 1000} s and is ended by force`);
      signalGroup('SIGKILL');
    }, spec.stopTimeoutMs);
    await closed;
    clearTimeout(force);
  }

  return {
    name,
    get pid() {
      return child?.pid;
    },
    get state() {
      return state;
    },
    kill: (signal) => child?.kill(signal),
    stop,
    destroy: () => {
      state = 'stopped';
      pause.abort();
      signalGroup('SIGKILL');
    },
    start,
  };
}

function feed(log: LogFile, { stdout, stderr }: ChildProcess): void {
  for (const stream of [stdout, stderr]) stream?.setEncoding('utf8').on('data', log.writer());
}
