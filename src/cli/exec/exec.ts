// `exec` and `attach`: this terminal, or this process's streams, connected with a container's.
import { containerNamed } from '../../api/podContainers.ts';
import { type Cli, fail } from '../command.ts';
import { EXIT } from '../exitCodes.ts';
import { socketPath } from '../settings.ts';
import { type RemoteSession, runRemote } from '../stream/remoteCommand.ts';
import {
  findContainerOf,
  type NamedContainer,
  type SessionTarget,
  sayDefaulted,
  sessionPath,
} from '../stream/target.ts';
import { enterRawMode, hasTerminal, releaseStdin, watchSize } from '../stream/terminal.ts';

export interface Wanted extends NamedContainer {
  readonly stdin: boolean;
  readonly tty: boolean;
  readonly quiet: boolean;
}

const NO_TERMINAL = 'Unable to use a terminal: standard input and output are not both one\n';

export async function exec(cli: Cli, wanted: Wanted & { readonly command: readonly string[] }): Promise<number> {
  const tty = wanted.tty && hasTerminal();
  if (wanted.tty && !tty) cli.io.err(NO_TERMINAL);
  return open(cli, wanted, (target) => {
    const stdin = wanted.stdin;
    return { path: sessionPath('exec', target, { command: wanted.command, stdin, tty }), stdin, tty };
  });
}

export async function attach(cli: Cli, wanted: Wanted): Promise<number> {
  return open(cli, wanted, (target) => {
    const spec = containerNamed(target.pod.spec, target.container);
    // What the container was made with decides: its output has the form of a terminal's, or it has not.
    const tty = spec?.tty === true;
    if (wanted.tty && !tty) cli.io.err(`Container "${target.container}" has no terminal (tty: true in its manifest)\n`);
    if (wanted.stdin && spec?.stdin !== true)
      cli.io.err(`Container "${target.container}" reads no standard input (stdin: true in its manifest)\n`);
    const stdin = wanted.stdin && spec?.stdin === true;
    if (!wanted.quiet) cli.io.err('If you see nothing, press Enter; Ctrl-C leaves, unless the container has it.\n');
    return { path: sessionPath('attach', target, { stdin, tty }), stdin, tty: tty && wanted.tty, isTerminal: tty };
  });
}

interface Prepared {
  readonly path: string;
  readonly stdin: boolean;
  /** This terminal is handed to the container. */
  readonly tty: boolean;
  /** The container has a terminal, whether or not this process has one to hand over. */
  readonly isTerminal?: boolean;
}

async function open(cli: Cli, wanted: Wanted, prepare: (target: SessionTarget) => Prepared): Promise<number> {
  const { io } = cli;
  const socket = await socketPath(cli);
  if (!socket.ok) return fail(io, socket.error);
  const target = await findContainerOf(socket.value, wanted);
  if (!target.ok) return fail(io, target.error);
  if (!wanted.quiet) io.err(sayDefaulted(target.value));
  const prepared = prepare(target.value);
  const ownsTerminal = prepared.tty && hasTerminal();
  const session: RemoteSession = {
    socketPath: socket.value,
    path: prepared.path,
    stdout: process.stdout,
    ...(prepared.stdin ? { stdin: process.stdin } : {}),
    ...(prepared.tty || prepared.isTerminal === true ? {} : { stderr: process.stderr }),
    ...(ownsTerminal ? { sizes: watchSize } : {}),
  };
  // In raw mode Ctrl-C is a key for the container.
  const interrupted = ownsTerminal && prepared.stdin ? new AbortController().signal : io.interrupted();
  const restore = ownsTerminal && prepared.stdin ? enterRawMode() : () => {};
  try {
    const result = await runRemote(session, interrupted);
    restore();
    if (interrupted.aborted) return EXIT.interrupted;
    return result.ok ? result.value : fail(io, result.error);
  } finally {
    restore();
    if (prepared.stdin) releaseStdin();
  }
}
