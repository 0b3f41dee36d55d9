// Builders for the values that tests of the core need: desired pods and what a runtime would report.
import type { DesiredContainer, DesiredPod, DesiredSpec } from '../../src/api/desiredPod.ts';

/** A container with everything that defaulting would fill in. */
export function aContainer(name: string, more: Partial<DesiredContainer> = {}): DesiredContainer {
  return {
    name,
    image: 'localhost/busybox:1',
    imagePullPolicy: 'IfNotPresent',
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    ...more,
  };
}

export interface PodWishes {
  readonly name?: string;
  readonly uid?: string;
  readonly spec?: Partial<DesiredSpec>;
}

export function aPod({ name = 'web', uid = `uid-${name}`, spec = {} }: PodWishes = {}): DesiredPod {
  return {
    key: `default/${name}`,
    uid,
    hash: `hash-${uid}`,
    source: 'file',
    origin: { location: `/manifests/${name}.yaml`, line: 1 },
    metadata: { name, namespace: 'default', uid, labels: {}, annotations: {} },
    spec: {
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      containers: [aContainer('app')],
      ...spec,
    },
    ignored: [],
  };
}
