import { readFileSync } from 'node:fs';

/**
 * Loaded by `--import` before a service's own sources: its wall clock goes wrong by as many milliseconds as the file says
 * that CHAOS_CLOCK names. Timers and `performance.now()` go on as they did, as they do when a machine's clock is set.
 */
const file = process.env.CHAOS_CLOCK ?? '';
const OwnDate = globalThis.Date;
let offsetMs = 0;

const read = () => {
  try {
    offsetMs = Number(readFileSync(file, 'utf8')) || 0;
  } catch {
    offsetMs = 0;
  }
};
read();
setInterval(read, 100).unref();

const now = () => OwnDate.now() + offsetMs;

globalThis.Date = new Proxy(OwnDate, {
  construct: (target, given, self) => Reflect.construct(target, given.length === 0 ? [now()] : given, self) as Date,
  apply: () => new OwnDate(now()).toString(),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
});
