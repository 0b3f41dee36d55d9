import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { CARRIED, openKeptFile, STOPPED } from '../../../src/daemon/keptFile.ts';
import { SILENT } from '../server/scene.ts';
import { withDirectory } from '../server/unixHttp.ts';

describe('a file that outlives the runner', () => {
  it('gives back what was kept', () =>
    withDirectory(async (directory) => {
      const path = join(directory, 'state', 'stopped.json');
      const file = await openKeptFile(path, STOPPED, SILENT);
      assert.deepEqual(file.initial, {});
      file.keep({ 'default/web': 'hash' });
      await file.written();
      assert.deepEqual((await openKeptFile(path, STOPPED, SILENT)).initial, { 'default/web': 'hash' });
    }));

  it('writes changes that come in quick succession together, and at once when it is told that this is the end', () =>
    withDirectory(async (directory) => {
      const path = join(directory, 'probes.json');
      const file = await openKeptFile(path, CARRIED, SILENT);
      for (let i = 0; i < 50; i++) file.keep({ [`c${i}`]: ['readiness'] });
      const begun = performance.now();
      await file.written();
      assert.ok(performance.now() - begun < CARRIED.restMs, 'nobody waits for the pause to be over');
      assert.deepEqual((await openKeptFile(path, CARRIED, SILENT)).initial, { c49: ['readiness'] });
    }));

  it('does not write what has not changed', () =>
    withDirectory(async (directory) => {
      const path = join(directory, 'stopped.json');
      const file = await openKeptFile(path, STOPPED, SILENT);
      file.keep({});
      await file.written();
      await assert.rejects(readFile(path), { code: 'ENOENT' });
    }));

  it('takes nothing from a file that is broken or holds something else', () =>
    withDirectory(async (directory) => {
      const path = join(directory, 'probes.json');
      await writeFile(path, '{"version":1,"sha256":"0","data":{"c":["readiness"]}}');
      assert.deepEqual((await openKeptFile(path, CARRIED, SILENT)).initial, {});
      const file = await openKeptFile(join(directory, 'other.json'), STOPPED, SILENT);
      file.keep({ a: 'x' });
      await file.written();
      assert.deepEqual((await openKeptFile(join(directory, 'other.json'), CARRIED, SILENT)).initial, { a: [] });
    }));
});
