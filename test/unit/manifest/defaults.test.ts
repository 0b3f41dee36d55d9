import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Container, PodSpec, Volume } from '../../../src/api/kubernetes.ts';
import { defaultSpec } from '../../../src/manifest/defaults.ts';

function defaulted(container: Partial<Container>, spec: Partial<PodSpec> = {}): unknown {
  return defaultSpec({ ...spec, containers: [{ name: 'app', image: 'nginx:1', ...container }] }).containers[0];
}

const APP = {
  name: 'app',
  image: 'nginx:1',
  imagePullPolicy: 'IfNotPresent',
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
  resources: {},
};

test('a minimal pod gets every default', () => {
  assert.deepEqual(defaultSpec({ containers: [{ name: 'app', image: 'nginx:1' }] }), {
    restartPolicy: 'Always',
    dnsPolicy: 'ClusterFirst',
    schedulerName: 'default-scheduler',
    securityContext: {},
    enableServiceLinks: true,
    terminationGracePeriodSeconds: 30,
    containers: [APP],
  });
});

test('what is given stays', () => {
  const given = {
    ...APP,
    imagePullPolicy: 'Never',
    terminationMessagePath: '/x',
    terminationMessagePolicy: 'FallbackToLogsOnError',
  };
  const spec = {
    restartPolicy: 'Never',
    dnsPolicy: 'Default',
    schedulerName: 'mine',
    securityContext: { fsGroup: 1 },
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 0,
    containers: [given],
    initContainers: [given],
  };
  assert.deepEqual(defaultSpec(spec), spec);
});

test('defaulting twice changes nothing more', () => {
  const spec = defaultSpec({
    hostNetwork: true,
    containers: [
      {
        name: 'app',
        image: 'nginx',
        ports: [{ containerPort: 80 }],
        resources: { limits: { cpu: 0.5, memory: '1024Mi' } },
        livenessProbe: { httpGet: { port: 80 } },
        env: [{ name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } }],
      },
    ],
    volumes: [{ name: 'a' }, { name: 'b', projected: { sources: [] } }],
  });
  assert.deepEqual(defaultSpec(spec), spec);
});

test('the old name of the service account is the new one too', () => {
  const { serviceAccountName, serviceAccount } = defaultSpec({ containers: [], serviceAccount: 'robot' });
  assert.deepEqual([serviceAccountName, serviceAccount], ['robot', 'robot']);
});

const CONTAINERS: readonly (readonly [string, Partial<Container>, object])[] = [
  ['image without tag', { image: 'nginx' }, { image: 'nginx', imagePullPolicy: 'Always' }],
  ['port', { ports: [{ containerPort: 80 }] }, { ports: [{ containerPort: 80, protocol: 'TCP' }] }],
  [
    'limits',
    { resources: { limits: { cpu: 0.5, memory: '1024Mi', 'nvidia.com/gpu': 1 }, requests: { cpu: '0.1' } } },
    {
      resources: {
        limits: { cpu: '500m', memory: '1Gi', 'nvidia.com/gpu': '1' },
        requests: { cpu: '100m', memory: '1Gi', 'nvidia.com/gpu': '1' },
      },
    },
  ],
  [
    'probe',
    { readinessProbe: { httpGet: { port: 'http' }, timeoutSeconds: 0, failureThreshold: 5 } },
    {
      readinessProbe: {
        httpGet: { port: 'http', path: '/', scheme: 'HTTP' },
        timeoutSeconds: 1,
        periodSeconds: 10,
        successThreshold: 1,
        failureThreshold: 5,
      },
    },
  ],
  [
    'gRPC probe',
    { startupProbe: { grpc: { port: 5 } } },
    {
      startupProbe: {
        grpc: { port: 5, service: '' },
        timeoutSeconds: 1,
        periodSeconds: 10,
        successThreshold: 1,
        failureThreshold: 3,
      },
    },
  ],
  [
    'hook',
    { lifecycle: { preStop: { httpGet: { port: 80 } }, postStart: { exec: { command: ['a'] } } } },
    {
      lifecycle: {
        preStop: { httpGet: { port: 80, path: '/', scheme: 'HTTP' } },
        postStart: { exec: { command: ['a'] } },
      },
    },
  ],
  [
    'environment',
    {
      env: [
        { name: 'A', value: '' },
        { name: 'B', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
        { name: 'C', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '0.001' } } },
        { name: 'D', valueFrom: { fileKeyRef: { volumeName: 'v', path: 'p', key: 'k' } } },
      ],
    },
    {
      env: [
        { name: 'A' },
        { name: 'B', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
        { name: 'C', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1m' } } },
        { name: 'D', valueFrom: { fileKeyRef: { optional: false, volumeName: 'v', path: 'p', key: 'k' } } },
      ],
    },
  ],
];

for (const [title, given, expected] of CONTAINERS) {
  test(`defaults of a container: ${title}`, () => assert.deepEqual(defaulted(given), { ...APP, ...expected }));
}

test('on the host network every port is a host port', () => {
  const ports = [{ containerPort: 80 }, { containerPort: 81, hostPort: 81 }];
  assert.deepEqual(defaulted({ ports }, { hostNetwork: true }), {
    ...APP,
    ports: [80, 81].map((port) => ({ containerPort: port, hostPort: port, protocol: 'TCP' })),
  });
});

const VOLUMES: readonly (readonly [string, Omit<Volume, 'name'>, object])[] = [
  ['without type', {}, { emptyDir: {} }],
  ['emptyDir', { emptyDir: { sizeLimit: '1024Mi' } }, { emptyDir: { sizeLimit: '1Gi' } }],
  ['hostPath', { hostPath: { path: '/a' } }, { hostPath: { path: '/a', type: '' } }],
  ['configMap', { configMap: { name: 'a' } }, { configMap: { name: 'a', defaultMode: 0o644 } }],
  ['secret', { secret: { secretName: 'a', defaultMode: 0o400 } }, { secret: { secretName: 'a', defaultMode: 0o400 } }],
  [
    'downwardAPI',
    { downwardAPI: { items: [{ path: 'a', fieldRef: { fieldPath: 'metadata.name' } }] } },
    {
      downwardAPI: {
        defaultMode: 0o644,
        items: [{ path: 'a', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } }],
      },
    },
  ],
  [
    'projected',
    { projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } },
    {
      projected: { defaultMode: 0o644, sources: [{ serviceAccountToken: { path: 'token', expirationSeconds: 3600 } }] },
    },
  ],
  ['image', { image: { reference: 'a:1' } }, { image: { reference: 'a:1', pullPolicy: 'IfNotPresent' } }],
];

for (const [title, given, expected] of VOLUMES) {
  test(`defaults of a volume: ${title}`, () => {
    const { volumes } = defaultSpec({ containers: [], volumes: [{ name: 'v', ...given }] });
    assert.deepEqual(volumes, [{ name: 'v', ...expected }]);
  });
}
