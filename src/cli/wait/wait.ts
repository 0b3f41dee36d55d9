// `wait`: follows pods until each has arrived at what was asked for, can't any more, or the time is over; then says why.
import type { Pod } from '../../api/kubernetes.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { printable } from '../../manifest/format.ts';
import type { RunnerSnapshot } from '../../ports/runner.ts';
import { podKey, selectPods } from '../../server/selectPods.ts';
import { type Choice, choosePods } from '../chosenPods.ts';
import { readSnapshot, watchSnapshots } from '../client.ts';
import { type Cli, fail } from '../command.ts';
import { EXIT, type Failure } from '../exitCodes.ts';
import type { Io } from '../io.ts';
import { formatAge } from '../output.ts';
import { socketPath } from '../settings.ts';
import { noteOf } from '../status/rows.ts';
import { wantedUid } from './generation.ts';
import { type Goal, judge, type Verdict } from './goal.ts';

export interface WaitQuery extends Choice {
  readonly goal: Goal;
  readonly timeoutMs: number;
}

/** One pod that is waited for: by its name until it has shown up, then by its key. */
interface Waited {
  readonly title: string;
  find(snapshot: RunnerSnapshot): Pod | undefined;
  readonly wantedUid?: string | undefined;
}

export async function wait(cli: Cli, query: WaitQuery): Promise<number> {
  const { io } = cli;
  const socket = await socketPath(cli);
  if (!socket.ok) return fail(io, socket.error);
  const first = await readSnapshot(socket.value);
  if (!first.ok) return fail(io, first.error);
  const waited = await findWaited(first.value, query);
  if (!waited.ok) return fail(io, waited.error);
  return follow(io, { socket: socket.value, query, waited: waited.value });
}

async function findWaited(snapshot: RunnerSnapshot, query: WaitQuery): Promise<Result<readonly Waited[], Failure>> {
  if (query.names.length > 0 && query.goal !== 'generation' && query.selector === undefined) return ok(byName(query));
  const pods = choosePods(snapshot, query);
  if (!pods.ok) return pods;
  if (pods.value.length === 0) return err({ exitCode: EXIT.failed, message: 'There are no pods to wait for' });
  const waited: Waited[] = [];
  for (const pod of pods.value) {
    const key = podKey(pod);
    const find = (next: RunnerSnapshot) => next.pods.find((candidate) => podKey(candidate) === key);
    if (query.goal !== 'generation') {
      waited.push({ title: key, find });
      continue;
    }
    const origin = noteOf(pod, snapshot)?.origin ?? '';
    const uid = await wantedUid({ key, origin, nodeName: snapshot.node.name });
    if (!uid.ok) return uid;
    waited.push({ title: key, find, wantedUid: uid.value });
  }
  return ok(waited);
}

/** Somebody who has just written a manifest waits for a pod that is not there yet. */
function byName({ names, namespace }: WaitQuery): readonly Waited[] {
  return names.map((name) => ({
    title: name,
    find: ({ pods, node }) => {
      const within = namespace === undefined ? {} : { namespace };
      const found = selectPods(pods, { names: [name], nodeName: node.name, ...within });
      return found.ok ? found.value[0] : undefined;
    },
  }));
}

interface Followed {
  readonly socket: string;
  readonly query: WaitQuery;
  readonly waited: readonly Waited[];
}

const DONE: { readonly [goal in Goal]: string } = {
  ready: 'is ready',
  running: 'is running',
  succeeded: 'has succeeded',
  deleted: 'is gone',
  generation: 'runs as its manifest says',
};

async function follow(io: Io, { socket, query, waited }: Followed): Promise<number> {
  const interrupted = io.interrupted();
  const timeout = AbortSignal.timeout(query.timeoutMs);
  const open = new Map<Waited, string>(waited.map((one) => [one, '']));
  let hopeless = false;
  for await (const snapshot of watchSnapshots(socket, AbortSignal.any([interrupted, timeout]))) {
    if (!snapshot.ok) return fail(io, snapshot.error);
    for (const one of open.keys()) {
      const verdict = verdictOf(one, { query, snapshot: snapshot.value, now: io.now() });
      if (verdict.state === 'open') {
        open.set(one, verdict.because);
        continue;
      }
      open.delete(one);
      if (verdict.state === 'met') io.out(`${printable(one.title)} ${DONE[query.goal]}\n`);
      else io.err(`error: ${printable(one.title)} will not be ${query.goal}: ${printable(verdict.because)}\n`);
      hopeless ||= verdict.state === 'hopeless';
    }
    if (open.size === 0) return hopeless ? EXIT.failed : EXIT.done;
  }
  if (interrupted.aborted) return EXIT.interrupted;
  const left = [...open].map(([{ title }, because]) => `\n  ${title}: ${because}`).join('');
  return fail(io, {
    exitCode: EXIT.timedOut,
    message: `Not ${query.goal} within ${formatAge(query.timeoutMs)}:${left}`,
  });
}

interface View {
  readonly query: WaitQuery;
  readonly snapshot: RunnerSnapshot;
  readonly now: number;
}

function verdictOf(one: Waited, { query, snapshot, now }: View): Verdict {
  return judge(one.find(snapshot), { goal: query.goal, snapshot, now, wantedUid: one.wantedUid });
}
