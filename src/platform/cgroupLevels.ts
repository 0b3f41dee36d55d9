// The levels above and of a pod's cgroup: where they are, how they are made, and what the shared ones weigh. A second
// runner or a kubelet may use the same upper levels: they are configured by who makes them, and their weights are
// worked out from what is there, whoever put it there.
import { join } from 'node:path';
import type { NodeFacts } from '../api/node.ts';
import {
  cgroupfsPath,
  clampShares,
  cpuShares,
  cpuWeight,
  podCgroupComponents,
  qosCgroupComponents,
  systemdPath,
} from '../api/podCgroup.ts';
import type { QosClass } from '../api/qosClass.ts';
import { type Setting, V1_CONTROLLERS, weightToShares } from './cgroupFiles.ts';
import {
  childCgroups,
  enableControllers,
  type Hierarchy,
  inheritCpuset,
  makeCgroup,
  readNumber,
  v1Hierarchies,
  writeSettings,
} from './cgroupTree.ts';

export interface CgroupScope {
  readonly node: Pick<NodeFacts, 'cgroupVersion' | 'cgroupDriver' | 'allocatable'>;
  /** Where the kernel shows cgroups. */
  readonly root: string;
  /** Components above "kubepods". */
  readonly above: readonly string[];
}

export const QOS_CLASSES: readonly QosClass[] = ['Burstable', 'BestEffort', 'Guaranteed'];

/** The pod's path as the runtime is told, in the form of the driver. */
export function podPath(scope: CgroupScope, podUid: string, qos: QosClass): string {
  return driverPath(scope, podCgroupComponents(podUid, qos));
}

export function qosPath(scope: CgroupScope, qos: QosClass): string {
  return driverPath(scope, qosCgroupComponents(qos));
}

/** Every hierarchy in which something of a pod can be; the runtime uses some that pods get no cgroup in from here. */
export async function allHierarchies({ node, root }: CgroupScope): Promise<readonly Hierarchy[]> {
  return node.cgroupVersion === 2 ? [{ directory: root, controllers: [] }] : v1Hierarchies(root);
}

/** Makes what is missing from the root to the pod in every hierarchy that has limits, and writes the pod's. Idempotent. */
export async function makePodLevels(
  scope: CgroupScope,
  pod: {
    readonly uid: string;
    readonly qos: QosClass;
    readonly settings: readonly Setting[];
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const components = [...scope.above, ...podCgroupComponents(pod.uid, pod.qos)];
  for (const hierarchy of await limitingHierarchies(scope)) {
    pod.signal.throwIfAborted();
    const path = await makeLevels(scope, { hierarchy, components });
    await writeSettings(path, applicable(hierarchy, pod.settings));
  }
}

/** Best-effort pods together weigh least; burstable ones as much as they all ask for, whoever runs them. */
export async function weighClasses(scope: CgroupScope): Promise<void> {
  const isV2 = scope.node.cgroupVersion === 2;
  const cpu = (await limitingHierarchies(scope)).find(({ controllers }) => isV2 || controllers.includes('cpu'));
  if (cpu === undefined) return;
  const file = isV2 ? 'cpu.weight' : 'cpu.shares';
  const burstable = join(cpu.directory, qosPath(scope, 'Burstable'));
  const weights = await Promise.all(
    (await childCgroups(burstable)).map((name) => readNumber(join(burstable, name, file))),
  );
  const shares = weights.map((weight) => (weight === undefined ? 0 : isV2 ? weightToShares(weight) : weight));
  const total = clampShares(shares.reduce((sum, share) => sum + share, 0));
  await writeSettings(burstable, [cpuSetting(scope, total)]);
  await writeSettings(join(cpu.directory, qosPath(scope, 'BestEffort')), [cpuSetting(scope, clampShares(0))]);
}

function driverPath(scope: CgroupScope, components: readonly string[]): string {
  const all = [...scope.above, ...components];
  return scope.node.cgroupDriver === 'systemd' ? systemdPath(all) : cgroupfsPath(all);
}

async function limitingHierarchies(scope: CgroupScope): Promise<readonly Hierarchy[]> {
  const known: readonly string[] = V1_CONTROLLERS;
  const all = await allHierarchies(scope);
  if (scope.node.cgroupVersion === 2) return all;
  return all.filter(({ controllers }) => controllers.some((name) => known.includes(name)));
}

async function makeLevels(
  scope: CgroupScope,
  at: { readonly hierarchy: Hierarchy; readonly components: readonly string[] },
): Promise<string> {
  const { hierarchy, components } = at;
  const isV2 = scope.node.cgroupVersion === 2;
  let path = hierarchy.directory;
  if (isV2) await enableControllers(path);
  for (const [index, component] of components.entries()) {
    path = join(path, component);
    const isNew = await makeCgroup(path);
    if (hierarchy.controllers.includes('cpuset')) await inheritCpuset(path);
    if (isV2) await enableControllers(path);
    const isKubepods = index === scope.above.length;
    if (isNew && isKubepods) await writeSettings(path, applicable(hierarchy, kubepodsSettings(scope)));
  }
  return path;
}

/** All pods together may have what the node can give. */
function kubepodsSettings(scope: CgroupScope): readonly Setting[] {
  const { milliCpu, memoryBytes } = scope.node.allocatable;
  const file = scope.node.cgroupVersion === 2 ? 'memory.max' : 'memory.limit_in_bytes';
  return [cpuSetting(scope, cpuShares(milliCpu)), { controller: 'memory', file, value: String(memoryBytes) }];
}

function cpuSetting(scope: CgroupScope, shares: number): Setting {
  if (scope.node.cgroupVersion === 2)
    return { controller: 'cpu', file: 'cpu.weight', value: String(cpuWeight(shares)) };
  return { controller: 'cpu', file: 'cpu.shares', value: String(shares) };
}

/** In cgroup v1 each hierarchy has the files of its own controllers. */
function applicable(hierarchy: Hierarchy, settings: readonly Setting[]): readonly Setting[] {
  if (hierarchy.controllers.length === 0) return settings;
  return settings.filter(({ controller }) => hierarchy.controllers.includes(controller));
}
