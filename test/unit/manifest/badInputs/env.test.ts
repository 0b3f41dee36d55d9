// Census rows 191-215: environment variables. Row 210, a missing ConfigMap, is found when the pod starts.
import { checkRows, container } from './census.ts';

const ENV = 'spec.containers[0].env[0]';

function env(...list: readonly object[]): object {
  return container({ env: list });
}

function from(valueFrom: object): object {
  return env({ name: 'A', valueFrom });
}

function field(fieldPath: string): object {
  return from({ fieldRef: { fieldPath } });
}

function file(source: object): object {
  const fileKeyRef = { volumeName: 'data', path: 'a.env', key: 'A' };
  return container({ env: [{ name: 'A', valueFrom: { fileKeyRef } }] }, { volumes: [source] });
}

checkRows([
  { row: 191, title: 'no name', input: env({ value: 'a' }), expected: [`${ENV}.name Required`] },
  // Kubernetes 1.36 accepts every printable name without "="; what programs do not expect is a warning.
  { row: 192, title: 'name 1ABC', input: env({ name: '1ABC' }), expected: [`~${ENV}.name Invalid`] },
  { row: 192, title: 'name with a space', input: env({ name: 'a b' }), expected: [`~${ENV}.name Invalid`] },
  { row: 193, title: 'name A=B', input: env({ name: 'A=B' }), expected: [`${ENV}.name Invalid`] },
  { row: 194, title: 'name ..', input: env({ name: '..' }), expected: [`~${ENV}.name Invalid`] },
  {
    row: 195,
    title: 'value and valueFrom',
    input: env({ name: 'A', value: 'b', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }),
    expected: [`${ENV}.valueFrom Invalid`],
  },
  { row: 196, title: 'empty valueFrom', input: from({}), expected: [`${ENV}.valueFrom Invalid`] },
  {
    row: 197,
    title: 'two sources',
    input: from({ fieldRef: { fieldPath: 'metadata.name' }, secretKeyRef: { name: 'a', key: 'b' } }),
    expected: [`${ENV}.valueFrom Invalid`],
  },
  {
    row: 198,
    title: 'status.phase',
    input: field('status.phase'),
    expected: [`${ENV}.valueFrom.fieldRef.fieldPath NotSupported`],
  },
  { row: 199, title: 'spec.foo', input: field('spec.foo'), expected: [`${ENV}.valueFrom.fieldRef.fieldPath Invalid`] },
  {
    row: 200,
    title: 'bad label key',
    input: field("metadata.labels['a b']"),
    expected: [`${ENV}.valueFrom.fieldRef Invalid`],
  },
  {
    row: 201,
    title: 'subscript of a name',
    input: field("metadata.name['x']"),
    expected: [`${ENV}.valueFrom.fieldRef Invalid`],
  },
  {
    row: 202,
    title: 'limits.gpu',
    input: from({ resourceFieldRef: { resource: 'limits.gpu' } }),
    expected: [`${ENV}.valueFrom.resourceFieldRef.resource NotSupported`],
  },
  {
    row: 203,
    title: 'divisor 3m',
    input: from({ resourceFieldRef: { resource: 'limits.cpu', divisor: '3m' } }),
    expected: [`${ENV}.valueFrom.resourceFieldRef.divisor Invalid`],
  },
  {
    row: 204,
    title: 'unknown container',
    input: from({ resourceFieldRef: { resource: 'limits.cpu', containerName: 'db' } }),
    expected: [`${ENV}.valueFrom.resourceFieldRef.containerName NotFound`],
  },
  {
    row: 205,
    title: 'secretKeyRef without key',
    input: from({ secretKeyRef: { name: 'a' } }),
    expected: [`${ENV}.valueFrom.secretKeyRef.key Required`],
  },
  {
    row: 206,
    title: 'key a/b',
    input: from({ configMapKeyRef: { name: 'a', key: 'a/b' } }),
    expected: [`${ENV}.valueFrom.configMapKeyRef.key Invalid`],
  },
  {
    row: 207,
    title: 'empty name',
    input: from({ configMapKeyRef: { name: '', key: 'a' } }),
    expected: [`${ENV}.valueFrom.configMapKeyRef.name Required`],
  },
  {
    row: 208,
    title: 'empty envFrom',
    input: container({ envFrom: [{}] }),
    expected: ['spec.containers[0].envFrom[0] Invalid'],
  },
  {
    row: 209,
    title: 'prefix 1-',
    input: container({ envFrom: [{ prefix: '1-', configMapRef: { name: 'a' } }] }),
    expected: ['~spec.containers[0].envFrom[0].prefix Invalid'],
  },
  {
    row: 209,
    title: 'prefix a=',
    input: container({ envFrom: [{ prefix: 'a=', configMapRef: { name: 'a' } }] }),
    expected: ['spec.containers[0].envFrom[0].prefix Invalid'],
  },
  {
    row: 211,
    title: 'NUL in a value',
    input: env({ name: 'A', value: 'a\u0000' }),
    expected: [`${ENV}.value Invalid`],
  },
  {
    row: 212,
    title: 'file of an unknown volume',
    input: file({ name: 'other', emptyDir: {} }),
    expected: [`${ENV}.valueFrom.fileKeyRef.volumeName NotFound`],
  },
  {
    row: 213,
    title: 'file of a hostPath',
    input: file({ name: 'data', hostPath: { path: '/srv' } }),
    expected: [`${ENV}.valueFrom.fileKeyRef.volumeName Invalid`],
  },
  {
    row: 214,
    title: 'one name twice',
    input: env({ name: 'A', value: 'a' }, { name: 'A', value: 'b' }),
    expected: ['~spec.containers[0].env[1].name Duplicate'],
  },
  { row: 215, title: '$(UNDEFINED) and $$(X)', input: container({ args: ['$(UNDEFINED)', '$$(X)'] }), expected: [] },
]);
