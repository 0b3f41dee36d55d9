import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fields } from '../../../src/generated/validate.js';
import { admitFields } from '../../../src/manifest/admit.ts';
import { FIELD_SUPPORT } from '../../../src/manifest/fieldSupport.ts';
import { formatPath } from '../../../src/manifest/path.ts';

/** Definitions that are looked into, from the specs of pods and claims along honoured fields. */
function lookedInto(): string[] {
  const found = ['PodSpec', 'PersistentVolumeClaimSpec'];
  for (const definition of found) {
    for (const [field, support] of Object.entries(FIELD_SUPPORT[definition] ?? {})) {
      const held = (fields[definition]?.[field] ?? '').replace('[]', '');
      if (support === 'honoured' && held !== '' && !found.includes(held)) found.push(held);
    }
  }
  return found;
}

test('every field of every definition that is looked into has a line in the table, and no other', () => {
  const inSchema = lookedInto().map((definition) => [definition, Object.keys(fields[definition] ?? {}).toSorted()]);
  const inTable = lookedInto().map((definition) => [
    definition,
    Object.keys(FIELD_SUPPORT[definition] ?? {}).toSorted(),
  ]);
  assert.deepEqual(inTable, inSchema);
});

test('the table has no definition that is never looked into', () => {
  assert.deepEqual(Object.keys(FIELD_SUPPORT).toSorted(), lookedInto().toSorted());
});

test('reasons are sentences without a final period', () => {
  const reasons = Object.values(FIELD_SUPPORT)
    .flatMap((definition) => Object.values(definition))
    .flatMap((support) => (support === 'honoured' ? [] : 'ignored' in support ? [support.ignored] : [support.refused]));
  assert.deepEqual(
    reasons.filter((reason) => reason === '' || reason.endsWith('.')),
    [],
  );
});

test('a pod is told what is ignored and what is refused, at any depth', () => {
  const spec = {
    priority: 5,
    ephemeralContainers: [{ name: 'e' }],
    imagePullSecrets: [],
    containers: [{ name: 'a', resources: { claims: [{ name: 'x' }] }, ports: [] }],
    affinity: { podAffinity: {}, nodeAffinity: {} },
    volumes: [
      { name: 'v', emptyDir: {} },
      { name: 'w', csi: { driver: 'd' } },
    ],
  };
  const { ignored, refused } = admitFields(spec);
  assert.deepEqual(
    ignored.map(({ path }) => formatPath(path)),
    ['spec.priority', 'spec.affinity.podAffinity'],
  );
  assert.deepEqual(
    refused.map(({ path }) => formatPath(path)),
    ['spec.ephemeralContainers', 'spec.containers[0].resources.claims', 'spec.volumes[1].csi'],
  );
});

test('values that ask for nothing are not refused', () => {
  const { refused } = admitFields({ hostUsers: true, imagePullSecrets: [], os: { name: 'linux' }, containers: [] });
  assert.deepEqual(refused, []);
});
