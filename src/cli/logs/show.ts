// What `logs` does: asks for the logs of the containers that are meant and prints them, one after the other, or all at
// once while it follows.
import { err, ok, type Result } from '../../lib/result.ts';
import { podKey, podNamespace } from '../../server/selectPods.ts';
import { type Choice, choosePods } from '../chosenPods.ts';
import { type ClientFailure, openStream, readSnapshot } from '../client.ts';
import { type Cli, fail } from '../command.ts';
import { EXIT, type Failure } from '../exitCodes.ts';
import type { Io } from '../io.ts';
import { type Colour, paint } from '../output.ts';
import { socketPath } from '../settings.ts';
import { followLog } from './follow.ts';
import { createLineWriter } from './logLines.ts';
import { type LogWishes, logPath } from './request.ts';
import { type LogTarget, logTargets, type WantedContainers } from './targets.ts';

export interface LogsQuery extends Choice, WantedContainers {
  readonly wishes: LogWishes;
  readonly follow: boolean;
  readonly previous: boolean;
  readonly prefix: 'always' | 'whenNeeded';
  /** Hand a terminal whatever the container wrote, escape sequences included. */
  readonly raw: boolean;
}

const FOLLOWED_MAX = 100;
const COLOURS: readonly Colour[] = ['green', 'yellow', 'cyan', 'magenta', 'blue'];

export async function showLogs(cli: Cli, query: LogsQuery): Promise<number> {
  const { io } = cli;
  const socket = await socketPath(cli);
  if (!socket.ok) return fail(io, socket.error);
  const targets = await findTargets(socket.value, query);
  if (!targets.ok) return fail(io, targets.error);
  if (targets.value.length === 0) {
    io.err('No pods.\n');
    return EXIT.done;
  }
  sayDefault(io, query, targets.value);
  return query.follow
    ? followAll(io, { socket: socket.value, query, targets: targets.value })
    : readAll(io, { socket: socket.value, query, targets: targets.value });
}

async function findTargets(socket: string, query: LogsQuery): Promise<Result<readonly LogTarget[], Failure>> {
  const snapshot = await readSnapshot(socket);
  if (!snapshot.ok) return snapshot;
  const pods = choosePods(snapshot.value, query);
  if (!pods.ok) return pods;
  const targets = logTargets(pods.value, query);
  if (!targets.ok || !query.follow || targets.value.length <= FOLLOWED_MAX) return targets;
  const message = `${targets.value.length} containers are too many to follow at once: name fewer than ${FOLLOWED_MAX + 1}`;
  return err({ exitCode: EXIT.usage, message });
}

/** As kubectl does: which of several containers was taken. */
function sayDefault(io: Io, query: LogsQuery, targets: readonly LogTarget[]): void {
  const [target] = targets;
  if (target === undefined || targets.length > 1 || query.container !== undefined || query.allContainers) return;
  const names = (target.pod.spec?.containers ?? []).map(({ name }) => name);
  if (names.length > 1) io.err(`Defaulted container "${target.container}" out of: ${names.join(', ')}\n`);
}

interface Job {
  readonly socket: string;
  readonly query: LogsQuery;
  readonly targets: readonly LogTarget[];
}

async function readAll(io: Io, { socket, query, targets }: Job): Promise<number> {
  let exitCode: number = EXIT.done;
  const interrupted = io.interrupted();
  for (const [index, target] of targets.entries()) {
    const path = logPath(target.pod, target.container, { ...query.wishes, follow: false, previous: query.previous });
    const opened = await openStream(socket, path, interrupted);
    if (interrupted.aborted) return EXIT.interrupted;
    if (!opened.ok) {
      exitCode = fail(io, opened.error);
      continue;
    }
    const printed = await print(io, opened.value, lineWriter(io, { query, target, targets, index }));
    if (interrupted.aborted) return EXIT.interrupted;
    if (!printed.ok) exitCode = fail(io, printed.error);
  }
  return exitCode;
}

type Lines = ReturnType<typeof createLineWriter>;

async function print(io: Io, log: AsyncIterable<Uint8Array>, lines: Lines): Promise<Result<void, ClientFailure>> {
  try {
    for await (const chunk of log) await io.write(lines.push(chunk));
    await io.write(lines.end());
    return ok(undefined);
  } catch {
    return err({ kind: 'broken', exitCode: EXIT.unreachable, message: 'The runner broke off the log' });
  }
}

async function followAll(io: Io, { socket, query, targets }: Job): Promise<number> {
  const interrupted = io.interrupted();
  const ends = targets.map(async (target, index) => {
    const lines = lineWriter(io, { query, target, targets, index });
    const failure = await followLog(
      { socketPath: socket, target, wishes: query.wishes, write: (chunk) => io.write(lines.push(chunk)) },
      interrupted,
    );
    await io.write(lines.end());
    return failure === undefined ? EXIT.done : fail(io, failure);
  });
  const codes = await Promise.all(ends);
  if (interrupted.aborted) return EXIT.interrupted;
  return codes.find((code) => code !== EXIT.done) ?? EXIT.done;
}

interface Place {
  readonly query: LogsQuery;
  readonly target: LogTarget;
  readonly targets: readonly LogTarget[];
  readonly index: number;
}

function lineWriter(io: Io, { query, target, targets, index }: Place): Lines {
  const isNeeded = query.prefix === 'always' || targets.length > 1;
  const pods = new Set(targets.map(({ pod }) => podNamespace(pod)));
  const name = pods.size > 1 ? podKey(target.pod) : (target.pod.metadata?.name ?? '');
  const text = isNeeded ? `[${name}/${target.container}] ` : '';
  const colour = COLOURS[index % COLOURS.length];
  const prefix = io.colour && text !== '' && colour !== undefined ? paint(text, colour) : text;
  return createLineWriter({ prefix, isForTerminal: io.outIsTerminal && !query.raw });
}
