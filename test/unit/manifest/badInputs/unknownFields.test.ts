// Census rows 75-103: fields that Kubernetes does not have, and what was probably meant.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadManifest } from '../../../../src/manifest/load.ts';
import { checkRows, container, type Expected, pod, volume } from './census.ts';

const APP = 'spec.containers[0]';

interface Unknown {
  readonly row: number;
  readonly input: unknown;
  /** Path of the unknown field. */
  readonly path: string;
  readonly meant?: string;
  /** In the message, when there is no single field to suggest. */
  readonly says?: RegExp;
  /** Findings that follow from the mistake. */
  readonly also?: readonly Expected[];
}

const { containers, ...rest } = { containers: [{ name: 'app', image: 'nginx:1' }] };
const probe = { exec: { command: ['true'] } };

const ROWS: readonly Unknown[] = [
  {
    row: 75,
    input: { ...pod(), spec: { ...rest, contaners: containers } },
    path: 'spec.contaners',
    meant: 'containers',
    also: ['spec.containers Required'],
  },
  {
    row: 76,
    input: container({ imagePullpolicy: 'Always' }),
    path: `${APP}.imagePullpolicy`,
    meant: 'imagePullPolicy',
  },
  { row: 77, input: container({ volumeMount: [] }), path: `${APP}.volumeMount`, meant: 'volumeMounts' },
  {
    row: 78,
    input: container(
      { volumeMounts: [{ name: 'data', mountpath: '/data' }] },
      { volumes: [{ name: 'data', emptyDir: {} }] },
    ),
    path: `${APP}.volumeMounts[0].mountpath`,
    meant: 'mountPath',
    also: [`${APP}.volumeMounts[0].mountPath Required`],
  },
  { row: 79, input: container({ environment: [] }), path: `${APP}.environment`, meant: 'env' },
  { row: 80, input: container({ cmd: [] }), path: `${APP}.cmd`, meant: 'command' },
  { row: 80, input: container({ entrypoint: [] }), path: `${APP}.entrypoint`, meant: 'command' },
  { row: 81, input: container({ livelinessProbe: probe }), path: `${APP}.livelinessProbe`, meant: 'livenessProbe' },
  { row: 82, input: container({ readynessProbe: probe }), path: `${APP}.readynessProbe`, meant: 'readinessProbe' },
  {
    row: 83,
    input: container({ livenessProbe: { ...probe, initDelaySeconds: 5 } }),
    path: `${APP}.livenessProbe.initDelaySeconds`,
    meant: 'initialDelaySeconds',
  },
  {
    row: 84,
    input: container({ ports: [{ port: 80 }] }),
    path: `${APP}.ports[0].port`,
    meant: 'containerPort',
    also: [`${APP}.ports[0].containerPort Required`],
  },
  {
    row: 85,
    input: container({ ports: [{ containerPort: 80, hostport: 80 }] }),
    path: `${APP}.ports[0].hostport`,
    meant: 'hostPort',
  },
  { row: 86, input: container({ securitycontext: {} }), path: `${APP}.securitycontext`, meant: 'securityContext' },
  {
    row: 87,
    input: container({ securityContext: { runAsuser: 1 } }),
    path: `${APP}.securityContext.runAsuser`,
    meant: 'runAsUser',
  },
  {
    row: 88,
    input: container({ securityContext: { readonlyRootFilesystem: true } }),
    path: `${APP}.securityContext.readonlyRootFilesystem`,
    meant: 'readOnlyRootFilesystem',
  },
  { row: 89, input: container({ resources: { limit: {} } }), path: `${APP}.resources.limit`, meant: 'limits' },
  { row: 90, input: volume({ emptydir: {} }), path: 'spec.volumes[0].emptydir', meant: 'emptyDir' },
  { row: 91, input: volume({ hostpath: { path: '/' } }), path: 'spec.volumes[0].hostpath', meant: 'hostPath' },
  {
    row: 92,
    input: volume({ secret: { name: 'x' } }),
    path: 'spec.volumes[0].secret.name',
    meant: 'secretName',
    also: ['spec.volumes[0].secret.secretName Required'],
  },
  { row: 93, input: pod({ restartpolicy: 'Never' }), path: 'spec.restartpolicy', meant: 'restartPolicy' },
  {
    row: 94,
    input: pod({ terminationGracePeriod: 5 }),
    path: 'spec.terminationGracePeriod',
    meant: 'terminationGracePeriodSeconds',
  },
  { row: 95, input: container({ volumes: [] }), path: `${APP}.volumes`, says: /belongs to spec\.volumes/ },
  { row: 96, input: pod({ image: 'nginx' }), path: 'spec.image', says: /belongs to spec\.containers\[\]\.image/ },
  {
    row: 97,
    input: container({ hostNetwork: true }),
    path: `${APP}.hostNetwork`,
    says: /belongs to spec\.hostNetwork/,
  },
  {
    row: 98,
    input: container({ securityContext: { fsGroup: 1 } }),
    path: `${APP}.securityContext.fsGroup`,
    says: /belongs to spec\.securityContext\.fsGroup/,
  },
  {
    row: 99,
    input: pod({ securityContext: { privileged: true } }),
    path: 'spec.securityContext.privileged',
    says: /belongs to spec\.containers\[\]\.securityContext\.privileged/,
  },
  {
    row: 100,
    input: { ...pod(), spec: { template: {} } },
    path: 'spec.template',
    says: /looks like the spec of a Deployment/,
    also: ['spec.containers Required'],
  },
  {
    row: 101,
    input: container({ livenessProbe: { httpGet: { port: 80, url: '/' } } }),
    path: `${APP}.livenessProbe.httpGet.url`,
    says: /use host, port and path/,
  },
  { row: 102, input: container({ 'x-custom': 1 }), path: `${APP}.x-custom`, says: /^unknown field$/ },
  { row: 102, input: pod({ 'x-custom': 1 }), path: 'spec.x-custom', says: /^unknown field$/ },
  { row: 102, input: pod({}, { 'x-custom': 1 }), path: 'metadata.x-custom', says: /^unknown field$/ },
];

checkRows(
  ROWS.map(({ row, input, path, also = [] }) => {
    const expected: Expected[] = [`${path} UnknownField`, ...also];
    return { row, title: path, input, expected: expected.sort() };
  }),
);

for (const { row, input, path, meant, says = /^unknown field$/ } of ROWS) {
  test(`${row} ${path} says what was meant`, () => {
    const options = { file: 'f', location: '/f', source: 'file', nodeName: 'node', mode: 'validate' } as const;
    const finding = loadManifest(JSON.stringify(input), options).diagnostics.find((one) => one.path === path);
    assert.equal(finding?.suggestion, meant);
    assert.match(finding?.message ?? '', says);
  });
}

checkRows([
  { row: 103, title: 'restartPolicy on a container', input: container({ restartPolicy: 'Always' }), expected: [] },
]);
