import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fields } from '../../../src/generated/validate.js';
import { explain } from '../../../src/manifest/explain.ts';
import { FIELD_MEANING } from '../../../src/manifest/fieldMeaning.ts';
import { FIELD_SUPPORT } from '../../../src/manifest/fieldSupport.ts';
import { runCli } from './runCli.ts';

test('explain tells type, meaning and support of a field and of what is below it', async () => {
  const { code, out } = await runCli(['explain', 'spec.containers.livenessProbe']);
  assert.equal(code, 0);
  assert.match(
    out,
    /^FIELD {4}pod\.spec\.containers\.livenessProbe <Probe>\nMEANING {2}restarts the container when it fails\nSOLOPOD {2}honoured\n/,
  );
  assert.match(out, /^ {2}httpGet <HTTPGetAction>: ask over HTTP/m);
  assert.match(out, /^ {2}periodSeconds <integer \(int32\)>: between two tries; 10 when not given$/m);
});

const TYPES: readonly (readonly [field: string, line: string])[] = [
  ['spec.containers', 'FIELD    pod.spec.containers <[]Container> (required)'],
  ['pod.spec.containers[0].image', 'FIELD    pod.spec.containers.image <string>'],
  ['spec.restartPolicy', 'VALUES   Always, OnFailure, Never'],
  ['metadata.labels', 'FIELD    pod.metadata.labels <map[string]string>'],
  ['spec.tolerations', 'SOLOPOD  ignored: there is no scheduler: the pod always runs on this node'],
  ['spec.volumes.cephfs.monitors', 'SOLOPOD  refused: volumes of this type are not implemented'],
];

for (const [field, line] of TYPES) {
  test(`explain ${field} says: ${line}`, async () => {
    const { out } = await runCli(['explain', field]);
    assert.ok(out.split('\n').includes(line), out);
  });
}

test('explain of a field that is not there suggests one, and exits with 2', async () => {
  assert.deepEqual(await runCli(['explain', 'spec.containers.livenesProbe']), {
    code: 2,
    out: '',
    err: 'error: Cannot explain spec.containers.livenesProbe: pod.spec.containers has no field "livenesProbe", did you mean "livenessProbe"?\n',
  });
  assert.match((await runCli(['explain', 'spec.hostname.x'])).err, /pod\.spec\.hostname has no fields/);
});

test('every field can be explained, every field that works says what it means, and no line is about nothing', () => {
  const lacking: string[] = [];
  for (const [definition, support] of Object.entries(FIELD_SUPPORT)) {
    for (const [field, verdict] of Object.entries(support)) {
      if (verdict === 'honoured' && FIELD_MEANING[definition]?.[field] === undefined)
        lacking.push(`${definition}.${field}`);
    }
  }
  assert.deepEqual(lacking, []);
  for (const [definition, meanings] of Object.entries(FIELD_MEANING)) {
    const unknown = Object.keys(meanings).filter((field) => fields[definition]?.[field] === undefined);
    assert.deepEqual(unknown, [], definition);
  }
  const walk = (path: string, depth: number): void => {
    const found = explain(path);
    assert.ok(found.ok, path);
    if (depth > 0) for (const { name } of found.value.members) walk(`${path}.${name}`, depth - 1);
  };
  walk('pod', 3);
});
