// Everything that can happen to a directory of manifests (F-MAN of the fault table), with real files: in none of it does
// a pod leave the set that was not taken out on purpose.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { podText, SourceLab, type SourceLabOptions, untilHolds } from '../../support/sourceLab.ts';
import { tempDir } from '../../support/tempDir.ts';

const A = podText('a', 'v1');
const B = podText('b', 'v1');
const isRoot = process.getuid?.() === 0;

function labDir(t: TestContext): Promise<string> {
  return tempDir(t, () => SourceLab.stopAll());
}

interface Scene {
  readonly dir: string;
  readonly lab: SourceLab;
}

async function scene(
  t: TestContext,
  files: { readonly [name: string]: string } = { 'a.yaml': A, 'b.yaml': B },
  more: Partial<SourceLabOptions> = {},
): Promise<Scene> {
  const dir = path.join(await labDir(t), 'm');
  fs.mkdirSync(dir);
  for (const [name, text] of Object.entries(files)) put(path.join(dir, name), text);
  const lab = await SourceLab.onDirectory(t, dir, more);
  return { dir, lab };
}

/** Complete at once, as a careful writer does it. */
function put(file: string, text: string): void {
  const beside = path.join(path.dirname(file), `.${path.basename(file)}.tmp`);
  fs.writeFileSync(beside, text);
  fs.renameSync(beside, file);
}

async function ready(t: TestContext, more: Partial<SourceLabOptions> = {}): Promise<Scene> {
  const made = await scene(t, undefined, more);
  await made.lab.untilPods({ a: 'v1', b: 'v1' });
  return made;
}

test('F-MAN-1 a file written byte by byte over itself never stops its pod, and the new version comes once', async (t) => {
  const { dir, lab } = await ready(t);
  const handle = fs.openSync(`${dir}/a.yaml`, 'w');
  const text = podText('a', 'v2');
  for (let at = 0; at < text.length; at += 8) {
    fs.writeSync(handle, text.slice(at, at + 8));
    await pause(30);
  }
  fs.closeSync(handle);
  await lab.untilPods({ a: 'v2', b: 'v1' });
  assert.deepEqual(lab.lost, ['a v1']);
});

for (const [what, text] of [
  ['emptied', ''],
  ['cut in the middle', A.slice(0, 70)],
  ['filled with zeros', '\0'.repeat(100)],
  ['turned into a web page', '<!doctype html><html></html>'],
  ['broken', A.replace('spec:', 'spec: [')],
  ['invalid', A.replace('image', 'imagge')],
] as const) {
  test(`F-MAN-1 F-MAN-2 a file that was ${what} keeps its pod, also over a restart, until it is mended`, async (t) => {
    const { dir, lab } = await ready(t);
    fs.writeFileSync(`${dir}/a.yaml`, text);
    await lab.untilTrouble(/^rejected .*\/a\.yaml: /m);
    await lab.restart();
    await lab.untilTrouble(/^rejected .*\/a\.yaml: /m);
    await lab.untilPods({ a: 'v1', b: 'v1' });
    assert.deepEqual(lab.lost, []);
    put(`${dir}/a.yaml`, podText('a', 'v2'));
    await lab.untilPods({ a: 'v2', b: 'v1' });
    assert.deepEqual(lab.troubles(), []);
  });
}

test('F-MAN-2 what runs and what is refused are told with version, line and column', async (t) => {
  const { dir, lab } = await ready(t);
  put(`${dir}/a.yaml`, A.replace('image', 'imagge'));
  await lab.untilTrouble(/rejected/);
  const [trouble] = lab.catalog.troubles();
  assert.match(trouble?.message ?? '', /^6:5: spec\.containers\[0\]\.image: required field is missing \(and 1 more\)$/);
  assert.match(trouble?.version ?? '', /^[0-9a-f]{8}$/);
  assert.deepEqual(
    trouble?.running?.map(({ key, hash }) => [key, hash.length]),
    [['default/a-n', 16]],
  );
});

test('F-MAN-2 of two documents in a file the broken one keeps its old pod and the good one moves on, over restarts', async (t) => {
  const { dir, lab } = await scene(t, { 'ab.yaml': `${A}---\n${B}` });
  await lab.untilPods({ a: 'v1', b: 'v1' });
  put(`${dir}/ab.yaml`, `${podText('a', 'v2')}---\n${B.replace('image', 'imagge')}`);
  await lab.untilPods({ a: 'v2', b: 'v1' });
  put(`${dir}/ab.yaml`, `${A.replace('image', 'imagge')}---\n${B.replace('image', 'imagge')}`);
  await lab.untilTrouble(/and 2 more|and 3 more/);
  await lab.restart();
  await lab.untilPods({ a: 'v2', b: 'v1' });
  assert.deepEqual(lab.lost, ['a v1']);
});

test('F-MAN-2 a damaged memory is no memory and no error', async (t) => {
  const { dir, lab } = await ready(t);
  await lab.stop();
  const state = path.join(dir, '..', 'state');
  for (const name of fs.readdirSync(state)) fs.truncateSync(path.join(state, name), 60);
  await lab.start();
  await lab.untilPods({ a: 'v1', b: 'v1' });
});

test('F-MAN-3 a rename into place is one change', async (t) => {
  const { dir, lab } = await ready(t);
  put(`${dir}/a.yaml`, podText('a', 'v2'));
  await lab.untilPods({ a: 'v2', b: 'v1' });
  assert.deepEqual(lab.lost, ['a v1']);
});

test('F-MAN-4 every editor leaves the pod alone until the new text is there, and a save without a change does nothing', async (t) => {
  const { dir, lab } = await ready(t);
  const vim = (text: string): void => {
    fs.writeFileSync(`${dir}/.a.yaml.swp`, 'x');
    fs.writeFileSync(`${dir}/4913`, '');
    fs.rmSync(`${dir}/4913`);
    fs.renameSync(`${dir}/a.yaml`, `${dir}/a.yaml~`);
    fs.writeFileSync(`${dir}/a.yaml`, text);
    fs.rmSync(`${dir}/a.yaml~`);
    fs.rmSync(`${dir}/.a.yaml.swp`);
  };
  const emacs = (text: string): void => {
    fs.symlinkSync('me@host.1', `${dir}/.#a.yaml`);
    fs.writeFileSync(`${dir}/#a.yaml#`, text);
    fs.copyFileSync(`${dir}/a.yaml`, `${dir}/a.yaml~`);
    fs.writeFileSync(`${dir}/a.yaml`, text);
    fs.rmSync(`${dir}/#a.yaml#`);
    fs.rmSync(`${dir}/.#a.yaml`);
  };
  for (const save of [vim, emacs]) {
    save(A);
    await pause(500);
  }
  assert.deepEqual(lab.lost, []);
  execFileSync('sed', ['-i', 's/"v1"/"v2"/', `${dir}/a.yaml`]);
  await lab.untilPods({ a: 'v2', b: 'v1' });
  vim(podText('a', 'v3'));
  await lab.untilPods({ a: 'v3', b: 'v1' });
  emacs(podText('a', 'v4'));
  await lab.untilPods({ a: 'v4', b: 'v1' });
  assert.deepEqual(lab.lost, ['a v1', 'a v2', 'a v3']);
});

test('F-MAN-5 a backup beside the original is named and gives no pod', async (t) => {
  const { dir, lab } = await ready(t);
  for (const name of ['a.yaml-bak', 'a.yaml.bak', 'a.yaml.orig']) put(`${dir}/${name}`, podText('a', 'old'));
  await untilHolds(() => assert.equal(lab.troubles('ignored').length, 3));
  assert.deepEqual(lab.pods, { a: 'v1', b: 'v1' });
});

test('F-MAN-7 a swapped ..data link moves every pod on and stops none before', async (t) => {
  const dir = path.join(await labDir(t), 'm');
  fs.mkdirSync(dir);
  const publish = (version: string): void => {
    fs.mkdirSync(`${dir}/..${version}`);
    for (const name of ['a', 'b']) fs.writeFileSync(`${dir}/..${version}/${name}.yaml`, podText(name, version));
    fs.symlinkSync(`..${version}`, `${dir}/..data_tmp`);
    fs.renameSync(`${dir}/..data_tmp`, `${dir}/..data`);
  };
  publish('v1');
  for (const name of ['a', 'b']) fs.symlinkSync(`..data/${name}.yaml`, `${dir}/${name}.yaml`);
  const lab = await SourceLab.onDirectory(t, dir);
  await lab.untilPods({ a: 'v1', b: 'v1' });
  publish('v2');
  fs.rmSync(`${dir}/..v1`, { recursive: true });
  await lab.untilPods({ a: 'v2', b: 'v2' });
  assert.deepEqual(lab.lost.toSorted(), ['a v1', 'b v1']);
});

test('F-MAN-8 F-MAN-9 a directory that is gone keeps its pods over a restart, and its return changes nothing', async (t) => {
  const { dir, lab } = await ready(t);
  fs.renameSync(dir, `${dir}.away`);
  await lab.untilTrouble(
    /^held file:\/.*\/m is gone: 2 pods \(default\/a-n, default\/b-n\) keep running; if they should end: solopod accept$/m,
  );
  await lab.restart();
  await lab.untilTrouble(/^held .*does not exist/m);
  await lab.untilPods({ a: 'v1', b: 'v1' });
  fs.renameSync(`${dir}.away`, dir);
  await untilHolds(() => assert.deepEqual(lab.troubles(), []));
  put(`${dir}/a.yaml`, podText('a', 'v2'));
  await lab.untilPods({ a: 'v2', b: 'v1' });
  assert.deepEqual(lab.lost, ['a v1']);
});

test('F-MAN-8 an empty directory in place of the real one keeps its pods, while it runs and at a start', async (t) => {
  const { dir, lab } = await ready(t);
  fs.renameSync(dir, `${dir}.away`);
  fs.mkdirSync(dir);
  await lab.untilTrouble(/replaced by an empty directory/);
  await lab.restart();
  await lab.untilTrouble(/^held /m);
  await lab.untilPods({ a: 'v1', b: 'v1' });
  fs.rmdirSync(dir);
  fs.renameSync(`${dir}.away`, dir);
  await untilHolds(() => assert.deepEqual(lab.troubles(), []));
  assert.deepEqual(lab.lost, []);
});

test('F-MAN-8 even a single pod outlives a mount that is not there yet at a start', async (t) => {
  const { dir, lab } = await scene(t, { 'a.yaml': A });
  await lab.untilPods({ a: 'v1' });
  await lab.stop();
  fs.renameSync(dir, `${dir}.away`);
  fs.mkdirSync(dir);
  await lab.start();
  await lab.untilTrouble(/^held .*no longer gives 1 pod \(default\/a-n\)/m);
  assert.deepEqual([lab.pods, lab.lost], [{ a: 'v1' }, []]);
});

test('F-MAN-8 one command lets the pods of a directory end that is gone', async (t) => {
  const { dir, lab } = await ready(t);
  fs.renameSync(dir, `${dir}.away`);
  await lab.untilTrouble(/is gone/);
  assert.deepEqual(lab.accept(), ['default/a-n', 'default/b-n']);
  assert.deepEqual(lab.pods, {});
  fs.mkdirSync(dir);
  put(`${dir}/c.yaml`, podText('c', 'v1'));
  await lab.untilPods({ c: 'v1' });
  assert.deepEqual(lab.accept(), []);
});

test('F-MAN-8 a directory that never was gives an empty set, so that other sources are not held up', async (t) => {
  const dir = path.join(await labDir(t), 'm');
  const lab = await SourceLab.onDirectory(t, dir);
  await lab.untilTrouble(/^failed .*does not exist; it is read as soon as it does$/m);
  assert.equal(lab.catalog.recall(`file:${dir}`), undefined);
  fs.mkdirSync(dir);
  put(`${dir}/a.yaml`, A);
  await lab.untilPods({ a: 'v1' });
});

test('a wiped directory keeps its pods until a person accepts it; single deletions count at once', async (t) => {
  const files = Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [`${name}.yaml`, podText(name, 'v1')]));
  const { dir, lab } = await scene(t, files);
  await lab.untilPods({ a: 'v1', b: 'v1', c: 'v1', d: 'v1' });
  fs.rmSync(`${dir}/a.yaml`);
  await lab.untilPods({ b: 'v1', c: 'v1', d: 'v1' });
  for (const name of fs.readdirSync(dir)) fs.rmSync(path.join(dir, name));
  await lab.untilTrouble(
    /^held file:.*no longer gives 3 pods \(default\/b-n, default\/c-n, default\/d-n\): too much at once/m,
  );
  await lab.restart();
  await lab.untilTrouble(/^held /m);
  await lab.untilPods({ b: 'v1', c: 'v1', d: 'v1' });
  put(`${dir}/c.yaml`, podText('c', 'v2'));
  await lab.untilPods({ b: 'v1', c: 'v2', d: 'v1' });
  await lab.untilTrouble(/gives 2 pods \(default\/b-n, default\/d-n\)/);
  assert.deepEqual(lab.lost, ['a v1', 'c v1']);
  assert.deepEqual(lab.accept(), ['default/b-n', 'default/d-n']);
  assert.deepEqual([lab.pods, lab.troubles()], [{ c: 'v2' }, []]);
  fs.rmSync(`${dir}/c.yaml`);
  await lab.untilPods({});
});

test('a list without items says that an empty directory is meant', async (t) => {
  const { dir, lab } = await ready(t);
  for (const name of fs.readdirSync(dir)) fs.rmSync(path.join(dir, name));
  put(`${dir}/none.yaml`, 'apiVersion: v1\nkind: PodList\nitems: []\n');
  await lab.untilPods({});
  assert.deepEqual(lab.troubles(), []);
});

test('with allowEmpty a wiped directory and one that is gone end their pods at once', async (t) => {
  const { dir, lab } = await ready(t, { guard: { allowEmpty: true } });
  for (const name of fs.readdirSync(dir)) fs.rmSync(path.join(dir, name));
  await lab.untilPods({});
  put(`${dir}/a.yaml`, A);
  await lab.untilPods({ a: 'v1' });
  fs.renameSync(dir, `${dir}.away`);
  await lab.untilPods({});
  assert.deepEqual(lab.troubles('held'), []);
});

test('F-MAN-8 a directory that may not be read keeps its pods', { skip: isRoot ? runsAsRoot() : false }, async (t) => {
  const { dir, lab } = await ready(t);
  fs.chmodSync(dir, 0);
  t.after(() => fs.chmodSync(dir, 0o755));
  await lab.untilTrouble(/^failed .*permission denied/m);
  assert.deepEqual(lab.lost, []);
});

test('F-MAN-8 a path below something that is no directory keeps its pods', async (t) => {
  const { dir, lab } = await ready(t);
  const parent = path.dirname(dir);
  await lab.stop();
  fs.renameSync(parent, `${parent}.away`);
  t.after(() => fs.rmSync(`${parent}.away`, { recursive: true, force: true }));
  fs.mkdirSync(parent);
  fs.renameSync(`${parent}.away/state`, `${parent}/state`);
  fs.writeFileSync(dir, 'not a directory\n');
  await lab.start();
  await lab.untilPods({ a: 'v1', b: 'v1' });
  assert.deepEqual(lab.lost, []);
});

test('F-MAN-13 what is no regular file is named, never waited for, and takes no pod', async (t) => {
  const { dir, lab } = await ready(t);
  execFileSync('mkfifo', [`${dir}/pipe.yaml`]);
  fs.mkdirSync(`${dir}/sub.yaml`);
  fs.symlinkSync('nowhere', `${dir}/dangling.yaml`);
  fs.symlinkSync('/dev/zero', `${dir}/device.yaml`);
  put(`${dir}/c.yaml`, podText('c', 'v1'));
  await lab.untilPods({ a: 'v1', b: 'v1', c: 'v1' });
  assert.deepEqual(
    lab.troubles().map((line) => line.replace(`${dir}/`, '')),
    [
      'failed dangling.yaml: is a symbolic link to nothing',
      'ignored device.yaml: is a device, not a regular file',
      'ignored pipe.yaml: is a FIFO, not a regular file',
      'ignored sub.yaml: is a directory: sub-directories are not read',
    ],
  );
});

test('F-MAN-13 a link whose target is away for a while keeps its pod', async (t) => {
  const { dir, lab } = await scene(t, { 'b.yaml': B });
  const target = path.join(dir, '..', 'elsewhere.yaml');
  put(target, A);
  fs.symlinkSync(target, `${dir}/a.yaml`);
  await lab.untilPods({ a: 'v1', b: 'v1' });
  fs.renameSync(target, `${target}.away`);
  await lab.untilTrouble(/a\.yaml: is a symbolic link to nothing/);
  await lab.restart();
  await lab.untilPods({ a: 'v1', b: 'v1' });
  assert.deepEqual(lab.lost, []);
});

test('F-MAN-14 a file that grows beyond the limit keeps its pod', async (t) => {
  const { dir, lab } = await ready(t);
  fs.truncateSync(`${dir}/a.yaml`, 100 * 1024 * 1024);
  await lab.untilTrouble(/^failed .*a\.yaml: is 104857600 bytes; a manifest may have at most 10485760$/m);
  assert.deepEqual([lab.pods, lab.lost], [{ a: 'v1', b: 'v1' }, []]);
});

test('F-MAN-16 two versions of one size within one tick of the clock: the second is in force', async (t) => {
  const { dir, lab } = await ready(t);
  for (let round = 2; round < 8; round += 1) {
    fs.writeFileSync(`${dir}/a.yaml`, podText('a', `x${round}`));
    fs.writeFileSync(`${dir}/a.yaml`, podText('a', `v${round}`));
    await lab.untilPods({ a: `v${round}`, b: 'v1' });
  }
});

test('F-MAN-17 names that are odd or no text at all are shown safely and take no pod', async (t) => {
  const { dir, lab } = await ready(t);
  put(`${dir}/line\nbreak.yaml`, podText('c', 'v1'));
  fs.writeFileSync(Buffer.concat([Buffer.from(`${dir}/`), Buffer.from([0xff, 0xfe]), Buffer.from('.yaml')]), B);
  await lab.untilPods({ a: 'v1', b: 'v1', c: 'v1' });
  await lab.untilTrouble(/has a name that is not UTF-8/);
});

test('F-MAN-18 a memory that cannot be written stops nothing', async (t) => {
  const blocked = path.join(await labDir(t), 'file');
  fs.writeFileSync(blocked, '');
  const { dir, lab } = await ready(t, { state: path.join(blocked, 'state') });
  put(`${dir}/a.yaml`, A.replace('image', 'imagge'));
  await lab.untilTrouble(/^rejected/m);
  assert.deepEqual([lab.pods, lab.lost], [{ a: 'v1', b: 'v1' }, []]);
});

test('F-MAN-15 five thousand files are read within 10 s, and a change among them is found', async (t) => {
  const names = Array.from({ length: 5_000 }, (_, index) => `p${index}`);
  const dir = path.join(await labDir(t), 'm');
  fs.mkdirSync(dir);
  for (const name of names) fs.writeFileSync(`${dir}/${name}.yaml`, podText(name, 'v1'));
  await pause(400);
  const startedAt = performance.now();
  // What is kept of each is synced to the disk one by one: a disk in memory makes that quick here.
  const shm = fs.existsSync('/dev/shm') ? { state: fs.mkdtempSync('/dev/shm/solopod-') } : {};
  const lab = await SourceLab.onDirectory(t, dir, shm);
  t.after(() => fs.rmSync(shm.state ?? '', { recursive: true, force: true }));
  await untilHolds(() => assert.equal(Object.keys(lab.pods).length, 5_000));
  const tookMs = performance.now() - startedAt;
  t.diagnostic(`read in ${Math.round(tookMs)} ms`);
  put(`${dir}/p77.yaml`, podText('p77', 'v2'));
  await untilHolds(() => assert.equal(lab.pods['p77'], 'v2'));
  assert.deepEqual(lab.lost, ['p77 v1']);
});

test('F-MAN-11 ten thousand touches at once lose no change', async (t) => {
  const { dir, lab } = await ready(t);
  for (let round = 0; round < 10_000; round += 1) fs.writeFileSync(`${dir}/noise-${round % 50}.txt`, `${round}`);
  put(`${dir}/a.yaml`, podText('a', 'v2'));
  await lab.untilPods({ a: 'v2', b: 'v1' });
  assert.deepEqual(lab.lost, ['a v1']);
});

test('F-MAN-10 F-RUN-14 without file descriptors nothing is lost, and changes are found once there are some', async (t) => {
  const program = path.join(import.meta.dirname, 'exhausted.ts');
  const { dir } = await scene(t);
  const ran = spawnSync('sh', ['-c', `ulimit -n 40; exec "${process.execPath}" "${program}" "${dir}"`], {
    encoding: 'utf8',
    timeout: 90_000,
  });
  assert.deepEqual([ran.status, ran.stdout.trim().split('\n')], [0, EXHAUSTED_STORY], ran.stderr);
});

const EXHAUSTED_STORY = [
  'start {"a":"v1","b":"v1"}',
  'exhausted: too many open files',
  'meanwhile {"a":"v1","b":"v1"} lost []',
  'after {"a":"v2","b":"v1"} lost ["a v1"]',
];

function runsAsRoot(): string {
  return 'root may read everything';
}
