// This process's terminal while somebody works in a container: every key goes there untouched, and however this
// process ends, the terminal is given back as it was.
import type { TerminalSize } from './remoteCommand.ts';

const SIGNALS = ['SIGTERM', 'SIGHUP'] as const;
const EXIT_CODES = { SIGTERM: 143, SIGHUP: 129 } as const;

/** True when keys can be read one by one. */
export function hasTerminal(): boolean {
  return process.stdin.isTTY === true && process.stdout.isTTY === true;
}

/** Hands every key through. @returns how to give the terminal back; may be called more than once */
export function enterRawMode(): () => void {
  const { stdin } = process;
  const restore = (): void => {
    if (stdin.isRaw) stdin.setRawMode(false);
  };
  const leave = (signal: (typeof SIGNALS)[number]): void => {
    restore();
    process.exit(EXIT_CODES[signal]);
  };
  stdin.setRawMode(true);
  // Also for a bug that ends the process.
  process.once('exit', restore);
  for (const signal of SIGNALS) process.once(signal, leave);
  return () => {
    restore();
    process.off('exit', restore);
    for (const signal of SIGNALS) process.off(signal, leave);
  };
}

export function watchSize(changed: (size: TerminalSize) => void, signal: AbortSignal): void {
  const { stdout } = process;
  const tell = (): void => {
    if (stdout.columns > 0 && stdout.rows > 0) changed({ columns: stdout.columns, rows: stdout.rows });
  };
  stdout.on('resize', tell);
  signal.addEventListener('abort', () => stdout.off('resize', tell), { once: true });
  tell();
}

/** Standard input would keep the process alive. */
export function releaseStdin(): void {
  process.stdin.pause();
  process.stdin.unref?.();
}
