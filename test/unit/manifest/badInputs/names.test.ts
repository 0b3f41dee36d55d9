// Census rows 104-125: names, labels, annotations and other metadata.
import { checkRows, pod } from './census.ts';

const long = (length: number): string => 'a'.repeat(length);

checkRows([
  ...['Web', 'web_1', '-web', 'web-', 'web..a', '../../etc', 'wéb'].map((name) => ({
    row: name === 'Web' ? 104 : name === 'web_1' ? 105 : name.startsWith('..') ? 107 : name === 'wéb' ? 110 : 106,
    title: `name ${name}`,
    input: pod({}, { name }),
    expected: ['metadata.name Invalid'] as const,
  })),
  {
    row: 108,
    title: 'name of 254 characters',
    input: pod({}, { name: long(254) }),
    expected: ['metadata.name TooLong'],
  },
  {
    row: 109,
    title: 'name too long with the node',
    input: pod({}, { name: long(250) }),
    expected: ['metadata.name TooLong'],
  },
  { row: 109, title: 'name just short enough with the node', input: pod({}, { name: long(248) }), expected: [] },
  {
    row: 111,
    title: 'namespace My_NS',
    input: pod({}, { namespace: 'My_NS' }),
    expected: ['metadata.namespace Invalid'],
  },
  {
    row: 112,
    title: 'namespace of 64 characters',
    input: pod({}, { namespace: long(64) }),
    expected: ['metadata.namespace TooLong'],
  },
  {
    row: 113,
    title: 'generateName alone',
    input: { ...pod(), metadata: { generateName: 'web-' } },
    expected: ['metadata.name Required'],
  },
  {
    row: 114,
    title: 'label key a/b/c',
    input: pod({}, { labels: { 'a/b/c': 'x' } }),
    expected: ['metadata.labels Invalid'],
  },
  {
    row: 115,
    title: 'label key of 64 characters',
    input: pod({}, { labels: { [long(64)]: 'x' } }),
    expected: ['metadata.labels Invalid'],
  },
  { row: 116, title: 'label value -x', input: pod({}, { labels: { a: '-x' } }), expected: ['metadata.labels Invalid'] },
  {
    row: 117,
    title: 'label value of 64 characters',
    input: pod({}, { labels: { a: long(64) } }),
    expected: ['metadata.labels Invalid'],
  },
  {
    row: 118,
    title: 'annotation key /x',
    input: pod({}, { annotations: { '/x': 'y' } }),
    expected: ['metadata.annotations Invalid'],
  },
  {
    row: 119,
    title: 'annotations of 300 KiB',
    input: pod({}, { annotations: { a: long(300 * 1024) } }),
    expected: ['metadata.annotations TooLong'],
  },
  { row: 120, title: 'uid ../x', input: pod({}, { uid: '../x' }), expected: ['metadata.uid Invalid'] },
  {
    row: 121,
    title: 'deletionTimestamp',
    input: pod({}, { deletionTimestamp: '2024-01-01T00:00:00Z' }),
    expected: ['metadata.deletionTimestamp Forbidden'],
  },
  {
    row: 122,
    title: 'owners and finalizers are ignored',
    input: pod({}, { finalizers: ['a/b'], ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'n', uid: 'u' }] }),
    expected: ['~metadata.finalizers Ignored', '~metadata.ownerReferences Ignored'],
  },
  {
    row: 122,
    title: 'an owner without uid',
    input: pod({}, { ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'n' }] }),
    expected: ['metadata.ownerReferences[0].uid Required'],
  },
  { row: 123, title: 'hostname A_b', input: pod({ hostname: 'A_b' }), expected: ['spec.hostname Invalid'] },
  { row: 124, title: 'subdomain a.b', input: pod({ subdomain: 'a.b' }), expected: ['spec.subdomain Invalid'] },
  {
    row: 125,
    title: 'nodeName is ignored',
    input: pod({ nodeName: 'other-node' }),
    expected: ['~spec.nodeName Ignored'],
  },
]);
