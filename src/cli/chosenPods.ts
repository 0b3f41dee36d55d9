// Which pods a command is about: by names, by a label selector, by namespace, or all. Pure.
import type { Pod } from '../api/kubernetes.ts';
import { err, ok, type Result } from '../lib/result.ts';
import type { RunnerSnapshot } from '../ports/runner.ts';
import { podNamespace, selectPods } from '../server/selectPods.ts';
import { EXIT, type Failure } from './exitCodes.ts';
import { parseSelector } from './selector.ts';

export interface Choice {
  /** Empty: every pod that the rest allows. */
  readonly names: readonly string[];
  readonly namespace?: string;
  readonly selector?: string;
}

export function choosePods(snapshot: RunnerSnapshot, choice: Choice): Result<readonly Pod[], Failure> {
  const { names, namespace, selector } = choice;
  if (names.length > 0 && selector !== undefined)
    return err({ exitCode: EXIT.usage, message: 'Names and --selector exclude each other' });
  if (names.length > 0) {
    const nodeName = snapshot.node.name;
    const selected = selectPods(snapshot.pods, { names, nodeName, ...(namespace === undefined ? {} : { namespace }) });
    return selected.ok ? selected : err({ exitCode: EXIT.failed, message: selected.error });
  }
  const inNamespace = snapshot.pods.filter((pod) => namespace === undefined || podNamespace(pod) === namespace);
  if (selector === undefined) return ok(inNamespace);
  const holds = parseSelector(selector);
  return holds.ok ? ok(inNamespace.filter((pod) => holds.value(pod.metadata?.labels ?? {}))) : holds;
}
