import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Where it usually is; `CHROMIUM` says where else, and that it has to be there. */
const usual = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** undefined: there is none here, and nobody has said that there is. */
export const chromium = process.env.CHROMIUM ?? usual.find(existsSync);

export interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly httpOnly: boolean;
  readonly secure: boolean;
  readonly sameSite?: string;
  /** Seconds since 1970. */
  readonly expires: number;
}

export interface Page {
  /** Resolves when the page is there. */
  goTo(url: string): Promise<void>;
  /** Runs a script's text in the page, and gives what it, or its promise, comes to. */
  run<Result>(script: string): Promise<Result>;
  cookies(url: string): Promise<Cookie[]>;
  close(): Promise<void>;
}

interface Said {
  readonly id?: number;
  readonly method?: string;
  readonly sessionId?: string;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** A page of headless Chromium with cookies of its own, spoken to by the DevTools protocol. */
export async function openPage(): Promise<Page> {
  if (chromium === undefined) throw new Error('There is no Chromium here.');
  const profile = await mkdtemp(join(tmpdir(), 'forecourt-browser-'));
  const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'];
  const browser = spawn(chromium, [...flags, `--user-data-dir=${profile}`, '--remote-debugging-port=0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const end = async () => {
    if (browser.exitCode === null && browser.signalCode === null) {
      browser.kill('SIGKILL');
      await once(browser, 'exit');
    }
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const line = new WebSocket(await addressOf(browser));
    // What it complains of from now on is read by nobody, and must not fill the pipe.
    browser.stderr?.resume();
    await opened(line);
    const page = await firstPage(line);
    return {
      ...page,
      close: async () => {
        line.close();
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** It says on its error output where it listens. */
async function addressOf(browser: ChildProcess): Promise<string> {
  const said: string[] = [];
  for await (const line of createInterface({ input: browser.stderr as NodeJS.ReadableStream })) {
    const address = /DevTools listening on (ws:\S+)/.exec(line)?.[1];
    if (address !== undefined) return address;
    said.push(line);
  }
  throw new Error(`Chromium did not start:\n${said.join('\n')}`);
}

const opened = (line: WebSocket) =>
  new Promise<void>((resolve, reject) => {
    line.addEventListener('open', () => resolve());
    line.addEventListener('error', () => reject(new Error('Chromium took no connection.')));
  });

async function firstPage(line: WebSocket): Promise<Omit<Page, 'close'>> {
  const waiting = new Map<number, (said: Said) => void>();
  const listening = new Map<string, () => void>();
  line.addEventListener('message', ({ data }) => {
    const said = JSON.parse(String(data)) as Said;
    if (said.id !== undefined) waiting.get(said.id)?.(said);
    else if (said.method !== undefined) listening.get(said.method)?.();
  });
  let asked = 0;
  let sessionId: string | undefined;
  const ask = <Result>(method: string, params: object = {}) =>
    new Promise<Result>((resolve, reject) => {
      asked += 1;
      waiting.set(asked, ({ result, error }) => (error ? reject(new Error(error.message)) : resolve(result as Result)));
      line.send(JSON.stringify({ id: asked, method, params, ...(sessionId && { sessionId }) }));
    });

  const { targetId } = await ask<{ targetId: string }>('Target.createTarget', { url: 'about:blank' });
  ({ sessionId } = await ask<{ sessionId: string }>('Target.attachToTarget', { targetId, flatten: true }));
  await ask('Page.enable');
  return {
    goTo: async (url) => {
      const loaded = new Promise<void>((resolve) => listening.set('Page.loadEventFired', resolve));
      const { errorText } = await ask<{ errorText?: string }>('Page.navigate', { url });
      if (errorText) throw new Error(`${url}: ${errorText}`);
      await loaded;
    },
    run: async <Result>(expression: string) => {
      const { result, exceptionDetails } = await ask<{
        result: { value: Result };
        exceptionDetails?: { text: string; exception?: { description?: string } };
      }>('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
      return result.value;
    },
    cookies: async (url) => (await ask<{ cookies: Cookie[] }>('Network.getCookies', { urls: [url] })).cookies,
  };
}
