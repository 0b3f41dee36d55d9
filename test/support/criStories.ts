// What tests of the CRI adapter have in common: node facts without reading a machine, and the steps from nothing to a
// running container.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DesiredContainer, DesiredPod } from '../../src/api/desiredPod.ts';
import type { NodeFacts } from '../../src/api/node.ts';
import type { ObservedSandbox } from '../../src/api/observed.ts';
import type { ContainerRuntime } from '../../src/cri/runtime.ts';
import type { Result } from '../../src/lib/result.ts';

export function someNode(more: Partial<NodeFacts> = {}): NodeFacts {
  return {
    name: 'node',
    hostIPs: ['192.0.2.10'],
    rootDir: '/var/lib/solopod',
    podLogsDir: '/var/log/pods',
    clusterDNS: [],
    clusterDomain: '',
    resolvConf: { servers: ['192.0.2.1'], searches: ['lan.example'], options: ['edns0'] },
    allocatable: { milliCpu: 2000, memoryBytes: 4 * 1024 ** 3, ephemeralStorageBytes: 10 * 1024 ** 3 },
    hugePages: {},
    hugePageSizes: [],
    cgroupVersion: 1,
    cgroupDriver: 'cgroupfs',
    seccompDefault: false,
    swap: 'off',
    ...more,
  };
}

/** The value of a Result that must be good. */
export function must<T>(result: Result<T, unknown>): T {
  assert.ok(result.ok, `Expected a value, got ${JSON.stringify(result)}`);
  return result.value;
}

export interface Start {
  readonly pod: DesiredPod;
  readonly container: DesiredContainer;
  readonly sandbox: ObservedSandbox;
  readonly attempt?: number;
  /** For the termination log. */
  readonly directory: string;
}

/** A container start with no variables and no volumes. */
export const NOTHING_MOUNTED = { environment: new Map<string, string>(), volumes: {}, subPaths: {}, volumeImages: {} };

/** Creates and starts a container whose log directory and termination log are made first. */
export async function startContainerOf(
  runtime: ContainerRuntime,
  { pod, container, sandbox, attempt = 0, directory }: Start,
  signal: AbortSignal,
): Promise<string> {
  const image = must(await runtime.inspect(container.image, signal));
  assert.ok(image, 'The image is on this machine');
  const terminationLog = join(directory, `${container.name}-${attempt}`);
  writeFileSync(terminationLog, '');
  const request = {
    pod,
    container,
    sandbox,
    attempt,
    image,
    cgroupParent: '',
    ...NOTHING_MOUNTED,
    files: { terminationLog },
  };
  const id = must(await runtime.createContainer(request, signal));
  must(await runtime.startContainer(id, signal));
  return id;
}

/** Makes the directories that a runtime expects to find for a pod's logs. */
export function makeLogDirectories(pod: DesiredPod, node: NodeFacts): void {
  const { namespace, name } = pod.metadata;
  for (const container of pod.spec.containers) {
    mkdirSync(join(node.podLogsDir, `${namespace}_${name}_${pod.uid}`, container.name), { recursive: true });
  }
}
