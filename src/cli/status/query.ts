// What a person wants to see of the pods, and which pods that means. Pure.
import type { Pod } from '../../api/kubernetes.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { RunnerSnapshot } from '../../ports/runner.ts';
import { podNamespace, selectPods } from '../../server/selectPods.ts';
import { EXIT, type Failure } from '../exitCodes.ts';
import type { TableOptions } from './rows.ts';

export type StatusFormat = 'table' | 'wide' | 'full' | 'json' | 'yaml' | 'name';

export interface StatusQuery {
  /** Empty: every pod. */
  readonly names: readonly string[];
  readonly namespace?: string;
  readonly format: StatusFormat;
  readonly showNamespace: 'always' | 'whenNeeded';
  readonly watch: boolean;
  readonly check: boolean;
}

/** The pods that the names and the namespace of the query mean. */
export function meantPods(snapshot: RunnerSnapshot, query: StatusQuery): Result<readonly Pod[], Failure> {
  const { names, namespace } = query;
  if (names.length === 0) {
    return ok(snapshot.pods.filter((pod) => namespace === undefined || podNamespace(pod) === namespace));
  }
  const nodeName = snapshot.node.name;
  const selected = selectPods(snapshot.pods, { names, nodeName, ...(namespace === undefined ? {} : { namespace }) });
  return selected.ok ? selected : err({ exitCode: EXIT.failed, message: selected.error });
}

export function tableOptions(
  query: StatusQuery,
  view: { readonly pods: readonly Pod[]; readonly now: number },
): TableOptions {
  const severalNamespaces = new Set(view.pods.map(podNamespace)).size > 1;
  return {
    wide: query.format === 'wide',
    showNamespace: query.showNamespace === 'always' || severalNamespaces,
    now: view.now,
  };
}
