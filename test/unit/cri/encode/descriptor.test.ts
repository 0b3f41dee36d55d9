// Every field that is sent must be on the wire: proto-loader drops silently what the descriptor does not have.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { encodeContainer } from '../../../../src/cri/encode/container.ts';
import { encodeSandbox } from '../../../../src/cri/encode/sandbox.ts';
import descriptor from '../../../../src/generated/cri.json' with { type: 'json' };
import { must, someNode } from '../../../support/criStories.ts';
import { aContainer, aPod } from '../../../support/pods.ts';

interface Definition {
  readonly fields?: { readonly [name: string]: { readonly type: string; readonly keyType?: string } };
  readonly values?: { readonly [name: string]: number };
  readonly nested?: { readonly [name: string]: Definition };
}

const MESSAGES: { readonly [name: string]: Definition } = JSON.parse(
  JSON.stringify(descriptor.nested.runtime.nested.v1.nested),
);

function unknownFields(value: unknown, type: string, path = ''): readonly string[] {
  const message = MESSAGES[type];
  if (Array.isArray(value)) return value.flatMap((item) => unknownFields(item, type, path));
  if (message?.values !== undefined)
    return typeof value === 'string' && value in message.values ? [] : [`${path}=${value}`];
  if (message?.fields === undefined || typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const field = message.fields?.[name];
    if (field === undefined) return [`${path}.${name}`];
    return field.keyType === undefined ? unknownFields(member, field.type, `${path}.${name}`) : [];
  });
}

const everything = aContainer('app', {
  command: ['a'],
  args: ['b'],
  env: [{ name: 'A', value: 'b' }],
  ports: [{ containerPort: 1, hostPort: 2, hostIP: '127.0.0.1', protocol: 'UDP' }],
  lifecycle: { stopSignal: 'SIGRTMIN+3' },
  resources: { limits: { cpu: '1', memory: '1Gi' } },
  volumeMounts: [
    { name: 'v', mountPath: '/v', readOnly: true, mountPropagation: 'Bidirectional', recursiveReadOnly: 'IfPossible' },
  ],
  securityContext: {
    capabilities: { add: ['A'], drop: ['B'] },
    privileged: true,
    readOnlyRootFilesystem: true,
    allowPrivilegeEscalation: false,
    appArmorProfile: { type: 'Localhost', localhostProfile: 'p' },
  },
});
const pod = aPod({
  spec: {
    containers: [everything],
    volumes: [{ name: 'v', emptyDir: {} }],
    overhead: { cpu: '1' },
    hostUsers: false,
    securityContext: {
      runAsUser: 1,
      runAsGroup: 1,
      fsGroup: 1,
      supplementalGroupsPolicy: 'Strict',
      seLinuxOptions: { level: 's0' },
      seccompProfile: { type: 'Localhost', localhostProfile: 'p' },
      sysctls: [{ name: 'a.b', value: '1' }],
    },
  },
});
const idRange = { hostId: 65_536, length: 65_536 };
const node = someNode({ cgroupVersion: 2, hugePageSizes: [2_097_152] });

it('knows every field of a sandbox', () => {
  const config = must(encodeSandbox(pod, { node, owner: '/', attempt: 0, cgroupParent: '/', idRange }));
  assert.deepEqual(unknownFields(config, 'PodSandboxConfig'), []);
});

it('knows every field of a container', () => {
  const config = must(
    encodeContainer(pod, everything, {
      node,
      owner: '/',
      attempt: 0,
      image: { ref: 'x', sizeBytes: 1 },
      environment: new Map([['A', 'b']]),
      subPaths: {},
      volumeImages: {},
      volumes: { v: { hostPath: '/v', readOnly: false } },
      files: { hostsFile: '/h', terminationLog: '/t' },
      recursiveReadOnly: true,
      selinux: true,
      swapController: true,
      idRange,
    }),
  );
  assert.deepEqual(unknownFields(config, 'ContainerConfig'), []);
});

it('would notice one that it does not know', () => {
  const config = { hostname: 'x', linux: { securityContext: { namespaceOptions: { pid: 'NOPE', extra: 1 } } } };
  assert.deepEqual(unknownFields(config, 'PodSandboxConfig'), [
    '.linux.securityContext.namespaceOptions.pid=NOPE',
    '.linux.securityContext.namespaceOptions.extra',
  ]);
});
