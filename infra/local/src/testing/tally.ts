import { writeFileSync } from 'node:fs';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

export interface Tally {
  readonly passed: number;
  /** What failed: its file, its name and the first line of what was wrong. */
  readonly failures: readonly string[];
}

/** Vitest's reporter that writes the sum of all projects where `npm test` reads it: into the file FORECOURT_TALLY. */
export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly { message?: string }[]): void {
    const failures = unhandledErrors.map((error) => `of no test: ${firstLine([error])}`);
    let passed = 0;
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      const failed = tests.filter((each) => each.result().state === 'failed');
      passed += tests.filter((each) => each.result().state === 'passed').length;
      failures.push(...failed.map(described));
      // A file that does not even load, or whose hooks fail, is a failure with no test to its name.
      if (module.state() === 'failed' && failed.length === 0)
        failures.push(`${module.relativeModuleId}: ${firstLine(module.errors())}`);
    }
    const file = process.env.FORECOURT_TALLY;
    if (file) writeFileSync(file, JSON.stringify({ passed, failures } satisfies Tally));
  }
}

const described = (test: TestCase) =>
  `${test.module.relativeModuleId} > ${test.fullName}: ${firstLine(test.result().errors ?? [])}`;

const firstLine = (errors: readonly { message?: string }[]) =>
  errors[0]?.message?.split('\n', 1)[0] ?? 'no error was given';
