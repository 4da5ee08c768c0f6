import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { onInterrupt } from '../interrupt.ts';
import { root } from '../paths.ts';

/** infra/bench does the work; it starts a system of its own. */
export function main(parameters: string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'infra/bench/src/main.ts'), ...parameters], {
      cwd: root,
      stdio: 'inherit',
    });
    onInterrupt(
      () => child.kill('SIGTERM'),
      () => child.kill('SIGKILL'),
    );
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
