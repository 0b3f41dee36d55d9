import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { err, ok } from '../../../src/lib/result.ts';
import { readState, writeFileAtomically, writeState } from '../../../src/platform/stateFile.ts';
import { tempDir } from '../../support/tempDir.ts';

describe('state file', () => {
  it('gives back what was written, readable by its owner only', async (t) => {
    const path = join(await tempDir(t), 'new/state.json');
    const data = { stopped: { 'default/web': 'ä"\n' }, list: [1, null, true] };
    await writeState(path, data);
    assert.deepEqual(await readState(path), ok(data));
    assert.equal((await stat(path)).mode & 0o777, 0o600);
  });

  it('is no state when it is missing', async (t) => {
    assert.deepEqual(await readState(join(await tempDir(t), 'state.json')), ok(undefined));
  });

  it('replaces the old state and leaves nothing else behind', async (t) => {
    const directory = await tempDir(t);
    const path = join(directory, 'state.json');
    await writeState(path, 1);
    await writeState(path, 2);
    assert.deepEqual(await readState(path), ok(2));
    assert.deepEqual(await readdir(directory), ['state.json']);
  });

  const torn: readonly (readonly [string, (text: string) => string, string])[] = [
    ['cut off', (text) => text.slice(0, -10), 'is not complete'],
    ['empty', () => '', 'is not complete'],
    ['filled with zeros', (text) => '\0'.repeat(text.length), 'is not complete'],
    ['another document', () => '[]', 'is not complete'],
    ['changed', (text) => text.replace('"data":1', '"data":2'), 'fails its checksum'],
    ['from the future', (text) => text.replace('"version":1', '"version":2'), 'has version 2, must be 1'],
  ];
  for (const [name, tear, reason] of torn) {
    it(`is not trusted when it is ${name}`, async (t) => {
      const path = join(await tempDir(t), 'state.json');
      await writeState(path, 1);
      await writeFile(path, tear(await readFile(path, 'utf8')));
      assert.deepEqual(await readState(path), err(`State file ${path} ${reason}`));
    });
  }

  it('says why it could not be read', async (t) => {
    const path = join(await tempDir(t), 'state.json');
    await mkdir(path);
    const state = await readState(path);
    assert.match(state.ok ? '' : state.error, /^Cannot read state file .*EISDIR/);
  });

  it('keeps the old file when the new one can not be put in place', async (t) => {
    const directory = await tempDir(t);
    await mkdir(join(directory, 'state.json/x'), { recursive: true });
    await assert.rejects(writeFileAtomically(join(directory, 'state.json'), 'text', 0o600));
    assert.deepEqual(await readdir(directory), ['state.json']);
  });
});
