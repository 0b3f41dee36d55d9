// Random pods: few names, so that versions meet; every restart policy, init containers, sidecars, hooks, probes,
// deadlines. A version has a uid of its own, as a document without metadata.uid has, or keeps the one it was given.
import type { DesiredContainer, DesiredPod, DesiredSpec } from '../../src/api/desiredPod.ts';
import type { Probe } from '../../src/api/kubernetes.ts';
import { aContainer, aPod } from '../support/pods.ts';
import type { Random } from './random.ts';

export const NAMES = ['a', 'b', 'c'] as const;
export const IMAGES = ['localhost/app:1', 'localhost/app:2', 'localhost/app:3'] as const;

const HANDLER = { exec: { command: ['true'] } };

/** Init containers "i", sidecars "s": a name keeps its kind from version to version. */
const INITS = [[], [], [], ['i1'], ['s1'], ['i1', 'i2'], ['s1', 'i1'], ['i1', 's1'], ['s1', 's2'], ['s1', 'i1', 's2']];

export function drawPod(random: Random, name: string, version: number): DesiredPod {
  const spec = drawSpec(random);
  const isGiven = random.chance(0.25);
  const pod = aPod({ name, uid: isGiven ? `given-${name}` : `${name}-v${version}`, spec });
  return { ...pod, hash: `hash-${version}` };
}

function drawSpec(random: Random): DesiredSpec {
  const some = <T>(probability: number, value: () => T): T | undefined =>
    random.chance(probability) ? value() : undefined;
  const initContainers = random.pick(INITS).map((n) => drawInit(random, n));
  const containers = ['x', 'y'].slice(0, random.int(1, 2)).map((n) => drawApp(random, n));
  const activeDeadlineSeconds = some(0.1, () => random.int(10, 120));
  const hostNetwork = some(0.1, () => true);
  return {
    restartPolicy: random.pick(['Always', 'Always', 'OnFailure', 'Never']),
    terminationGracePeriodSeconds: random.pick([0, 1, 5, 30]),
    dnsPolicy: 'ClusterFirst',
    containers,
    ...(initContainers.length === 0 ? {} : { initContainers }),
    ...(activeDeadlineSeconds === undefined ? {} : { activeDeadlineSeconds }),
    ...(hostNetwork === undefined ? {} : { hostNetwork }),
  };
}

function drawApp(random: Random, name: string): DesiredContainer {
  return aContainer(name, {
    ...drawCommon(random),
    ...drawProbes(random),
    ...(random.chance(0.1) ? drawRules(random) : {}),
    ...(random.chance(0.1) ? { ports: [{ containerPort: 80, hostPort: random.pick([8080, 8081]) }] } : {}),
  });
}

function drawInit(random: Random, name: string): DesiredContainer {
  if (name.startsWith('i')) return aContainer(name, drawCommon(random));
  return aContainer(name, { ...drawCommon(random), ...drawProbes(random), restartPolicy: 'Always' });
}

function drawCommon(random: Random): Partial<DesiredContainer> {
  const lifecycle = {
    ...(random.chance(0.2) ? { postStart: HANDLER } : {}),
    ...(random.chance(0.3) ? { preStop: HANDLER } : {}),
  };
  return {
    image: random.pick(IMAGES),
    imagePullPolicy: random.pick(['IfNotPresent', 'IfNotPresent', 'Always', 'Never']),
    ...(Object.keys(lifecycle).length === 0 ? {} : { lifecycle }),
  };
}

function drawProbes(random: Random): Partial<DesiredContainer> {
  return {
    ...(random.chance(0.2) ? { startupProbe: withGrace(random, drawProbe(random)) } : {}),
    ...(random.chance(0.2) ? { livenessProbe: withGrace(random, drawProbe(random)) } : {}),
    ...(random.chance(0.2) ? { readinessProbe: drawProbe(random) } : {}),
  };
}

function drawProbe(random: Random): Probe {
  return {
    ...HANDLER,
    periodSeconds: random.pick([2, 10]),
    failureThreshold: random.int(1, 3),
    initialDelaySeconds: random.pick([0, 5]),
  };
}

function withGrace(random: Random, probe: Probe): Probe {
  return random.chance(0.2) ? { ...probe, terminationGracePeriodSeconds: random.int(1, 10) } : probe;
}

function drawRules(random: Random): Partial<DesiredContainer> {
  const operator = random.pick(['In', 'NotIn']);
  const action = operator === 'In' ? 'RestartAllContainers' : 'Restart';
  return {
    restartPolicy: random.pick(['Never', 'OnFailure']),
    restartPolicyRules: [{ action, exitCodes: { operator, values: [1, 42] } }],
  };
}
