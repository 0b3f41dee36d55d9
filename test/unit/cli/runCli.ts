// Runs a command line in this process against a fake runner behind a real unix socket.
import { join } from 'node:path';
import type { Io } from '../../../src/cli/io.ts';
import { main } from '../../../src/cli/main.ts';
import type { Backends } from '../../../src/server/backends.ts';
import { startServer } from '../../../src/server/http.ts';
import { fakeBackends } from '../server/fakeBackends.ts';
import type { FakeRunner } from '../server/fakeRunner.ts';
import { SILENT } from '../server/scene.ts';
import { withDirectory } from '../server/unixHttp.ts';

/** Five minutes after the pods of fakeRunner.ts were created. */
export const NOW = Date.parse('2026-01-02T03:05:00Z');

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Terminal {
  readonly env?: Io['env'];
  readonly colour?: boolean;
  readonly outIsTerminal?: boolean;
  readonly interrupted?: AbortSignal;
  /** Called after each write with all standard output so far. */
  readonly wrote?: (out: string) => void;
}

export async function runCli(args: readonly string[], terminal: Terminal = {}): Promise<Ran> {
  let out = '';
  let err = '';
  const io: Io = {
    out: (text) => {
      out += text;
      terminal.wrote?.(out);
    },
    err: (text) => {
      err += text;
    },
    write: async (bytes) => io.out(Buffer.from(bytes).toString('latin1')),
    outIsTerminal: terminal.outIsTerminal ?? false,
    colour: terminal.colour ?? false,
    errIsTerminal: false,
    env: terminal.env ?? {},
    now: () => NOW,
    interrupted: () => terminal.interrupted ?? new AbortController().signal,
  };
  const code = await main(['node', 'solopod', ...args], io);
  return { code, out, err };
}

export interface CliScene {
  readonly runner: FakeRunner;
  readonly socketPath: string;
  /** Runs a command line that begins with --socket and the socket's path. */
  run(...args: readonly string[]): Promise<Ran>;
  runAt(terminal: Terminal, ...args: readonly string[]): Promise<Ran>;
  stopServer(): Promise<void>;
}

export async function withRunner(
  runner: FakeRunner,
  body: (scene: CliScene) => Promise<void>,
  backends: Partial<Backends> = {},
): Promise<void> {
  await withDirectory(async (directory) => {
    const socketPath = join(directory, 's.sock');
    const server = await startServer({ socketPath, runner, backends: fakeBackends(backends), log: SILENT });
    const runAt = (terminal: Terminal, ...args: readonly string[]) =>
      // First: what follows a "--" is for a container.
      runCli(['--socket', socketPath, ...args], terminal);
    try {
      await body({ runner, socketPath, run: (...args) => runAt({}, ...args), runAt, stopServer: () => server.close() });
    } finally {
      await server.close();
    }
  });
}
