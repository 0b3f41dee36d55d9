// What a pod may use, as its cgroups say: QOSCG and the row of N-MISC about resources of the pod. One runner for all pods.
// Files are those of cgroup v1 or v2, whichever this machine has.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Container, Pod, PodSpec, ResourceRequirements } from '../../../src/api/kubernetes.ts';
import { whyNoRuntime } from '../../support/containerd.ts';
import { eventually } from '../../support/eventually.ts';
import { FOREVER, isRunning, Lab, QUICK_RESTARTS, shell, statusOf } from '../../support/lab.ts';
import { rowsOf } from '../../support/rows.ts';

const PATIENCE_MS = 90_000;
const MIB = 2 ** 20;
const ROOT = '/sys/fs/cgroup';
const isV2 = existsSync(`${ROOT}/cgroup.controllers`);
const app = (resources?: ResourceRequirements, name = 'app'): Container => ({
  ...shell(name, "trap 'exit 0' TERM", FOREVER),
  ...(resources === undefined ? {} : { resources }),
});

interface Limits {
  /** Milli-CPUs; undefined without a limit. */
  readonly cpu: number | undefined;
  readonly memory: number | undefined;
  readonly pids: number | undefined;
}

describe('resources', { skip: whyNoRuntime(), concurrency: true }, () => {
  const { row } = rowsOf(import.meta.filename);
  let lab: Lab;
  before(async () => {
    lab = await Lab.open('resources', { ...QUICK_RESTARTS, SOLOPOD_POD_PIDS_LIMIT: '321' });
  });
  after(() => lab.close());

  async function run(name: string, spec: Partial<PodSpec> & { readonly containers: readonly Container[] }) {
    await lab.give(name, spec);
    return lab.until(name, (pod) => spec.containers.every((c) => isRunning(pod, c.name)));
  }

  /** The pod's cgroup is where it belongs, and is gone with the pod. */
  async function comesAndGoes(name: string, place: string, resources?: ResourceRequirements): Promise<void> {
    const pod = await run(name, { terminationGracePeriodSeconds: 1, containers: [app(resources)] });
    const directory = cgroupOf(pod, place);
    assert.ok(existsSync(directory), directory);
    assert.equal(pod.status?.qosClass, { '': 'Guaranteed', burstable: 'Burstable', besteffort: 'BestEffort' }[place]);
    await lab.take(name);
    await lab.untilGone(name);
    await eventually(
      async () => existsSync(directory),
      (isThere) => !isThere,
      PATIENCE_MS,
    );
  }

  row('QOSCG-1', async () => {
    const small = { requests: { cpu: '10m' } };
    await Promise.all([run('qoscg-1-a', { containers: [app(small)] }), run('qoscg-1-b', { containers: [app()] })]);
    for (const name of ['burstable', 'besteffort']) assert.ok(existsSync(path.join(top('cpu'), name)));
  });

  row('QOSCG-2', async () => {
    const limits = { cpu: '100m', memory: '100Mi' };
    await comesAndGoes('qoscg-2', '', { limits, requests: limits });
  });

  row('QOSCG-3', async () => comesAndGoes('qoscg-3', 'besteffort'));

  row('QOSCG-4', async () => {
    const requests = { cpu: '100m', memory: '100Mi' };
    await comesAndGoes('qoscg-4', 'burstable', { requests, limits: { cpu: '200m', memory: '200Mi' } });
  });

  row('N-MISC-12', async () => {
    const whole = { cpu: '100m', memory: '100Mi' };
    const own = { cpu: '50m', memory: '50Mi' };
    const none = { cpu: undefined, memory: undefined };
    const limits = { cpu: 100, memory: 100 * MIB };
    const half = { cpu: 50, memory: 50 * MIB };
    const cases: readonly [ResourceRequirements | undefined, ResourceRequirements | undefined, object][] = [
      [{ requests: whole, limits: whole }, undefined, { qos: 'Guaranteed', pod: limits, app: limits }],
      [{ requests: whole, limits: whole }, { limits: own }, { qos: 'Guaranteed', pod: limits, app: half }],
      [{ requests: own, limits: whole }, undefined, { qos: 'Burstable', pod: limits, app: limits }],
      [
        { requests: own, limits: whole },
        { requests: own, limits: own },
        { qos: 'Burstable', pod: limits, app: half },
      ],
      [{ requests: whole }, undefined, { qos: 'Burstable', pod: none, app: none }],
      [{ limits: whole }, undefined, { qos: 'Guaranteed', pod: limits, app: limits }],
      [undefined, undefined, { qos: 'BestEffort', pod: none, app: none }],
    ];
    const found = await Promise.all(
      cases.map(async ([resources, ofApp], index) => {
        const spec = {
          ...(resources === undefined ? {} : { resources }),
          containers: [app(ofApp), app(undefined, 'b')],
        };
        const pod = await run(`n-misc-12-${index}`, spec);
        const { qosClass: qos = '' } = pod.status ?? {};
        const cgroup = cgroupOf(pod, { Guaranteed: '', Burstable: 'burstable', BestEffort: 'besteffort' }[qos] ?? '?');
        const { cpu, memory } = await limitsOf(cgroup);
        const inside = await limitsOf(path.join(cgroup, idOf(pod, 'app')));
        return { qos, pod: { cpu, memory }, app: { cpu: inside.cpu, memory: inside.memory } };
      }),
    );
    assert.deepEqual(
      found,
      cases.map(([, , wanted]) => wanted),
    );
  });

  test('A pod may have as many processes as the configuration allows', async () => {
    const pod = await run('pids', { containers: [app()] });
    assert.equal((await limitsOf(cgroupOf(pod, 'besteffort'))).pids, 321);
  });

  test('A pod with a uid of its own gets other resources while it runs', async () => {
    const sized = (limits: { readonly cpu: string; readonly memory: string }, requests = { cpu: '10m' }) => ({
      metadata: { uid: '5b9d0c1e-0000-4000-8000-resize000001' },
      containers: [app({ requests, limits })],
    });
    const before = await run('resized', sized({ cpu: '100m', memory: '32Mi' }));
    const cgroup = cgroupOf(before, 'burstable');
    const both = async () => {
      const all = await Promise.all([limitsOf(cgroup), limitsOf(path.join(cgroup, idOf(before, 'app')))]);
      return all.map(({ cpu, memory }) => [cpu, memory]);
    };
    assert.deepEqual(await both(), [
      [100, 32 * MIB],
      [100, 32 * MIB],
    ]);
    const becomes = async (cpu: number, memory: number) => {
      await lab.give('resized', sized({ cpu: `${cpu}m`, memory: `${memory}Mi` }));
      const wanted = JSON.stringify([
        [cpu, memory * MIB],
        [cpu, memory * MIB],
      ]);
      await eventually(both, (limits) => JSON.stringify(limits) === wanted, PATIENCE_MS);
    };
    await becomes(300, 64);
    await becomes(50, 48);
    const pod = await lab.until('resized', (p) => statusOf(p, 'app')?.resources?.limits?.['cpu'] === '50m');
    assert.deepEqual([idOf(pod, 'app'), statusOf(pod, 'app')?.restartCount], [idOf(before, 'app'), 0]);
  });

  test('Limits of containers add up to that of the pod only where every container has one', async () => {
    const limits = { cpu: '100m', memory: '32Mi' };
    const [all, some] = await Promise.all([
      run('limits-all', { containers: [app({ limits }), app({ limits, requests: { cpu: '10m' } }, 'b')] }),
      run('limits-some', { containers: [app({ limits }), app(undefined, 'b')] }),
    ]);
    const of = async (pod: Pod) => {
      const { cpu, memory } = await limitsOf(cgroupOf(pod, 'burstable'));
      return { cpu, memory };
    };
    assert.deepEqual(await of(all), { cpu: 200, memory: 64 * MIB });
    assert.deepEqual(await of(some), { cpu: undefined, memory: undefined });
  });
});

function top(controller: string): string {
  return path.join(isV2 ? ROOT : path.join(ROOT, controller), 'kubepods');
}

/** @param place the level of the class, "" for guaranteed pods */
function cgroupOf(pod: Pod, place: string): string {
  return path.join(top('cpu'), place, `pod${pod.metadata?.uid}`);
}

function idOf(pod: Pod, container: string): string {
  return statusOf(pod, container)?.containerID?.replace(/^.*:\/\//, '') ?? '';
}

/** @param cpuGroup the cgroup in the hierarchy of the CPU controller */
async function limitsOf(cpuGroup: string): Promise<Limits> {
  assert.ok((await readdir(cpuGroup)).length > 0);
  const read = async (controller: string, file: string): Promise<string> => {
    const directory = isV2 ? cpuGroup : cpuGroup.replace(`${ROOT}/cpu/`, `${ROOT}/${controller}/`);
    return (await readFile(path.join(directory, file), 'utf8')).trim();
  };
  const amount = (text: string): number | undefined => {
    const value = Number(text);
    return text === 'max' || text === '-1' || value > 2 ** 60 ? undefined : value;
  };
  const quota = isV2 ? (await read('cpu', 'cpu.max')).split(' ')[0] : await read('cpu', 'cpu.cfs_quota_us');
  const microseconds = amount(quota ?? 'max');
  return {
    cpu: microseconds === undefined ? undefined : microseconds / 100,
    memory: amount(isV2 ? await read('memory', 'memory.max') : await read('memory', 'memory.limit_in_bytes')),
    pids: amount(await read('pids', 'pids.max')),
  };
}
