import { spawn } from 'node:child_process';

export interface Watchdog {
  watch(pid: number, signal: NodeJS.Signals): void;
  forget(pid: number): void;
  /** Everything has been ended in order: nothing is left to do. */
  dismiss(): void;
}

/**
 * Ends what we started when we can no longer do it ourselves. It is a shell that reads the list of processes from a pipe;
 * if we are killed outright, the pipe closes, whoever we were, and it asks them to end, and ten seconds later makes them.
 */
export function startWatchdog(): Watchdog {
  const shell = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  shell.unref();
  // It may be killed too; the processes then live on until the next start finds them.
  shell.on('error', () => {});
  shell.stdin.on('error', () => {});
  const tell = (line: string) => shell.stdin.write(`${line}\n`);
  return {
    watch: (pid, signal) => tell(`${signal.replace('SIG', '')} ${pid}`),
    forget: (pid) => tell(`forget ${pid}`),
    dismiss: () => {
      tell('dismiss 0');
      shell.stdin.end();
    },
  };
}

// `signal_<pid>` holds the signal that asks this process to end. Services lead a group of their own, hence the minus.
const script = `
pids=
while read -r word pid; do
  case $word in
    dismiss) exit 0 ;;
    forget) eval "signal_$pid=" ;;
    *) eval "signal_$pid=$word"; pids="$pids $pid" ;;
  esac
done
for pid in $pids; do eval "signal=\\$signal_$pid"; [ -n "$signal" ] && kill -s "$signal" "$pid"; done
i=0
while [ $i -lt 100 ]; do
  alive=
  for pid in $pids; do eval "signal=\\$signal_$pid"; [ -n "$signal" ] && kill -0 "$pid" && alive=1; done
  [ -z "$alive" ] && exit 0
  sleep 0.1 || sleep 1
  i=$((i + 1))
done
for pid in $pids; do eval "signal=\\$signal_$pid"; [ -n "$signal" ] && kill -s KILL -- "-$pid"; done
`;
