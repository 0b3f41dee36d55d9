import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { loadManifest } from '../../../src/manifest/load.ts';
import { fakeRunner, noteFor } from '../server/fakeRunner.ts';
import { withDirectory } from '../server/unixHttp.ts';
import { withRunner } from './runCli.ts';

const pod = (name: string, image: string, value = 'x'): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec:\n  containers:\n  - name: app\n    image: ${image}\n    env: [{name: A, value: ${value}}]\n`;

/** A runner that runs what these files give. */
function runnerOf(files: { readonly [location: string]: string }) {
  const desired = Object.entries(files).flatMap(
    ([location, text]) =>
      loadManifest(text, { file: location, location, source: 'file', nodeName: 'node1', mode: 'run' }).pods,
  );
  const pods = desired.map(({ metadata, spec }) => ({ metadata, spec }));
  const notes = desired.map(({ hash, origin, metadata, spec }) =>
    noteFor({ metadata, spec }, { hash, origin: `${origin.location}:${origin.line}` }),
  );
  return fakeRunner({ pods, notes: Object.assign({}, ...notes) });
}

test('diff is silent about what stays, and tells additions, removals and changed fields without secrets', async () => {
  await withDirectory(async (directory) => {
    const dir = path.join(directory, 'm');
    await mkdir(dir);
    const runner = runnerOf({
      [`${dir}/same.yaml`]: pod('same', 'i:1'),
      [`${dir}/web.yaml`]: pod('web', 'i:1', 'old-canary'),
      [`${dir}/gone.yaml`]: pod('gone', 'i:1'),
      '/elsewhere/other.yaml': pod('other', 'i:1'),
    });
    await writeFile(
      `${dir}/same.yaml`,
      `# a comment changes nothing\n${pod('same', 'i:1')}`.replace('# a comment changes nothing\n', ''),
    );
    await writeFile(`${dir}/web.yaml`, pod('web', 'i:2', 'new-canary'));
    await writeFile(`${dir}/new.yaml`, pod('new', 'i:1'));
    await withRunner(runner, async ({ run }) => {
      const { code, out, err } = await run('diff', dir);
      assert.deepEqual([code, err], [1, '']);
      assert.equal(
        out.replace(/[0-9a-f]{8} -> [0-9a-f]{8}/, 'FROM -> TO'),
        '- default/gone-node1\n' +
          '+ default/new-node1\n' +
          '~ default/web-node1 FROM -> TO\n' +
          '    spec.containers[0].image: "i:1" -> "i:2"\n' +
          '    spec.containers[0].env[0].value: another value\n',
      );
      assert.deepEqual(await run('diff', `${dir}/same.yaml`), { code: 0, out: 'Nothing would change.\n', err: '' });
    });
  });
});

test('diff of an invalid manifest exits with 2', async () => {
  await withDirectory(async (directory) => {
    const file = path.join(directory, 'bad.yaml');
    await writeFile(file, pod('web', 'i:1').replace('image', 'imagge'));
    await withRunner(fakeRunner(), async ({ run }) => {
      const { code, out, err } = await run('diff', file);
      assert.deepEqual([code, out], [2, '']);
      assert.match(err, /imagge: unknown field, did you mean "image"\?/);
      assert.equal((await run('diff', path.join(directory, 'none.yaml'))).code, 2);
    });
  });
});
