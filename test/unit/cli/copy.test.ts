import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { packTar } from '../../../src/cli/copy/pack.ts';
import { memberPath, parseCopying } from '../../../src/cli/copy/place.ts';
import { readTar } from '../../../src/cli/copy/untar.ts';
import { encodeTar } from '../../../src/platform/tar.ts';
import { tempDir } from '../../support/tempDir.ts';
import { runCli } from './runCli.ts';

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function members(bytes: Buffer, size = 100): Promise<readonly unknown[]> {
  const found: unknown[] = [];
  for await (const member of readTar(inPieces(bytes, size))) {
    if (!member.ok) found.push(member.error);
    else found.push([member.value.kind, member.value.path, member.value.mode, await text(member.value.content)]);
  }
  return found;
}

describe('reading a tar archive', () => {
  const archive = encodeTar([
    { kind: 'directory', path: 'a', mode: 0o755 },
    { kind: 'file', path: 'a/b', mode: 0o640, content: Buffer.from('hello') },
    { kind: 'link', path: 'a/c', target: '/etc/passwd' },
    { kind: 'file', path: 'a/d', mode: 0o4755, content: Buffer.alloc(0) },
  ]);

  it('gives files, directories and what is neither, whatever the pieces it comes in', async () => {
    for (const size of [1, 511, 512, 100_000]) {
      assert.deepEqual(await members(archive, size), [
        ['directory', 'a/', 0o755, ''],
        ['file', 'a/b', 0o640, 'hello'],
        ['other', 'a/c', 0o777, ''],
        ['file', 'a/d', 0o755, ''],
      ]);
    }
  });

  it('tells what is no archive and what broke off', async () => {
    assert.deepEqual(await members(Buffer.from('x'.repeat(600))), ['what came is no tar archive, or broke off']);
    assert.deepEqual((await members(archive.subarray(0, 1_030))).at(-1), 'the archive broke off');
    assert.deepEqual(await members(Buffer.alloc(0)), []);
  });
});

describe('writing a tar archive', () => {
  it('what is written is read again, by us and by the tar of this machine', async (t) => {
    const folder = await tempDir(t);
    const long = 'n'.repeat(150);
    await mkdir(join(folder, 'in'));
    await writeFile(join(folder, 'in', long), 'long');
    await writeFile(join(folder, 'in', 'x'), 'y'.repeat(1_000));
    const chunks: Buffer[] = [];
    for await (const chunk of packTar(join(folder, 'in'), 'out')) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    const paths = (await members(bytes)).map((member) => (Array.isArray(member) ? member[1] : member));
    assert.deepEqual(paths, ['out/', `out/${long}`, 'out/x']);
    const listed = execFileSync('tar', ['tf', '-'], { input: bytes, encoding: 'utf8' });
    assert.equal(listed, `out/\nout/${long}\nout/x\n`);
  });
});

describe('the two sides of cp', () => {
  it('exactly one side is in a pod', () => {
    assert.deepEqual(parseCopying('web:/a', 'b'), {
      ok: true,
      value: { direction: 'download', pod: 'web', remote: '/a', local: 'b' },
    });
    assert.deepEqual(parseCopying('./a:b', 'ns/web:c'), {
      ok: true,
      value: { direction: 'upload', pod: 'ns/web', remote: 'c', local: './a:b' },
    });
    for (const [from, to] of [
      ['a', 'b'],
      ['web:a', 'db:b'],
      ['web:', 'b'],
    ] as const)
      assert.equal(parseCopying(from, to).ok, false, `${from} ${to}`);
  });

  it('a member that leads out of what was asked for has no place here', () => {
    const places = ['./b', './b/c', './b/../../x', '/etc/passwd', '../b', './c', 'b//d/./e'];
    assert.deepEqual(
      places.map((name) => memberPath(name, 'b')),
      ['', 'c', undefined, undefined, undefined, undefined, 'd/e'],
    );
  });

  it('wrong usage is told without a runner', async () => {
    assert.equal((await runCli(['cp', 'a', 'b'])).code, 2);
    assert.equal((await runCli(['exec', 'web'])).code, 2);
    assert.equal((await runCli(['port-forward', 'web'])).code, 2);
  });
});
