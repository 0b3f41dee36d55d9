import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type LoadedManifest, loadManifest } from '../../../src/manifest/load.ts';

const POD = `apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - name: app
    image: nginx:1
`;

function load(text: string, mode: 'run' | 'validate' = 'run'): LoadedManifest {
  return loadManifest(text, { file: 'web.yaml', location: '/m/web.yaml', source: 'file', nodeName: 'node', mode });
}

function lines({ diagnostics }: LoadedManifest): string[] {
  return diagnostics.map(
    ({ line, column, object, path, code }) => `${line}:${column} ${object ?? '-'} ${path} ${code}`,
  );
}

test('a diagnostic says everything about its place', () => {
  const { diagnostics } = load(POD.replace('image:', 'imagePullpolicy: Always\n    image:'));
  assert.deepEqual(diagnostics, [
    {
      severity: 'error',
      code: 'UnknownField',
      file: 'web.yaml',
      document: 1,
      line: 8,
      column: 5,
      object: 'Pod/web',
      path: 'spec.containers[0].imagePullpolicy',
      message: 'unknown field',
      suggestion: 'imagePullPolicy',
    },
  ]);
});

test('a bad document does not keep the good ones of its file from running', () => {
  const bad = POD.replace('nginx:1', '5');
  const { pods, diagnostics, documents } = load(`${POD}---\n${bad}---\n${POD.replace('web', 'db')}`);
  assert.deepEqual(
    pods.map(({ key, origin }) => [key, origin.line]),
    [
      ['default/web-node', 1],
      ['default/db-node', 19],
    ],
  );
  assert.deepEqual([diagnostics.map(({ document, line }) => [document, line]), documents], [[[2, 17]], 3]);
});

test('every item of a list is an object of its own', () => {
  const item = (name: string, image: string): string =>
    JSON.stringify({ ...basePod(name), spec: { containers: [{ name: 'a', image }] } });
  const loaded = load(`{"apiVersion": "v1", "kind": "List", "items": [\n${item('a', 'x')},\n${item('b', '')}\n]}`);
  assert.deepEqual(
    loaded.pods.map(({ key }) => key),
    ['default/a-node'],
  );
  assert.deepEqual(
    loaded.diagnostics.map(({ line, object, path }) => [line, object, path]),
    [[3, 'Pod/b', 'items[1].spec.containers[0].image']],
  );
});

function basePod(name: string): object {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name } };
}

test('an empty list is no error', () => {
  const { pods, diagnostics, documents } = load('{apiVersion: v1, kind: List, items: []}');
  assert.deepEqual([pods, diagnostics, documents], [[], [], 1]);
});

test('one pod twice in a file is an error that names the first', () => {
  const { pods, diagnostics } = load(`${POD}---\n${POD}`);
  assert.deepEqual(pods.length, 1);
  assert.deepEqual(
    diagnostics.map(({ line, code, message }) => [line, code, message]),
    [[13, 'Duplicate', 'pod "default/web-node" is already defined at line 1']],
  );
});

const DEPLOYMENT = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n';
const TEMPLATE = '    spec:\n      containers:\n      - {name: app, image: 5}\n';

test('the pod in a workload is checked by validate, and nothing of it runs', () => {
  const valid = `${DEPLOYMENT}${TEMPLATE.replace('5', 'nginx')}`;
  assert.deepEqual(lines(load(valid)), ['2:7 Deployment/web kind UnsupportedKind']);
  assert.deepEqual(
    load(valid, 'validate').diagnostics.map(({ severity }) => severity),
    ['warning'],
  );
  assert.deepEqual(lines(load(`${DEPLOYMENT}${TEMPLATE}`, 'validate')), [
    '2:7 Deployment/web kind UnsupportedKind',
    '8:28 Deployment/web spec.template.spec.containers[0].image TypeInvalid',
  ]);
});

test('a Job that would run for ever is an error', () => {
  const job = `${DEPLOYMENT}${TEMPLATE.replace('5', 'nginx')}`
    .replace('apps/v1', 'batch/v1')
    .replace('Deployment', 'Job');
  const errors = load(job, 'validate').diagnostics.filter(({ severity }) => severity === 'error');
  assert.deepEqual(
    errors.map(({ path, code }) => [path, code]),
    [['spec.template.spec.restartPolicy', 'NotSupported']],
  );
});

test('claims of a StatefulSet are volumes of its pods', () => {
  const text = `apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  volumeClaimTemplates: [{metadata: {name: data}}]
  template:
    spec: {containers: [{name: app, image: a, volumeMounts: [{name: data, mountPath: /data}]}]}
`;
  assert.deepEqual(
    load(text, 'validate').diagnostics.filter(({ severity }) => severity === 'error'),
    [],
  );
});

test('a removed API version says where the kind is now', () => {
  const { diagnostics } = load(`${DEPLOYMENT}${TEMPLATE}`.replace('apps/v1', 'extensions/v1beta1'));
  assert.deepEqual(diagnostics[0]?.message, 'there is no Deployment in "extensions/v1beta1": it is in "apps/v1"');
});

test('objects beside pods are errors of a run and warnings of validate', () => {
  const service = 'apiVersion: v1\nkind: Service\nmetadata: {name: web}\n';
  const severities = (['run', 'validate'] as const).map((mode) => load(service, mode).diagnostics[0]?.severity);
  assert.deepEqual(severities, ['error', 'warning']);
});

test('a field that is not implemented refuses a run and is a warning of validate', () => {
  const text = `${POD}  resourceClaims: [{name: gpu, resourceClaimName: gpu}]\n`;
  assert.deepEqual([load(text).pods.length, load(text, 'validate').pods.length], [0, 1]);
});

test('ignored fields are listed in the pod', () => {
  const [pod] = load(`${POD}  priority: 5\n  preemptionPolicy: Never\nstatus: {}\n`).pods;
  assert.deepEqual(pod?.ignored, ['status', 'spec.priority', 'spec.preemptionPolicy']);
});

test('findings about a merged value point at where it stands', () => {
  const text = POD.replace('image: nginx:1', '<<: &base {image: 5}').concat('  - {<<: *base, name: b}\n');
  assert.deepEqual(lines(load(text)), [
    '8:23 Pod/web spec.containers[0].image TypeInvalid',
    '8:23 Pod/web spec.containers[1].image TypeInvalid',
  ]);
});

test('an unfilled placeholder is called one', () => {
  const { diagnostics } = load(POD.replace('nginx:1', '"<your image>"'), 'validate');
  assert.match(diagnostics[0]?.message ?? '', /placeholder that was not filled in$/);
});

test('formatting and comments do not change what a pod is', () => {
  const json = JSON.stringify({ ...basePod('web'), spec: { containers: [{ image: 'nginx:1', name: 'app' }] } });
  const [a, b] = [POD.replace('name: web', '# here\n  name: "web"'), json].map((text) => load(text).pods[0]);
  assert.deepEqual({ ...a, origin: undefined }, { ...b, origin: undefined });
});

test('no object makes the loader throw, and what it accepts is complete', () => {
  const names = fc.constantFrom(
    'name',
    'image',
    'containers',
    'spec',
    'env',
    'volumes',
    'ports',
    'items',
    'labels',
    'constructor',
    'toString',
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof({ maxDepth: 6 }, fc.constantFrom(null, 0, -1, true, '', 'a', 'a b', '1Gi'), tie('list'), tie('map')),
    list: fc.array(tie('tree'), { maxLength: 3 }),
    map: fc.dictionary(names, tie('tree'), { maxKeys: 5 }),
  }));
  fc.assert(
    fc.property(tree, tree, (metadata, spec) => {
      const { pods, diagnostics } = load(JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata, spec }));
      assert.equal(pods.length === 1 || diagnostics.some(({ severity }) => severity === 'error'), true);
    }),
    { numRuns: 300 },
  );
});

test('a pod whose fields have any value never makes the loader throw', () => {
  const value = fc.constantFrom<unknown>(
    null,
    0,
    -1,
    true,
    '',
    'a',
    'a/b',
    '1Gi',
    [],
    {},
    [null],
    [{}],
    { constructor: 1 },
    [{ toString: 'a' }],
    [''],
    { a: null },
    [[]],
  );
  const spec = fc.record(
    Object.fromEntries(
      ['containers', 'volumes', 'dnsConfig', 'affinity', 'tolerations', 'securityContext', 'resources', 'os'].map(
        (f) => [f, value],
      ),
    ),
    { requiredKeys: [] },
  );
  const container = fc.record(
    Object.fromEntries(
      [
        'name',
        'image',
        'env',
        'envFrom',
        'ports',
        'volumeMounts',
        'livenessProbe',
        'lifecycle',
        'resources',
        'securityContext',
      ].map((f) => [f, value]),
    ),
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(spec, container, (fields, first) => {
      load(JSON.stringify({ ...basePod('web'), spec: { containers: [first], ...fields } }));
      load(JSON.stringify({ ...basePod('web'), spec: { ...fields, initContainers: [first], containers: [first] } }));
    }),
    { numRuns: 500 },
  );
});

test('100 000 mistakes in one manifest take seconds, not minutes', { timeout: 15_000 }, () => {
  const env = '    - 5\n'.repeat(100_000);
  const { diagnostics } = load(`${POD}    env:\n${env}`);
  assert.deepEqual([diagnostics.length, diagnostics.at(-1)?.message], [100, 'and many more']);
});
