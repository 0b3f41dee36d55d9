// Gives a valid pod the identity that a kubelet gives to a static pod: name suffix, namespace, node, UID, source
// annotations and, for files, the toleration. Pure.
// The UID of a manifest without one is a hash of what the user wrote, of the node and of the place it came from; it is
// computed before defaulting and with a version of its own, so that an upgrade of this program never changes it.
import type { DesiredPod, Origin, SourceKind } from '../api/desiredPod.ts';
import type { ObjectMeta, Pod, PodSpec, Toleration } from '../api/kubernetes.ts';
import { canonicalJson, sha256Hex } from '../lib/hash.ts';
import { defaultSpec } from './defaults.ts';

export const SOURCE_ANNOTATION = 'kubernetes.io/config.source';
export const HASH_ANNOTATION = 'kubernetes.io/config.hash';
export const SEEN_ANNOTATION = 'kubernetes.io/config.seen';
export const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror';

/** Annotations that only the runner writes; what a manifest says there is dropped. */
export const RUNNER_ANNOTATIONS: readonly string[] = [
  SOURCE_ANNOTATION,
  HASH_ANNOTATION,
  SEEN_ANNOTATION,
  MIRROR_ANNOTATION,
];

/** Metadata that a static pod keeps; the rest belongs to an API server. */
const KEPT_METADATA = ['creationTimestamp'] as const;

const UID_SCHEME = 'solopod pod uid, scheme 1';
const HASH_SCHEME = 'solopod pod hash, scheme 1';
const UID_LENGTH = 32;
const HASH_LENGTH = 16;

const NO_EXECUTE: Toleration = { operator: 'Exists', effect: 'NoExecute' };

export interface Identity {
  readonly source: SourceKind;
  readonly nodeName: string;
  readonly origin: Origin;
  /** Field paths that are accepted without effect. */
  readonly ignored: readonly string[];
}

/** @param pod valid, as the user wrote it: no nulls, no defaults */
export function toDesiredPod(pod: Pod, identity: Identity): DesiredPod {
  const { source, origin, ignored } = identity;
  const nodeName = identity.nodeName.toLowerCase();
  const metadata = pod.metadata ?? {};
  const spec: PodSpec = pod.spec ?? { containers: [] };
  const uid = metadata.uid ?? computeUid(pod, { nodeName, location: origin.location });
  const name = podName(metadata.name ?? '', nodeName);
  const namespace = metadata.namespace ?? 'default';
  const labels = metadata.labels ?? {};
  const annotations = userAnnotations(metadata);
  return {
    key: `${namespace}/${name}`,
    uid,
    hash: sha256Hex(`${HASH_SCHEME}\n${canonicalJson({ labels, annotations, spec })}`).slice(0, HASH_LENGTH),
    source,
    origin,
    metadata: {
      ...Object.fromEntries(KEPT_METADATA.flatMap((field) => (metadata[field] ? [[field, metadata[field]]] : []))),
      name,
      namespace,
      uid,
      labels,
      annotations: { ...annotations, [SOURCE_ANNOTATION]: source, [HASH_ANNOTATION]: uid },
    },
    spec: {
      ...defaultSpec(spec),
      nodeName,
      ...(source === 'file' ? { tolerations: withToleration(spec.tolerations ?? []) } : {}),
    },
    ignored,
  };
}

/** The name of a static pod on a node. */
export function podName(name: string, nodeName: string): string {
  return `${name}-${nodeName.toLowerCase()}`;
}

function computeUid(pod: Pod, place: { readonly nodeName: string; readonly location: string }): string {
  const { metadata = {}, spec } = pod;
  return sha256Hex(`${UID_SCHEME}\n${canonicalJson({ metadata, spec, ...place })}`).slice(0, UID_LENGTH);
}

function userAnnotations(metadata: ObjectMeta): { readonly [key: string]: string } {
  const entries = Object.entries(metadata.annotations ?? {});
  return Object.fromEntries(entries.filter(([key]) => !RUNNER_ANNOTATIONS.includes(key)));
}

function withToleration(tolerations: readonly Toleration[]): readonly Toleration[] {
  const present = tolerations.some((toleration) => canonicalJson(toleration) === canonicalJson(NO_EXECUTE));
  return present ? tolerations : [...tolerations, NO_EXECUTE];
}
