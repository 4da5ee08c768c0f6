import { createWriteStream, existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';

export interface LogFile {
  write(text: string): void;
  /** For one stream of output: lines are told apart within it. */
  writer(): (chunk: string) => void;
}

/** Everything goes to the file; each whole line is offered to `notice`. The log of the run before is kept beside it. */
export function openLogFile(path: string, notice: (line: string) => void): LogFile {
  mkdirSync(dirname(path), { recursive: true });
  if (existsSync(path)) renameSync(path, `${path}.1`);
  const file = createWriteStream(path, { flags: 'a' });
  // A full disk must not end what is being logged.
  file.on('error', () => {});
  return {
    write: (text) => file.write(text),
    writer: () => {
      let rest = '';
      return (chunk) => {
        file.write(chunk);
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) notice(line);
      };
    },
  };
}

const levels = /"level":"(warn|error|fatal)"/;

/** Of a service's JSON lines the warnings and worse, in short; of anything else (a crash before the log exists) all. */
export function worthShowingOfService(line: string): string | undefined {
  if (!line.startsWith('{')) return line.trim() === '' ? undefined : line;
  const [, level] = levels.exec(line) ?? [];
  if (!level) return undefined;
  try {
    const { msg, err } = JSON.parse(line) as { msg?: string; err?: { message?: string } };
    return `${level}: ${[msg, err?.message].filter(Boolean).join(': ')}`;
  } catch {
    return line;
  }
}
