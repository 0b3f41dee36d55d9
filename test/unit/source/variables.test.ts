// One manifest for many devices: values of this one are put in where a manifest asks for it, and never without a value.
import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { parseVariables } from '../../../src/daemon/manifestVariables.ts';
import { loadManifest } from '../../../src/manifest/load.ts';
import { SourceLab, untilHolds } from '../../support/sourceLab.ts';
import { tempDir } from '../../support/tempDir.ts';

const ref = (name: string): string => `$\{${name}}`;
const ASKS = 'annotations: {solopod.dev/variables: "true"}';
const pod = (image: string, more = ASKS, port = '80'): string =>
  `apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  ${more}\nspec:\n  containers:\n  - name: app\n    image: ${image}\n    ports:\n    - containerPort: ${port}\n`;

function load(text: string, variables?: { readonly [name: string]: string }) {
  const options = { file: 'f', location: '/f', source: 'file', nodeName: 'n' } as const;
  const { pods, diagnostics } = loadManifest(text, { ...options, ...(variables === undefined ? {} : { variables }) });
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const [container] = pods[0]?.spec.containers ?? [];
  return {
    image: container?.image,
    port: container?.ports?.[0]?.containerPort,
    errors: errors.map(({ line, column, path: at, code, message }) => `${line}:${column} ${at} ${code}: ${message}`),
  };
}

test('a value is put in, as a number where it stands alone', () => {
  const text = pod(`shop/${ref('DEVICE_ID')}:1`, ASKS, ref('PORT'));
  assert.deepEqual(load(text, { DEVICE_ID: 'd-7', PORT: '8080' }), { image: 'shop/d-7:1', port: 8080, errors: [] });
});

test('a doubled sign stands for the text itself', () => {
  const text = pod('i:1').replace('name: app', () => `name: app\n    args: ["$${ref('A')} ${ref('A')}"]`);
  const { pods } = loadManifest(text, {
    file: 'f',
    location: '/f',
    source: 'file',
    nodeName: 'n',
    variables: { A: 'x' },
  });
  assert.deepEqual(pods[0]?.spec.containers[0]?.args, [`${ref('A')} x`]);
});

test('a variable without a value refuses the manifest at its place', () => {
  assert.deepEqual(load(pod(`shop/${ref('DEVICE_ID')}:1`), {}).errors, [
    '9:12 spec.containers[0].image NotFound: variable DEVICE_ID has no value on this device',
  ]);
  assert.match(load(pod(`shop/${ref('no name')}:1`), {}).errors.join(), /is no variable: write/);
});

test('a manifest that does not ask is left alone', () => {
  assert.equal(load(pod(`shop/${ref('A')}:1`, 'labels: {}'), { A: 'x' }).image, `shop/${ref('A')}:1`);
});

test('a value cannot change the structure, and names of other things are no variables', () => {
  const text = pod('i:1').replace('name: app', () => `name: app\n    workingDir: ${ref('A')}`);
  const { pods } = loadManifest(text, {
    file: 'f',
    location: '/f',
    source: 'file',
    nodeName: 'n',
    variables: { A: '/x\n    tty: true' },
  });
  const [{ workingDir, tty } = {}] = pods[0]?.spec.containers ?? [];
  assert.deepEqual([workingDir, tty], ['/x\n    tty: true', undefined]);
  assert.match(load(pod(ref('constructor')), {}).errors.join(), /variable constructor has no value/);
});

test('in a list only the items that ask are filled in', () => {
  const items = [pod(`x/${ref('A')}:1`), pod('i:1', 'labels: {}').replace('name: a', 'name: b')].map((text) =>
    text.replace(/^/gm, '  ').replace(/^ {2}apiVersion/, '- apiVersion'),
  );
  assert.deepEqual(load(`apiVersion: v1\nkind: List\nitems:\n${items.join('\n')}`, { A: 'y' }).image, 'x/y:1');
});

test('a file of variables has NAME=value lines', () => {
  assert.deepEqual(parseVariables('# device\nA=1\n\nB = two = 2\r\nC=\n'), {
    ok: true,
    value: { A: '1', B: ' two = 2', C: '' },
  });
  for (const [text, error] of [
    ['A=1\nnonsense', '2: must be NAME=value'],
    ['1A=x', '1: must be NAME=value'],
    ['A=1\nA=2', '2: A is there twice'],
  ] as const) {
    assert.deepEqual(parseVariables(text), { ok: false, error });
  }
});

async function scene(t: TestContext) {
  const parent = await tempDir(t, () => SourceLab.stopAll());
  const dir = path.join(parent, 'm');
  const file = path.join(parent, 'variables');
  mkdirSync(dir);
  const give = (text: string): void => {
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  };
  give('VERSION=v1\n');
  writeFileSync(`${dir}/a.yaml`, pod(ref('VERSION')));
  const lab = await SourceLab.onDirectory(t, dir, { variables: { file, environment: ['HOME'] } });
  await lab.untilPods({ a: 'v1' });
  return { dir, file, give, lab };
}

test('a changed variable changes the pods that refer to it; one that is gone keeps them, also over a restart', async (t) => {
  const { dir, file, give, lab } = await scene(t);
  give('VERSION=v2\n');
  await lab.untilPods({ a: 'v2' });
  give('OTHER=x\n');
  await untilHolds(() =>
    assert.deepEqual(lab.troubles(), [
      `rejected ${dir}/a.yaml: 9:12: spec.containers[0].image: variable VERSION has no value on this device`,
    ]),
  );
  rmSync(file);
  await lab.restart();
  await lab.untilTrouble(/variable VERSION has no value/);
  await lab.untilPods({ a: 'v2' });
  assert.deepEqual(lab.lost, ['a v1']);
  give('VERSION=v3\n');
  await lab.untilPods({ a: 'v3' });
});

test('only variables of the environment that the configuration names can be referred to', async (t) => {
  const { dir, lab } = await scene(t);
  writeFileSync(`${dir}/a.yaml`, pod(`${ref('VERSION')}-${ref('PATH')}`));
  await lab.untilTrouble(/variable PATH has no value/);
  assert.deepEqual(lab.pods, { a: 'v1' });
});
