// Which pods a person means by a name. Pure; one rule for the command line and for requests to the runner.
import type { Pod } from '../api/kubernetes.ts';
import { err, ok, type Result } from '../lib/result.ts';

export interface NameQuery {
  /** "web", "web-node1", "ns/web", "pod/web" or a unique prefix of one of these. */
  readonly names: readonly string[];
  /** Limits names that carry no namespace of their own. */
  readonly namespace?: string;
  /** Suffix that the names of static pods carry. */
  readonly nodeName: string;
}

/**
 * The pods that are meant, in the order of the names, each once. An exact name wins over a prefix.
 * @returns a sentence for people when a name fits no pod, or several.
 */
export function selectPods(pods: readonly Pod[], query: NameQuery): Result<readonly Pod[], string> {
  const selected = new Set<Pod>();
  for (const name of query.names) {
    const found = findPod(pods, { name, query });
    if (!found.ok) return found;
    selected.add(found.value);
  }
  return ok([...selected]);
}

/** "namespace/name". */
export function podKey(pod: Pod): string {
  return `${podNamespace(pod)}/${pod.metadata?.name ?? ''}`;
}

export function podNamespace(pod: Pod): string {
  return pod.metadata?.namespace ?? 'default';
}

interface OneName {
  readonly name: string;
  readonly query: NameQuery;
}

function findPod(pods: readonly Pod[], { name, query }: OneName): Result<Pod, string> {
  const { namespace, bare } = splitName(name, query.namespace);
  const inNamespace = pods.filter((pod) => namespace === undefined || podNamespace(pod) === namespace);
  const exact = inNamespace.filter((pod) => [bare, `${bare}-${query.nodeName}`].includes(pod.metadata?.name ?? ''));
  const candidates = exact.length > 0 ? exact : inNamespace.filter((pod) => pod.metadata?.name?.startsWith(bare));
  const [first, ...others] = candidates;
  if (first === undefined || bare === '')
    return err(`There is no pod "${name}"${namespace === undefined ? '' : ` in namespace "${namespace}"`}`);
  if (others.length > 0) return err(`"${name}" may mean ${candidates.map(podKey).join(' or ')}: give more of the name`);
  return ok(first);
}

function splitName(
  name: string,
  namespace: string | undefined,
): { readonly namespace: string | undefined; readonly bare: string } {
  const kindless = name.replace(/^(?:pods?|po)\//, '');
  const slash = kindless.indexOf('/');
  if (slash < 0) return { namespace, bare: kindless };
  return { namespace: kindless.slice(0, slash), bare: kindless.slice(slash + 1) };
}
