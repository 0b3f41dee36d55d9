// What a container itself tells of its end, for a pod that no manifest gives any more: its preStop handler and its ports
// are in its annotations. Pure. Rule: kubelet restoreSpecsFromContainerLabels.
import type { DesiredPod } from '../../api/desiredPod.ts';
import type { ContainerPort, LifecycleHandler } from '../../api/kubernetes.ts';
import type { ObservedContainer } from '../../api/observed.ts';
import type { PodRecord } from '../world.ts';

const PRE_STOP_ANNOTATION = 'io.kubernetes.container.preStopHandler';
const PORTS_ANNOTATION = 'io.kubernetes.container.ports';

/** As much of the pod as running the handler takes; undefined when the container has none. */
export function recordedPod(record: PodRecord, instance: ObservedContainer): DesiredPod | undefined {
  const preStop = parsed(instance.annotations[PRE_STOP_ANNOTATION]);
  if (!isHandler(preStop)) return undefined;
  const ports = parsed(instance.annotations[PORTS_ANNOTATION]);
  const { key, uid, namespace, name } = record;
  return {
    key,
    uid,
    hash: '',
    source: 'file',
    origin: { location: '', line: 0 },
    metadata: { name, namespace, uid, labels: {}, annotations: {} },
    spec: {
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 0,
      dnsPolicy: 'Default',
      hostNetwork: record.sandboxes.some((s) => s.id === instance.sandboxId && s.network === 'node'),
      containers: [
        {
          name: instance.name,
          image: instance.image,
          imagePullPolicy: 'Never',
          terminationMessagePath: '',
          terminationMessagePolicy: 'File',
          lifecycle: { preStop },
          ...(isPorts(ports) ? { ports } : {}),
        },
      ],
    },
    ignored: [],
  };
}

function parsed(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isHandler(value: unknown): value is LifecycleHandler {
  return typeof value === 'object' && value !== null && ('exec' in value || 'httpGet' in value || 'sleep' in value);
}

function isPorts(value: unknown): value is readonly ContainerPort[] {
  return Array.isArray(value) && value.every((port) => typeof port === 'object' && port !== null);
}
