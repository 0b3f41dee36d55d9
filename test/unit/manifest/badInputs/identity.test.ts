// Census rows 32-46: what the object is, and what stands at its top level.
import { checkRows, pod } from './census.ts';

const { kind: _kind, ...withoutKind } = pod();
const { apiVersion: _version, ...withoutVersion } = pod();
const { metadata: _metadata, ...withoutMetadata } = pod();
const { spec: _spec, ...withoutSpec } = pod();
const YAML = 'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: app, image: "nginx:1"}]}\n';

checkRows([
  { row: 32, title: 'kind missing', input: withoutKind, expected: ['kind Required'] },
  { row: 33, title: 'apiVersion missing', input: withoutVersion, expected: ['apiVersion Required'] },
  { row: 34, title: 'apiVersion v2', input: { ...pod(), apiVersion: 'v2' }, expected: ['apiVersion NotSupported'] },
  {
    row: 35,
    title: 'a pod in apps/v1',
    input: { ...pod(), apiVersion: 'apps/v1' },
    expected: ['apiVersion NotSupported'],
  },
  { row: 36, title: 'kind in lower case', input: { ...pod(), kind: 'pod' }, expected: ['kind UnsupportedKind'] },
  {
    row: 37,
    title: 'a Deployment cannot run',
    input: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: { template: pod() } },
    expected: ['kind UnsupportedKind'],
    mode: 'run',
  },
  { row: 38, title: 'a List of pods', input: { apiVersion: 'v1', kind: 'List', items: [pod()] }, expected: [] },
  { row: 38, title: 'a PodList', input: { apiVersion: 'v1', kind: 'PodList', items: [withoutKind] }, expected: [] },
  {
    row: 39,
    title: 'apiversion',
    input: { apiversion: 'v1', ...withoutVersion },
    expected: ['apiVersion Required', 'apiversion UnknownField'],
  },
  { row: 40, title: 'Kind', input: { Kind: 'Pod', ...withoutKind }, expected: ['Kind UnknownField', 'kind Required'] },
  { row: 41, title: 'metadata missing', input: withoutMetadata, expected: ['metadata.name Required'] },
  { row: 42, title: 'metadata null', input: { ...pod(), metadata: null }, expected: ['metadata TypeInvalid'] },
  { row: 43, title: 'spec missing', input: withoutSpec, expected: ['spec.containers Required'] },
  { row: 43, title: 'spec null', input: { ...pod(), spec: null }, expected: ['spec.containers Required'] },
  { row: 44, title: 'status is ignored', input: { ...pod(), status: { phase: 5 } }, expected: ['~status Ignored'] },
  { row: 45, title: '__proto__', input: `${YAML}__proto__: {x: 1}\n`, expected: ['__proto__ UnknownField'] },
  {
    row: 46,
    title: 'constructor with a prototype in labels',
    input: pod({}, { labels: { constructor: { prototype: { x: 1 } } } }),
    expected: ['metadata.labels[constructor] TypeInvalid'],
  },
]);
