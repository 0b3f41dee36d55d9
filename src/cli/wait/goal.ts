// What `wait` waits for, judged for one pod by what the runner shows. Pure.
import type { Pod } from '../../api/kubernetes.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { RunnerSnapshot } from '../../ports/runner.ts';
import { EXIT, type Failure } from '../exitCodes.ts';
import { why } from '../status/why.ts';

export type Goal = 'ready' | 'running' | 'succeeded' | 'deleted' | 'generation';

export type Verdict =
  | { readonly state: 'met' }
  /** It will never be met without a change from outside. */
  | { readonly state: 'hopeless'; readonly because: string }
  | { readonly state: 'open'; readonly because: string };

const WORDS: { readonly [word: string]: Goal } = {
  ready: 'ready',
  'condition=ready': 'ready',
  running: 'running',
  succeeded: 'succeeded',
  'jsonpath={.status.phase}=succeeded': 'succeeded',
  delete: 'deleted',
  deleted: 'deleted',
  generation: 'generation',
  'generation=observed': 'generation',
};

export function parseGoal(text: string): Result<Goal, Failure> {
  const goal = WORDS[text.toLowerCase()];
  if (goal !== undefined) return ok(goal);
  const message = `Cannot wait for "${text}": give ready, running, succeeded, deleted or generation`;
  return err({ exitCode: EXIT.usage, message });
}

export interface Judged {
  readonly goal: Goal;
  readonly snapshot: RunnerSnapshot;
  readonly now: number;
  /** For the goal "generation": uid that the manifest on disk gives; undefined when it gives no such pod any more. */
  readonly wantedUid?: string | undefined;
}

/** @param pod undefined when there is none (yet, or any more) */
export function judge(pod: Pod | undefined, { goal, snapshot, now, wantedUid }: Judged): Verdict {
  if (pod === undefined) {
    if (goal === 'deleted' || (goal === 'generation' && wantedUid === undefined)) return { state: 'met' };
    return { state: 'open', because: 'there is no such pod yet' };
  }
  const open: Verdict = { state: 'open', because: why(pod, snapshot, now) };
  const { phase } = pod.status ?? {};
  switch (goal) {
    case 'deleted':
      return open;
    case 'generation':
      if (pod.metadata?.uid !== wantedUid) return { state: 'open', because: 'an older version of it is still there' };
      return phase === 'Pending' || phase === undefined ? open : { state: 'met' };
    case 'running':
      if (phase === 'Running') return { state: 'met' };
      return phase === 'Failed' || phase === 'Succeeded' ? { state: 'hopeless', because: open.because } : open;
    case 'ready': {
      const isReady =
        pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
      if (isReady && pod.metadata?.deletionTimestamp === undefined) return { state: 'met' };
      return phase === 'Failed' || phase === 'Succeeded' ? { state: 'hopeless', because: open.because } : open;
    }
    case 'succeeded':
      if (phase === 'Succeeded') return { state: 'met' };
      if (phase === 'Failed') return { state: 'hopeless', because: open.because };
      if ((pod.spec?.restartPolicy ?? 'Always') === 'Always')
        return { state: 'hopeless', because: 'its restartPolicy is Always, so it never ends' };
      return open;
  }
}
