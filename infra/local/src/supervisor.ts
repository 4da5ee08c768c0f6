import { createProgram, ordinaryPatience, type Patience, type Program, type ProgramSpec } from './program.ts';
import { startWatchdog } from './watchdog.ts';

export interface Supervisor {
  readonly programs: readonly Program[];
  /** Starts it, and again whenever it ends unasked. */
  run(spec: ProgramSpec): Program;
  /** One group after the other. */
  stop(groups: readonly (readonly string[])[]): Promise<void>;
  /** Nothing is left to watch over. */
  dismiss(): void;
  /** All at once, without asking. */
  destroy(): void;
}

export interface SupervisorOptions {
  say(name: string, text: string): void;
  changed?(programs: readonly Program[]): void;
  patience?: Partial<Patience>;
}

export function createSupervisor({ say, changed, patience }: SupervisorOptions): Supervisor {
  const watchdog = startWatchdog();
  const programs: Program[] = [];
  return {
    programs,
    run(spec) {
      const program = createProgram(
        spec,
        watchdog,
        { say: (text) => say(spec.name, text), changed: () => changed?.(programs) },
        { ...ordinaryPatience, ...patience },
      );
      programs.push(program);
      program.start();
      return program;
    },
    async stop(groups) {
      for (const names of groups) {
        await Promise.all(programs.filter(({ name }) => names.includes(name)).map((program) => program.stop()));
      }
    },
    dismiss: () => watchdog.dismiss(),
    destroy() {
      for (const program of programs) program.destroy();
      watchdog.dismiss();
    },
  };
}
