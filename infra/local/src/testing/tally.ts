import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

export interface Tally {
  passed: number;
  failed: number;
}

/** Vitest's reporter that writes the sum of all projects where `npm test` reads it: into the file FORECOURT_TALLY. */
export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const tally: Tally = { passed: 0, failed: unhandledErrors.length };
    for (const module of modules) {
      const before = tally.failed;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') tally.passed += 1;
        if (state === 'failed') tally.failed += 1;
      }
      // A file that does not even load, or whose hooks fail, is a failure with no test to its name.
      if (module.state() === 'failed' && tally.failed === before) tally.failed += 1;
    }
    const file = process.env.FORECOURT_TALLY;
    if (file) writeFileSync(file, JSON.stringify(tally));
  }
}
