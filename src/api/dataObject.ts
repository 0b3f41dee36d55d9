// ConfigMaps and Secrets as pods use them: bytes by key. Pure. Values stay in here: what is told, logged or kept about
// an object is its kind, namespace, name and hash.
import type { Origin } from './desiredPod.ts';

export type DataKind = 'ConfigMap' | 'Secret';

/** What a manifest may hold beside pods. */
export type ObjectKind = DataKind | 'PersistentVolumeClaim';

export interface ObjectKey {
  readonly kind: ObjectKind;
  readonly namespace: string;
  readonly name: string;
}

/** Which object is meant. */
export interface ObjectRef extends ObjectKey {
  readonly kind: DataKind;
}

export interface DataObject extends ObjectRef {
  /** Hash of everything that a pod can see of it, 16 hex digits. */
  readonly hash: string;
  readonly origin: Origin;
  /** Of a Secret, such as "kubernetes.io/dockerconfigjson". */
  readonly type?: string;
  /** What environment variables and files can be made of. */
  readonly data: ReadonlyMap<string, Uint8Array>;
  /** What only files can be made of; no key is in both. */
  readonly binaryData: ReadonlyMap<string, Uint8Array>;
}

/** Looks up an object as it is now; undefined where no manifest gives it. */
export type FindObject = (ref: ObjectRef) => DataObject | undefined;

/** "ConfigMap/default/settings". */
export function objectKey({ kind, namespace, name }: ObjectKey): string {
  return `${kind}/${namespace}/${name}`;
}

/** As Kubernetes' messages have it: `configmap "settings" not found`. */
export function notFound({ kind, name }: Pick<ObjectKey, 'kind' | 'name'>): string {
  return `${kind.toLowerCase()} "${name}" not found`;
}
