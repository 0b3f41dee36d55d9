import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createDirectorySource } from '../../../src/source/directory.ts';
import { skips, startWatching, texts, type Update } from './watching.ts';

const now = () => ({ wall: Date.now(), mono: performance.now() });

/** A directory of the test's own, with old files. */
function makeDir(context: TestContext, files: { readonly [name: string]: string } = {}): string {
  const parent = fs.mkdtempSync(path.join(tmpdir(), 'solopod-source-'));
  context.after(() => fs.rmSync(parent, { recursive: true, force: true }));
  const dir = path.join(parent, 'manifests');
  fs.mkdirSync(dir);
  for (const [name, text] of Object.entries(files)) writeOld(path.join(dir, name), text);
  return dir;
}

/** Writes a file as if it had been there for a minute. */
function writeOld(file: string, text: string): void {
  fs.writeFileSync(file, text);
  const minuteAgo = Date.now() / 1000 - 60;
  fs.utimesSync(file, minuteAgo, minuteAgo);
}

/** Makes a complete file appear under its name at once. */
function moveIn(file: string, text: string): void {
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.new`);
  fs.writeFileSync(temporary, text);
  fs.renameSync(temporary, file);
}

function watchDir(context: TestContext, dir: string, intervalMs = 60_000) {
  return startWatching(context, createDirectorySource({ path: dir, intervalMs, now }));
}

function holds(file: string, text: string) {
  return (update: Update) => update.kind === 'snapshot' && (texts(update) as { [l: string]: string })[file] === text;
}

test('The first delivery holds every manifest and names what is no manifest', async (t) => {
  const dir = makeDir(t, {
    'b.yaml': 'B',
    'a.yml': 'A',
    'c.json': '{}',
    'a.yaml~': 'x',
    '.a.yaml.swp': 'x',
    notes: 'x',
  });
  fs.mkdirSync(path.join(dir, 'sub.yaml'));
  execFileSync('mkfifo', [path.join(dir, 'pipe.yaml')]);
  fs.symlinkSync('nowhere', path.join(dir, 'dangling.yaml'));
  const source = createDirectorySource({ path: `${dir}/`, intervalMs: 60_000, now });
  assert.equal(source.id, `file:${dir}`);
  const update = await startWatching(t, source).next();
  assert.deepEqual(texts(update), { [`${dir}/a.yml`]: 'A', [`${dir}/b.yaml`]: 'B', [`${dir}/c.json`]: '{}' });
  assert.deepEqual(skips(update), [
    `ignored: ${dir}/.a.yaml.swp is a dotfile`,
    `ignored: ${dir}/a.yaml~ is an editor backup`,
    `failed: ${dir}/dangling.yaml is a symbolic link to nothing`,
    `ignored: ${dir}/notes does not end in .yaml, .yml or .json`,
    `ignored: ${dir}/pipe.yaml is a FIFO, not a regular file`,
    `ignored: ${dir}/sub.yaml is a directory: sub-directories are not read`,
  ]);
});

test('A file renamed into place is delivered at once', async (t) => {
  const dir = makeDir(t, { 'a.yaml': 'one' });
  const watching = watchDir(t, dir);
  await watching.next();
  // The watch is in place when a first change has come through.
  moveIn(`${dir}/b.yaml`, 'two');
  await watching.next();
  const latencies: number[] = [];
  for (const text of ['v1', 'v2', 'v3']) {
    const startedAt = performance.now();
    moveIn(`${dir}/a.yaml`, text);
    await watching.until(holds(`${dir}/a.yaml`, text));
    latencies.push(performance.now() - startedAt);
  }
  const fastest = Math.min(...latencies);
  assert.ok(fastest < 150, `the fastest of three took ${fastest} ms`);
  assert.equal(watching.all.length, 5, 'one delivery for each change');
});

test('A file written in pieces is never delivered before it is complete', async (t) => {
  const dir = makeDir(t, { 'a.yaml': 'old' });
  const watching = watchDir(t, dir);
  await watching.next();
  const writePieces = async (file: string): Promise<void> => {
    const handle = fs.openSync(file, 'w');
    for (const piece of ['one ', 'two ', 'three']) {
      fs.writeSync(handle, piece);
      await pause(80);
    }
    fs.closeSync(handle);
  };
  await Promise.all([writePieces(`${dir}/a.yaml`), writePieces(`${dir}/new.yaml`)]);
  await watching.until(holds(`${dir}/new.yaml`, 'one two three'));
  await watching.stop();
  const seen = new Set(watching.all.flatMap((update) => Object.values(texts(update))));
  assert.deepEqual([...seen].sort(), ['old', 'one two three']);
});

test('A first set that is not whole yet is not delivered', async (t) => {
  const dir = makeDir(t, { 'a.yaml': 'A' });
  fs.writeFileSync(`${dir}/b.yaml`, 'B');
  const update = await watchDir(t, dir).next();
  assert.deepEqual(texts(update), { [`${dir}/a.yaml`]: 'A', [`${dir}/b.yaml`]: 'B' });
});

test('A save that moves the file away first never looks like a removal', async (t) => {
  const dir = makeDir(t, { 'a.yaml': 'old' });
  const watching = watchDir(t, dir);
  await watching.next();
  fs.writeFileSync(`${dir}/4913`, '');
  fs.rmSync(`${dir}/4913`);
  fs.renameSync(`${dir}/a.yaml`, `${dir}/a.yaml~`);
  await pause(100);
  fs.writeFileSync(`${dir}/a.yaml`, 'new');
  fs.rmSync(`${dir}/a.yaml~`);
  await watching.until(holds(`${dir}/a.yaml`, 'new'));
  const seen = watching.all.map((update) => Object.values(texts(update)).join());
  assert.deepEqual([...new Set(seen)], ['old', 'new']);
});

test('A removed file leaves the set', async (t) => {
  const dir = makeDir(t, { 'a.yaml': 'A', 'b.yaml': 'B' });
  const watching = watchDir(t, dir);
  await watching.next();
  fs.rmSync(`${dir}/a.yaml`);
  assert.deepEqual(texts(await watching.next()), { [`${dir}/b.yaml`]: 'B' });
  fs.rmSync(`${dir}/b.yaml`);
  assert.deepEqual(texts(await watching.next()), {});
});

test('A touch without a change of content delivers nothing', async (t) => {
  const dir = makeDir(t, { 'a.yaml': 'A' });
  const watching = watchDir(t, dir);
  await watching.next();
  writeOld(`${dir}/a.yaml`, 'A');
  moveIn(`${dir}/b.yaml`, 'B');
  await watching.until(holds(`${dir}/b.yaml`, 'B'));
  assert.equal(watching.all.length, 2);
});

test('The swap of a ..data link delivers the new version of every file behind it', async (t) => {
  const dir = makeDir(t);
  const publish = (version: string): void => {
    fs.mkdirSync(`${dir}/..${version}`);
    writeOld(`${dir}/..${version}/p.yaml`, version);
    fs.symlinkSync(`..${version}`, `${dir}/..data_tmp`);
    fs.renameSync(`${dir}/..data_tmp`, `${dir}/..data`);
  };
  publish('v1');
  fs.symlinkSync('..data/p.yaml', `${dir}/p.yaml`);
  const watching = watchDir(t, dir);
  assert.deepEqual(texts(await watching.next()), { [`${dir}/p.yaml`]: 'v1' });
  publish('v2');
  await watching.until(holds(`${dir}/p.yaml`, 'v2'));
});

test('A directory that is not there yet is a failure and no empty set, and is read as soon as it comes', async (t) => {
  const dir = makeDir(t);
  fs.rmdirSync(dir);
  const watching = watchDir(t, dir);
  assert.deepEqual(await watching.next(), {
    kind: 'failure',
    source: `file:${dir}`,
    message: `${dir} does not exist; it is read as soon as it does`,
    isGone: true,
  });
  fs.mkdirSync(dir);
  moveIn(`${dir}/a.yaml`, 'A');
  await watching.until(holds(`${dir}/a.yaml`, 'A'));
});

test('A directory that vanished is a failure, and its return changes nothing', async (t) => {
  const dir = makeDir(t, { 'a.yaml': 'A' });
  const watching = watchDir(t, dir, 200);
  await watching.next();
  fs.renameSync(dir, `${dir}.away`);
  assert.equal(texts(await watching.next()), `failure: ${dir} is gone`);
  fs.renameSync(`${dir}.away`, dir);
  assert.deepEqual(texts(await watching.next()), { [`${dir}/a.yaml`]: 'A' });
});

test('A directory replaced by an empty one keeps its pods, and a copied one is never seen half full', async (t) => {
  const dir = makeDir(t, { 'a.yaml': 'A', 'b.yaml': 'B' });
  const watching = watchDir(t, dir, 200);
  await watching.next();
  fs.renameSync(dir, `${dir}.away`);
  fs.mkdirSync(dir);
  const message = `${dir} was replaced by an empty directory; it is read as soon as it holds a manifest`;
  await watching.until((update) => update.kind === 'failure' && update.message === message);
  moveIn(`${dir}/a.yaml`, 'A');
  assert.deepEqual(texts(await watching.next()), { [`${dir}/a.yaml`]: 'A', [`${dir}/b.yaml`]: 'B' });
  moveIn(`${dir}/b.yaml`, 'B2');
  await watching.until(holds(`${dir}/b.yaml`, 'B2'));
  assert.ok(watching.all.slice(1).every((u) => u.kind === 'failure' || u.files.length === 2));
});

test('Changes in a directory that took the place of another are still noticed', async (t) => {
  const dir = makeDir(t, { 'a.yaml': 'A' });
  const watching = watchDir(t, dir);
  await watching.next();
  fs.mkdirSync(`${dir}.next`);
  writeOld(`${dir}.next/a.yaml`, 'A2');
  fs.renameSync(dir, `${dir}.old`);
  fs.renameSync(`${dir}.next`, dir);
  await watching.until(holds(`${dir}/a.yaml`, 'A2'));
  moveIn(`${dir}/a.yaml`, 'A3');
  await watching.until(holds(`${dir}/a.yaml`, 'A3'));
});

test('A single file is a source of its own, whatever its name, and can be removed and come back', async (t) => {
  const dir = makeDir(t, { pod: 'one', 'other.yaml': 'x' });
  const watching = watchDir(t, `${dir}/pod`);
  assert.deepEqual(texts(await watching.next()), { [`${dir}/pod`]: 'one' });
  moveIn(`${dir}/pod`, 'two');
  assert.deepEqual(texts(await watching.next()), { [`${dir}/pod`]: 'two' });
  fs.rmSync(`${dir}/pod`);
  assert.deepEqual(texts(await watching.next()), {});
  moveIn(`${dir}/pod`, 'three');
  assert.deepEqual(texts(await watching.next()), { [`${dir}/pod`]: 'three' });
});

test('A file above the size limit fails without being read', async (t) => {
  const dir = makeDir(t, { 'a.yaml': 'A', 'big.yaml': '' });
  fs.truncateSync(`${dir}/big.yaml`, 10 * 1024 * 1024 + 1);
  const update = await watchDir(t, dir).next();
  assert.deepEqual(texts(update), { [`${dir}/a.yaml`]: 'A' });
  assert.deepEqual(skips(update), [`failed: ${dir}/big.yaml is 10485761 bytes; a manifest may have at most 10485760`]);
});

test('A path that is neither a directory nor a file is a failure', async (t) => {
  const watching = startWatching(t, createDirectorySource({ path: '/dev/null', intervalMs: 60_000, now }));
  assert.equal(texts(await watching.next()), 'failure: /dev/null is neither a directory nor a regular file');
});

test('Two thousand files are delivered, and one change among them is found', async (t) => {
  const names = Array.from({ length: 2_000 }, (_, index) => `pod-${index}.yaml`);
  const dir = makeDir(t, Object.fromEntries(names.map((name) => [name, name])));
  const watching = watchDir(t, dir);
  const first = await watching.next();
  assert.equal(first.kind === 'snapshot' && first.files.length, 2_000);
  moveIn(`${dir}/pod-77.yaml`, 'changed');
  await watching.until(holds(`${dir}/pod-77.yaml`, 'changed'));
});
