import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { onInterrupt } from '../interrupt.ts';
import { root } from '../paths.ts';

/** A command whose work is done by a program elsewhere in the tree; it gets the parameters, and its exit code is ours. */
export const inChild =
  (program: string, env: NodeJS.ProcessEnv = process.env) =>
  (parameters: string[]): Promise<number> =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [join(root, program), ...parameters], { cwd: root, env, stdio: 'inherit' });
      onInterrupt(
        () => child.kill('SIGTERM'),
        () => child.kill('SIGKILL'),
      );
      child.on('error', reject);
      child.on('close', (code) => resolve(code ?? 1));
    });
