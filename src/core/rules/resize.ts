// Resources of a pod that change while it runs, which only a manifest with a uid of its own can make happen. Pure.
// Rule: https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/ ; a kubelet refuses it for
// static pods, here a changed manifest is the request.
import { type ContainerSize, containerSize, parseSize, SIZE_ANNOTATION } from '../../api/containerSize.ts';
import type { DesiredContainer, DesiredPod } from '../../api/desiredPod.ts';
import type { ObservedContainer } from '../../api/observed.ts';
import { podCgroupLimits } from '../../api/podCgroup.ts';
import { containerNamed, lastingContainers } from '../../api/podContainers.ts';
import { qosClass } from '../../api/qosClass.ts';
import { canonicalJson } from '../../lib/hash.ts';
import { newestInstance, type PodRecord, type Refusal, type World } from '../world.ts';
import { resourceRefusal } from './admission.ts';
import { effectivePolicy } from './restart.ts';

/** Limits of the pod's cgroup as one text. */
export function podSize({ spec }: DesiredPod): string {
  return canonicalJson(podCgroupLimits(spec));
}

/** Running containers that have another size than the manifest asks for and get it without a restart. */
export function resizedInPlace(record: PodRecord, pod: DesiredPod): readonly ObservedContainer[] {
  return lastingContainers(pod.spec).flatMap((container) => {
    const instance = newestInstance(record, container.name);
    if (instance?.state !== 'running' || changes(record, { pod, container, instance }).length === 0) return [];
    return restartsForSize(record, { pod, container, instance }) ? [] : [instance];
  });
}

interface Running {
  readonly pod: DesiredPod;
  readonly container: DesiredContainer;
  readonly instance: ObservedContainer;
}

/** True where the container asks to be restarted for a resource that has changed. */
export function restartsForSize(record: PodRecord, running: Running): boolean {
  const { pod, container } = running;
  if (effectivePolicy(pod, container) === 'Never') return false;
  const asking = (container.resizePolicy ?? []).filter((p) => p.restartPolicy === 'RestartContainer');
  return changes(record, running).some((resource) => asking.some((p) => p.resourceName === resource));
}

/** True when the instance has the size that the manifest asks for, as far as is known. */
export function hasItsSize(record: PodRecord, running: Running): boolean {
  return changes(record, running).length === 0;
}

function changes(record: PodRecord, { pod, container, instance }: Running): readonly (keyof ContainerSize)[] {
  const has = record.sizes[instance.id] ?? parseSize(instance.annotations[SIZE_ANNOTATION]);
  if (has === undefined) return [];
  const wanted = containerSize(pod, container);
  return (['cpu', 'memory'] as const).filter((resource) => has[resource] !== wanted[resource]);
}

/**
 * The pod with the resources that it may have: those of before while the node can't give it the new ones.
 *
 * @param pod a newer version of the same uid
 */
export function allocated(
  world: World,
  before: PodRecord | undefined,
  pod: DesiredPod,
): { readonly desired: DesiredPod; readonly resizePending?: Refusal } {
  const held = before?.desired;
  if (before === undefined || held === undefined || !before.admitted || before.stage !== 'sync')
    return { desired: pod };
  const old = withResourcesOf(held, pod);
  if (canonicalJson(old.spec) === canonicalJson(pod.spec)) return { desired: pod };
  const resizePending = whyNot(world, before, { old, pod });
  return resizePending === undefined ? { desired: pod } : { desired: old, resizePending };
}

function whyNot(
  world: World,
  { uid }: PodRecord,
  { old, pod }: { readonly old: DesiredPod; readonly pod: DesiredPod },
): Refusal | undefined {
  if (qosClass(old.spec) !== qosClass(pod.spec)) {
    return { reason: 'Infeasible', message: 'Pod QOS Class may not change as a result of resizing' };
  }
  const { capacity } = world.settings;
  const alone = resourceRefusal(pod, [], capacity);
  if (alone !== undefined) return { reason: 'Infeasible', message: alone.message };
  const others = [...world.pods.values()].filter((other) => other.uid !== uid && other.admitted);
  const refusal = resourceRefusal(
    pod,
    others.filter((other) => other.stage !== 'terminated'),
    capacity,
  );
  return refusal === undefined ? undefined : { reason: 'Deferred', message: refusal.message };
}

function withResourcesOf(old: DesiredPod, pod: DesiredPod): DesiredPod {
  const sized = (container: DesiredContainer): DesiredContainer => {
    const twin = containerNamed(old.spec, container.name);
    if (twin === undefined) return container;
    const { resources: _, ...rest } = container;
    return twin.resources === undefined ? rest : { ...rest, resources: twin.resources };
  };
  const { resources: _, ...spec } = pod.spec;
  return {
    ...pod,
    spec: {
      ...spec,
      ...(old.spec.resources === undefined ? {} : { resources: old.spec.resources }),
      ...(spec.initContainers === undefined ? {} : { initContainers: spec.initContainers.map(sized) }),
      containers: spec.containers.map(sized),
    },
  };
}
