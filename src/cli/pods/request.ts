// What `stop`, `start` and `restart` do: hand the request to the runner, then follow the pods until they are there.

import { err, ok, type Result } from '../../lib/result.ts';
import { printable } from '../../manifest/format.ts';
import type { PodSelection, RunnerSnapshot, RunnerVerb } from '../../ports/runner.ts';
import { podKey } from '../../server/selectPods.ts';
import { readSnapshot, requestPods, watchSnapshots } from '../client.ts';
import { fail } from '../command.ts';
import { EXIT, type Failure } from '../exitCodes.ts';
import type { Io } from '../io.ts';
import { formatAge } from '../output.ts';
import { type ContainersBefore, containersOf, progressOf } from './progress.ts';

const DONE: { readonly [verb in RunnerVerb]: string } = { stop: 'stopped', start: 'started', restart: 'restarted' };
/** For the runtime and the network to go down after the containers have ended. */
const STOP_MARGIN_MS = 30_000;
/** For images to come and containers to start. */
const START_MARGIN_MS = 120_000;
const GRACE_DEFAULT_SECONDS = 30;

export interface PodRequest {
  readonly socketPath: string;
  readonly verb: RunnerVerb;
  readonly selection: PodSelection;
  readonly wait: boolean;
  /** Absent: the longest grace period of the pods and a margin. */
  readonly timeoutMs?: number;
}

export async function requestAndFollow(
  io: Io,
  request: PodRequest,
): Promise<Result<number, Failure & { readonly kind: string }>> {
  const { socketPath, verb, selection } = request;
  const before = await readSnapshot(socketPath);
  if (!before.ok) return before;
  const reply = await requestPods(socketPath, { verb, selection });
  if (!reply.ok) return reply;
  if (reply.value.length === 0) {
    io.err(`No pods to ${verb}.\n`);
    return ok(EXIT.done);
  }
  if (!request.wait) {
    for (const key of reply.value) io.out(`${podName(key)} will be ${DONE[verb]}\n`);
    return ok(EXIT.done);
  }
  const timeoutMs = request.timeoutMs ?? defaultTimeout(verb, before.value, reply.value);
  return ok(await follow(io, { socketPath, verb, keys: reply.value, before: containersOf(before.value), timeoutMs }));
}

interface Followed {
  readonly socketPath: string;
  readonly verb: RunnerVerb;
  readonly keys: readonly string[];
  readonly before: ContainersBefore;
  readonly timeoutMs: number;
}

async function follow(io: Io, followed: Followed): Promise<number> {
  const interrupted = io.interrupted();
  const timeout = AbortSignal.timeout(followed.timeoutMs);
  const open = new Map(followed.keys.map((key) => [key, '']));
  let exitCode: number = EXIT.done;
  for await (const snapshot of watchSnapshots(followed.socketPath, AbortSignal.any([interrupted, timeout]))) {
    if (!snapshot.ok) return fail(io, snapshot.error);
    for (const [key, said] of open) {
      const next = step(io, { key, said, followed, snapshot: snapshot.value });
      if (!next.ok) exitCode = EXIT.failed;
      if (next.ok && next.value !== undefined) open.set(key, next.value);
      else open.delete(key);
    }
    if (open.size === 0) return exitCode;
  }
  const left = [...open]
    .map(([key, said]) => `${podName(key)} is ${said === '' ? 'not there yet' : `still ${said}`}`)
    .join(', ');
  if (interrupted.aborted) {
    io.err(`Interrupted: the runner goes on by itself; ${left}\n`);
    return EXIT.interrupted;
  }
  return fail(io, { exitCode: EXIT.timedOut, message: `Timed out after ${formatAge(followed.timeoutMs)}: ${left}` });
}

interface Step {
  readonly key: string;
  /** What was last said about the pod. */
  readonly said: string;
  readonly followed: Followed;
  readonly snapshot: RunnerSnapshot;
}

/** Says what is new about one pod. @returns what was said, or undefined when the pod is there; an error when it never will be. */
function step(
  io: Io,
  { key, said, followed: { verb, before }, snapshot }: Step,
): Result<string | undefined, undefined> {
  const progress = progressOf(snapshot, { verb, key, before });
  switch (progress.state) {
    case 'done':
      io.out(`${podName(key)} ${DONE[verb]}\n`);
      return ok(undefined);
    case 'failed':
      io.err(`error: Cannot ${verb} ${podName(key)}: ${printable(progress.message)}\n`);
      return err(undefined);
    case 'underWay': {
      const { display, waitingFor } = progress;
      const news = waitingFor === undefined ? display : `${display} (${waitingFor})`;
      if (news !== said) io.err(`${podName(key)}: ${printable(news)}\n`);
      return ok(news);
    }
  }
}

/** The key as people know it: the namespace only when it is not the default. */
function podName(key: string): string {
  return printable(key.startsWith('default/') ? key.slice('default/'.length) : key);
}

function defaultTimeout(verb: RunnerVerb, snapshot: RunnerSnapshot, keys: readonly string[]): number {
  const graces = snapshot.pods
    .filter((pod) => keys.includes(podKey(pod)))
    .map((pod) => pod.spec?.terminationGracePeriodSeconds ?? GRACE_DEFAULT_SECONDS);
  const grace = Math.max(0, ...graces) * 1_000;
  switch (verb) {
    case 'stop':
      return grace + STOP_MARGIN_MS;
    case 'start':
      return START_MARGIN_MS;
    case 'restart':
      return grace + START_MARGIN_MS;
  }
}
