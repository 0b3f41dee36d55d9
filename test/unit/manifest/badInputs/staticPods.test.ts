// Census rows 327-348: what a static pod may refer to, and objects beside pods.
// Rows 335-341 are about files, directories and policy; 333, runtimeClassName, needs the configuration: admission.test.ts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DIAGNOSTICS_MAX, loadManifest } from '../../../../src/manifest/load.ts';
import { checkRows, pod, volume } from './census.ts';

function configMap(fields: object): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, ...fields };
}

checkRows([
  {
    row: 327,
    title: 'ephemeralContainers',
    input: pod({ ephemeralContainers: [{ name: 'debug', image: 'busybox' }] }),
    expected: ['spec.ephemeralContainers Forbidden'],
  },
  // Refused by a kubelet of 1.34; accepted here with a note, because people bring such manifests.
  {
    row: 328,
    title: 'serviceAccountName is ignored',
    input: pod({ serviceAccountName: 'x' }),
    expected: ['~spec.serviceAccountName Ignored'],
    mode: 'run',
  },
  {
    row: 329,
    title: 'configMap volume',
    input: volume({ configMap: { name: 'x' } }),
    expected: [],
    mode: 'run',
  },
  {
    row: 330,
    title: 'resourceClaims',
    input: pod({ resourceClaims: [{ name: 'a' }] }),
    expected: ['spec.resourceClaims NotImplemented'],
    mode: 'run',
  },
  {
    row: 331,
    title: 'cluster trust bundle',
    input: volume({ projected: { sources: [{ clusterTrustBundle: { path: 'ca.pem' } }] } }),
    expected: ['spec.volumes[0].projected.sources[0].clusterTrustBundle NotImplemented'],
    mode: 'run',
  },
  {
    row: 332,
    title: 'imagePullSecrets',
    input: pod({ imagePullSecrets: [{ name: 'x' }] }),
    expected: [],
    mode: 'run',
  },
  {
    row: 334,
    title: 'priorityClassName is ignored',
    input: pod({ priorityClassName: 'system-node-critical' }),
    expected: ['~spec.priorityClassName Ignored'],
    mode: 'run',
  },
  {
    row: 342,
    title: 'Windows',
    input: pod({ os: { name: 'windows' } }),
    expected: ['spec.os.name NotImplemented'],
    mode: 'run',
  },
  {
    row: 343,
    title: 'ConfigMap with a number',
    input: configMap({ data: { x: 5 } }),
    expected: ['data[x] TypeInvalid'],
  },
  {
    row: 344,
    title: 'Secret that is not base64',
    input: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data: { x: 'not base64!' } },
    expected: ['data[x] Invalid'],
  },
  { row: 345, title: 'key a/b', input: configMap({ data: { 'a/b': 'x' } }), expected: ['data[a/b] Invalid'] },
  { row: 345, title: 'key ..', input: configMap({ data: { '..': 'x' } }), expected: ['data[..] Invalid'] },
  {
    row: 346,
    title: 'ConfigMap of more than 1 MiB',
    input: configMap({ data: { a: 'x'.repeat(1024 * 1024) } }),
    expected: ['TooLong'],
  },
  {
    row: 347,
    title: 'one key in data and binaryData',
    input: configMap({ data: { x: 'a' }, binaryData: { x: 'YQ==' } }),
    expected: ['data[x] Duplicate'],
  },
]);

const LOGINS: readonly (readonly [title: string, fields: object, expected: readonly string[]])[] = [
  ['a good one', { stringData: { '.dockerconfigjson': '{"auths": {}}' } }, []],
  ['a good one, encoded', { data: { '.dockerconfigjson': btoa('{"auths": {}}') } }, []],
  ['no key', { data: { other: 'YQ==' } }, ['data[.dockerconfigjson] Required']],
  ['no JSON', { stringData: { '.dockerconfigjson': 'hunter2' } }, ['stringData[.dockerconfigjson] Invalid']],
  ['no object', { data: { '.dockerconfigjson': btoa('["hunter2"]') } }, ['data[.dockerconfigjson] Invalid']],
];

for (const [title, fields, expected] of LOGINS) {
  test(`a Secret with logins for registries: ${title}`, () => {
    const metadata = { name: 'logins' };
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata, type: 'kubernetes.io/dockerconfigjson', ...fields };
    const options = { file: 's.json', location: '/s.json', source: 'file', nodeName: 'node' } as const;
    const { diagnostics } = loadManifest(JSON.stringify(secret), options);
    assert.deepEqual(
      diagnostics.map(({ path, code }) => `${path} ${code}`),
      expected,
    );
    assert.ok(!JSON.stringify(diagnostics).includes('hunter2'));
  });
}

test('344 no message repeats a value of a Secret', () => {
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's' },
    data: { x: 'hunter2!' },
    stringData: { y: 77777 },
  };
  const options = { file: 'f', location: '/f', source: 'file', nodeName: 'node', mode: 'validate' } as const;
  const { diagnostics } = loadManifest(JSON.stringify(secret), options);
  assert.equal(diagnostics.length, 2);
  assert.doesNotMatch(JSON.stringify(diagnostics), /hunter2|77777/);
});

test('348 100 errors are reported together, in order, with a count of the rest', () => {
  const containers = Array.from({ length: 150 }, (_, index) => ({
    name: `c${index}`,
    image: 'a',
    imagePullPolicy: 'x',
  }));
  const options = { file: 'f', location: '/f', source: 'file', nodeName: 'node' } as const;
  const { diagnostics } = loadManifest(JSON.stringify(pod({ containers }), undefined, 1), options);
  const paths = diagnostics.slice(0, -1).map(({ path }) => path);
  const expected = containers
    .slice(0, DIAGNOSTICS_MAX - 1)
    .map((_, index) => `spec.containers[${index}].imagePullPolicy`);
  assert.deepEqual(paths, expected);
  assert.deepEqual([diagnostics.length, diagnostics.at(-1)?.message], [DIAGNOSTICS_MAX, 'and 51 more']);
});
