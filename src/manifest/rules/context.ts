// What rules know beyond the pod itself.
import type { Report } from '../finding.ts';

export interface RuleContext {
  /**
   * Reports what Kubernetes accepts and what then cannot start: an error when a manifest is validated; a warning when
   * it is run, because the pod's status must then show it as a kubelet's does.
   */
  readonly runtimeFault: Report['error'];
}
