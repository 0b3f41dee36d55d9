import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { validate } from '../../../../src/cli/commands/validate.ts';

const POD = 'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: a, image: "b:1"}]}\n';
let directory = '';

before(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'solopod-validate-'));
  const files: { readonly [name: string]: string } = {
    'good/a.yaml': POD,
    'good/b.json': JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [] }),
    'good/.hidden.yaml': 'not: [yaml',
    'good/a.yaml~': 'not: [yaml',
    'good/notes.txt': 'not: [yaml',
    'good/sub/c.yaml': 'not: [yaml',
    'bad.yaml': POD.replace('image', 'imag'),
    'twin.yaml': `# the same pod again\n${POD}`,
  };
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(directory, name)), { recursive: true });
    await writeFile(path.join(directory, name), text);
  }
});

after(() => rm(directory, { recursive: true }));

interface Run {
  readonly exitCode: number;
  readonly text: string;
}

async function run(names: readonly string[], output: 'text' | 'json' | 'sarif' = 'text'): Promise<Run> {
  let text = '';
  const write = (more: string): void => {
    text += more;
  };
  const paths = names.map((name) => path.join(directory, name));
  const exitCode = await validate(paths, { output, write, colour: false, nodeName: 'node' });
  return { exitCode, text: text.replaceAll(`${directory}/`, '') };
}

test('valid files are counted', async () => {
  assert.deepEqual(await run(['good']), { exitCode: 0, text: '2 files, 1 valid pod\n' });
});

test('a directory is read as a runner reads it: no dotfiles, backups, other names or sub-directories', async () => {
  const { text } = await run(['good'], 'json');
  assert.deepEqual(
    JSON.parse(text).files.map(({ file }: { file: string }) => file),
    ['good/a.yaml', 'good/b.json'],
  );
});

test('errors are shown with the line they are in', async () => {
  assert.deepEqual(await run(['bad.yaml']), {
    exitCode: 1,
    text: `bad.yaml:4:21: Pod/web: spec.containers[0].image: required field is missing
  4 | spec: {containers: [{name: a, imag: "b:1"}]}
    |                     ^
bad.yaml:4:31: Pod/web: spec.containers[0].imag: unknown field, did you mean "image"?
  4 | spec: {containers: [{name: a, imag: "b:1"}]}
    |                               ^
1 file, 0 valid pods, 2 errors in 1 file
`,
  });
});

test('two files that name one pod are an error that names both', async () => {
  const { exitCode, text } = await run(['good', 'twin.yaml']);
  assert.equal(exitCode, 1);
  assert.match(
    text,
    /^twin\.yaml:2:1: Pod\/web-node: metadata\.name: .* is already defined in good\/a\.yaml at line 1\n/,
  );
});

test('what cannot be read is exit code 2, and the rest is still checked', async () => {
  assert.deepEqual(await run(['nosuch.yaml', 'good']), {
    exitCode: 2,
    text: 'nosuch.yaml: there is no such file or directory\n2 files, 1 valid pod, 1 not readable\n',
  });
});

test('the JSON form has every finding with its place', async () => {
  const { exitCode, text } = await run(['bad.yaml', 'nosuch.yaml'], 'json');
  const report = JSON.parse(text);
  assert.deepEqual(
    [exitCode, report.valid, report.files, report.unreadable, report.diagnostics.length],
    [
      2,
      false,
      [{ file: 'bad.yaml', documents: 1, pods: [], valid: false }],
      [{ file: 'nosuch.yaml', reason: 'there is no such file or directory' }],
      2,
    ],
  );
});

test('SARIF names rule, place and message of each finding, and what could not be read', async () => {
  const { exitCode, text } = await run(['bad.yaml', 'none.yaml'], 'sarif');
  const { version, runs } = JSON.parse(text);
  assert.deepEqual([exitCode, version, runs.length], [2, '2.1.0', 1]);
  const [{ tool, results, invocations }] = runs;
  assert.deepEqual(
    [tool.driver.name, tool.driver.rules.map(({ id }: { id: string }) => id)],
    ['solopod', ['Required', 'UnknownField']],
  );
  assert.deepEqual(results[1], {
    ruleId: 'UnknownField',
    ruleIndex: 1,
    level: 'error',
    message: { text: 'Pod/web: spec.containers[0].imag: unknown field, did you mean "image"?' },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: 'file://bad.yaml' },
          region: { startLine: 4, startColumn: 31 },
        },
        logicalLocations: [{ fullyQualifiedName: 'Pod/web: spec.containers[0].imag' }],
      },
    ],
  });
  const [{ executionSuccessful, toolExecutionNotifications }] = invocations;
  assert.equal(executionSuccessful, false);
  assert.equal(toolExecutionNotifications[0].message.text, 'none.yaml: there is no such file or directory');
});

test('a manifest whose only trouble is placeholders is told apart: its structure is valid', async () => {
  await writeFile(path.join(directory, 'unfilled.yaml'), POD.replace('"b:1"', '<your-image>'));
  const { exitCode, text } = await run(['unfilled.yaml']);
  assert.equal(exitCode, 1);
  assert.match(text, /got "<your-image>"; this is a placeholder that was not filled in\n/);
  assert.match(text, /1 error in 1 file, valid structure, has placeholders\n$/);
});
