// Which Kubernetes objects there are beside pods, and where some of them hold a pod. Pure tables.
// Source: Kubernetes API reference 1.36.
import type { Path } from './finding.ts';

/** Kinds of the group "v1". */
export const CORE_KINDS: readonly string[] = [
  'Pod',
  'List',
  'PodList',
  'ConfigMap',
  'Secret',
  'PersistentVolumeClaim',
  'PodTemplate',
  'ReplicationController',
  'Binding',
  'ComponentStatus',
  'Endpoints',
  'Event',
  'LimitRange',
  'Namespace',
  'Node',
  'PersistentVolume',
  'ResourceQuota',
  'Service',
  'ServiceAccount',
];

export interface Workload {
  readonly apiVersion: string;
  /** Where the template (metadata and spec of the pods) stands. */
  readonly template: Path;
  readonly restartPolicies: readonly string[];
}

const ALWAYS = ['Always'];
const ONCE = ['OnFailure', 'Never'];
const TEMPLATE = ['spec', 'template'];

/** Kinds that hold the pod they would make. */
export const WORKLOADS: { readonly [kind: string]: Workload } = {
  Deployment: { apiVersion: 'apps/v1', template: TEMPLATE, restartPolicies: ALWAYS },
  DaemonSet: { apiVersion: 'apps/v1', template: TEMPLATE, restartPolicies: ALWAYS },
  StatefulSet: { apiVersion: 'apps/v1', template: TEMPLATE, restartPolicies: ALWAYS },
  ReplicaSet: { apiVersion: 'apps/v1', template: TEMPLATE, restartPolicies: ALWAYS },
  ReplicationController: { apiVersion: 'v1', template: TEMPLATE, restartPolicies: ALWAYS },
  Job: { apiVersion: 'batch/v1', template: TEMPLATE, restartPolicies: ONCE },
  CronJob: { apiVersion: 'batch/v1', template: ['spec', 'jobTemplate', 'spec', 'template'], restartPolicies: ONCE },
  PodTemplate: { apiVersion: 'v1', template: ['template'], restartPolicies: [] },
};

/** "v1", "apps/v1", "example.com/v1alpha1". */
export const API_VERSION = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?v[1-9][0-9]*((alpha|beta)[1-9][0-9]*)?$/;
