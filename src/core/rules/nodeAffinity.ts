// Whether the labels of this node are what a pod asks for. Pure. There is no scheduler, but a pod that says that it
// belongs elsewhere is not run here. Rule: kubelet general predicates; in the required affinity terms are alternatives,
// and what stands in one term must hold together. Preferences and other pods' places mean nothing on one node.
import type { DesiredPod } from '../../api/desiredPod.ts';
import type { NodeSelectorRequirement, NodeSelectorTerm } from '../../api/kubernetes.ts';
import type { Refusal, Settings } from '../world.ts';

type Labels = Settings['nodeLabels'];

export function affinityRefusal(pod: DesiredPod, settings: Settings): Refusal | undefined {
  const { nodeSelector = {}, affinity } = pod.spec;
  const labels = settings.nodeLabels;
  const wrong = Object.entries(nodeSelector).find(([key, value]) => labels[key] !== value);
  if (wrong !== undefined) return refusal(`nodeSelector asks for ${wrong[0]}=${wrong[1]}`);
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  if (terms === undefined || terms.some((term) => matches(term, settings))) return undefined;
  return refusal('no term of the required nodeAffinity holds');
}

function refusal(detail: string): Refusal {
  return {
    reason: 'NodeAffinity',
    message: `Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector: ${detail}; the configuration can give this node labels (nodeLabels)`,
  };
}

/** A term that asks for nothing matches nothing. */
function matches({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, settings: Settings): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false;
  const fields = { 'metadata.name': settings.nodeName };
  return (
    matchExpressions.every((requirement) => holds(requirement, settings.nodeLabels)) &&
    matchFields.every((requirement) => holds(requirement, fields))
  );
}

function holds({ key, operator, values = [] }: NodeSelectorRequirement, labels: Labels): boolean {
  const value = labels[key];
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return compare(value, values[0]) > 0;
    case 'Lt':
      return compare(value, values[0]) < 0;
    default:
      return false;
  }
}

/** @returns NaN, which is neither above nor below, where one is not an integer */
function compare(value: string | undefined, bound: string | undefined): number {
  const isInteger = (text: string | undefined): text is string => text !== undefined && /^-?\d+$/.test(text);
  if (!isInteger(value) || !isInteger(bound)) return Number.NaN;
  return Number(BigInt(value) - BigInt(bound));
}
