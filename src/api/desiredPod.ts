// The decoded, defaulted and admitted pod: what a manifest asks for, with the identity a kubelet would give it.
import type { Container, ObjectMeta, PodSpec } from './kubernetes.ts';

export type RestartPolicy = 'Always' | 'OnFailure' | 'Never';

/** Where pods come from, as the value of the annotation kubernetes.io/config.source. */
export type SourceKind = 'file' | 'http';

/** Where in the user's text a document stands. */
export interface Origin {
  /** Absolute path, URL (credentials removed) or "-" for standard input. */
  readonly location: string;
  /** 1-based line of the document's first key. */
  readonly line: number;
}

export interface DesiredMeta extends ObjectMeta {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly labels: { readonly [key: string]: string };
  readonly annotations: { readonly [key: string]: string };
}

/** A container after defaulting: the fields that defaulting guarantees are required here. */
export interface DesiredContainer extends Container {
  readonly image: string;
  readonly imagePullPolicy: 'Always' | 'IfNotPresent' | 'Never';
  readonly terminationMessagePath: string;
  readonly terminationMessagePolicy: 'File' | 'FallbackToLogsOnError';
}

export interface DesiredSpec extends PodSpec {
  readonly restartPolicy: RestartPolicy;
  readonly terminationGracePeriodSeconds: number;
  readonly dnsPolicy: 'ClusterFirst' | 'ClusterFirstWithHostNet' | 'Default' | 'None';
  readonly containers: readonly DesiredContainer[];
  readonly initContainers?: readonly DesiredContainer[];
}

export interface DesiredPod {
  /** "namespace/name", name with node suffix. At most one incarnation of a key runs at a time. */
  readonly key: string;
  /** The pod's metadata.uid: given by the manifest, or a hash of the user's document, node and location. */
  readonly uid: string;
  /** Hash of everything that makes this version of the pod (spec, labels, annotations), 16 hex digits. */
  readonly hash: string;
  readonly source: SourceKind;
  readonly origin: Origin;
  readonly metadata: DesiredMeta;
  readonly spec: DesiredSpec;
  /** Field paths that are valid Kubernetes but have no meaning on a single node; listed, never acted on. */
  readonly ignored: readonly string[];
}

/** True for a native sidecar: an init container that keeps running beside the app containers. */
export function isSidecar(container: Container): boolean {
  return container.restartPolicy === 'Always';
}
