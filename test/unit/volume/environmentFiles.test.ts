import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { readEnvironmentFiles } from '../../../src/volume/environmentFiles.ts';
import { aContainer } from '../../support/pods.ts';
import { tempDir } from '../../support/tempDir.ts';

const SIGNAL = new AbortController().signal;

async function read(t: TestContext, write: (volume: string, top: string) => Promise<void>, path = 'a.env') {
  const top = await tempDir(t);
  const volume = join(top, 'volume');
  await mkdir(volume);
  await writeFile(join(top, 'outside'), "A='host'");
  await write(volume, top);
  const fileKeyRef = { volumeName: 'v', path, key: 'A' };
  const container = aContainer('app', { env: [{ name: 'A', valueFrom: { fileKeyRef } }] });
  const files = await readEnvironmentFiles(container, { v: { hostPath: volume, readOnly: false } }, SIGNAL);
  return files.get(`v/${path}`);
}

describe('S-FS-11 readEnvironmentFiles', () => {
  it('reads a file, also through a link that stays in the volume', async (t) => {
    const found = await read(t, async (volume) => {
      await mkdir(join(volume, 'real'));
      await writeFile(join(volume, 'real/a'), "A='1'");
      await symlink('real/a', join(volume, 'a.env'));
    });
    assert.deepEqual(found, { ok: true, value: "A='1'" });
  });

  it('makes nothing of what is missing', async (t) => {
    assert.deepEqual(await read(t, async () => {}, 'deep/a.env'), { ok: true, value: undefined });
  });

  const refused: readonly (readonly [string, (volume: string, top: string) => Promise<void>, string])[] = [
    [
      'a link out of the volume',
      (volume) => symlink('/etc/hostname', join(volume, 'a.env')),
      '"a.env" is a link out of the volume',
    ],
    [
      'a relative link out of the volume',
      (volume) => symlink('../outside', join(volume, 'a.env')),
      'the path leads out of the volume',
    ],
    [
      'a fifo, without waiting for its writer',
      async (volume) => void execFileSync('mkfifo', [join(volume, 'a.env')]),
      'it is not a regular file',
    ],
    ['a directory', async (volume) => void (await mkdir(join(volume, 'a.env'))), 'it is not a regular file'],
    [
      'a file that is too large',
      (volume) => writeFile(join(volume, 'a.env'), ' '.repeat(64 * 1024 + 1)),
      'it is larger than 65536 bytes',
    ],
    ['bytes that are no text', (volume) => writeFile(join(volume, 'a.env'), Buffer.of(0x41, 0xff)), 'it is not UTF-8'],
    ['NUL', (volume) => writeFile(join(volume, 'a.env'), "A='\0'"), 'it holds the control character NUL'],
  ];
  for (const [title, write, error] of refused) {
    it(`refuses ${title}`, async (t) => assert.deepEqual(await read(t, write), { ok: false, error }));
  }
});
