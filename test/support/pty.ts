// A program at a real terminal, through script(1) of util-linux: keys go in, what the screen gets comes out.
import { spawn } from 'node:child_process';
import { eventually } from './eventually.ts';

const PATIENCE_MS = 90_000;

export interface Terminal {
  /** Everything that reached the screen. */
  readonly screen: string;
  type(keys: string): void;
  untilScreen(pattern: RegExp): Promise<string>;
  /** Exit code of the command. */
  readonly ended: Promise<number>;
}

/** @param command a line for sh */
export function atTerminal(command: string): Terminal {
  const child = spawn('script', ['-qfec', command, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, TERM: 'xterm' },
  });
  let screen = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text;
  });
  child.stdin.on('error', () => {});
  const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS * 2);
  return {
    get screen() {
      return screen;
    },
    type: (keys) => void child.stdin.write(keys),
    untilScreen: (pattern) =>
      eventually(
        async () => screen,
        (seen) => pattern.test(seen),
        PATIENCE_MS,
      ),
    ended: new Promise((resolve) => {
      child.once('close', (code) => {
        clearTimeout(late);
        resolve(code ?? -1);
      });
    }),
  };
}
