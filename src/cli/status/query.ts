// What a person wants to see of the pods, and how. Pure.
import type { Pod } from '../../api/kubernetes.ts';
import { podNamespace } from '../../server/selectPods.ts';
import type { Choice } from '../chosenPods.ts';
import type { JsonTemplate } from '../jsonPath.ts';
import type { TableOptions } from './rows.ts';

export type StatusFormat = 'table' | 'wide' | 'full' | 'json' | 'yaml' | 'name' | 'keys' | 'jsonpath';

export interface StatusQuery extends Choice {
  readonly format: StatusFormat;
  /** For the format "jsonpath". */
  readonly template?: JsonTemplate;
  readonly showNamespace: 'always' | 'whenNeeded';
  readonly watch: boolean;
  readonly check: boolean;
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
