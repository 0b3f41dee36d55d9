// Pods as plain Kubernetes objects, for a cluster to take over: what the user wrote, without what this program and this
// node added. Pure. ConfigMaps and Secrets that a pod needs are taken from its manifest file by the caller.
import type { Pod } from '../../api/kubernetes.ts';

export type ExportKind = 'pod' | 'deployment' | 'daemonset';

type Plain = { readonly [key: string]: unknown };

/** Annotations and labels that only mean something to a node agent. */
const OWN_ANNOTATIONS =
  /^(kubernetes\.io\/config\.|solopod\.dev\/|kubectl\.kubernetes\.io\/last-applied-configuration$)/;
/** What an API server or a scheduler sets, or what is different on each node. */
const NODE_FIELDS = ['nodeName'] as const;

export interface ExportOptions {
  readonly kind: ExportKind;
  /** Name in the manifest, without the suffix of the node. */
  readonly name: string;
}

export function exportObject({ metadata, spec }: Plain, { kind, name }: ExportOptions): Plain {
  const { namespace, labels, annotations } = asPlain(metadata);
  const kept = Object.fromEntries(Object.entries(asPlain(annotations)).filter(([key]) => !OWN_ANNOTATIONS.test(key)));
  const ownSpec = Object.fromEntries(
    Object.entries(asPlain(spec)).filter(([key]) => !NODE_FIELDS.some((field) => field === key)),
  );
  const place = { name, ...(namespace === undefined || namespace === 'default' ? {} : { namespace }) };
  const marks = { ...nonEmpty('labels', asPlain(labels)), ...nonEmpty('annotations', kept) };
  if (kind === 'pod') return { apiVersion: 'v1', kind: 'Pod', metadata: { ...place, ...marks }, spec: ownSpec };
  // A controller finds its pods by their labels.
  const selected = Object.keys(asPlain(labels)).length === 0 ? { app: name } : asPlain(labels);
  const template = { metadata: { ...marks, labels: selected }, spec: ownSpec };
  return {
    apiVersion: 'apps/v1',
    kind: kind === 'deployment' ? 'Deployment' : 'DaemonSet',
    metadata: { ...place, labels: selected },
    spec: { ...(kind === 'deployment' ? { replicas: 1 } : {}), selector: { matchLabels: selected }, template },
  };
}

/** Why a pod can't be what is asked for. */
export function whyNotExported(pod: Pod, kind: ExportKind): string | undefined {
  const policy = pod.spec?.restartPolicy ?? 'Always';
  if (kind === 'pod' || policy === 'Always') return undefined;
  return `its restartPolicy is ${policy}: only pods that run for ever can be a ${kind}; export it as a pod`;
}

function nonEmpty(key: string, map: Plain): Plain {
  return Object.keys(map).length === 0 ? {} : { [key]: map };
}

function asPlain(value: unknown): Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
