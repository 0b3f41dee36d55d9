// Container logs on a real runtime: rotated by size and count, compressed, made anew when somebody removes them, and
// bounded under a flood. Nothing that a container prints is lost in between.
import assert from 'node:assert/strict';
import { readdir, readFile, stat, symlink, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { whyNoRuntime } from '../support/containerd.ts';
import { eventually } from '../support/eventually.ts';
import { FOREVER, Lab, shell } from '../support/lab.ts';

const KIB = 1024;
const PATIENCE_MS = 90_000;

describe('log rotation', { skip: whyNoRuntime(), timeout: 300_000 }, () => {
  let lab: Lab;
  before(async () => {
    lab = await Lab.open('logs', {
      SOLOPOD_CONTAINER_LOG_MAX_SIZE: '64Ki',
      SOLOPOD_CONTAINER_LOG_MAX_FILES: '3',
      SOLOPOD_CONTAINER_LOG_MONITOR_INTERVAL: '1s',
    });
  });
  after(() => lab.close());

  async function logDir(name: string): Promise<string> {
    const { namespace, name: podName, uid } = (await lab.until(name, () => true)).metadata ?? {};
    return `/var/log/pods/${namespace}_${podName}_${uid}/app`;
  }

  /** Every line that is in the files of a log, oldest file first. */
  async function linesOf(directory: string): Promise<readonly string[]> {
    const files = (await readdir(directory)).filter((file) => file.startsWith('0.log.')).sort();
    const texts = [...files, '0.log'].map(async (file) => {
      const bytes = await readFile(path.join(directory, file));
      return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
    });
    return (await Promise.all(texts)).join('').split('\n').slice(0, -1);
  }

  test('A log is rotated and compressed, keeps to its count, and lacks no line between its files', async () => {
    // Some 10 KiB/s, in numbered lines: fast enough for a few rotations, too slow for a flood.
    const count =
      'i=0; while [ $i -lt 3500 ]; do i=$((i+1)); echo "line $i of the story"; [ $((i % 14)) -ne 0 ] || sleep 0.1; done';
    await lab.give('numbers', { containers: [shell('app', count, 'touch /notes/done', FOREVER)] });
    const directory = await logDir('numbers');
    await eventually(
      () => readdir(directory),
      (files) => files.some((f) => f.endsWith('.gz')) && files.some((f) => /^0\.log\.\d{8}-\d{6}$/.test(f)),
      PATIENCE_MS,
    );
    await eventually(
      () => stat(path.join(lab.notesDir, 'numbers', 'done')),
      () => true,
      PATIENCE_MS,
    );
    const lines = await eventually(
      () => linesOf(directory),
      (all) => all.at(-1)?.endsWith('line 3500 of the story') === true,
      PATIENCE_MS,
    );
    const numbers = lines.map((line) => Number(/ F line (\d+) of the story$/.exec(line)?.[1]));
    const first = numbers[0] ?? Number.NaN;
    assert.deepEqual(
      numbers,
      numbers.map((_, index) => first + index),
      'no line is missing, doubled or torn',
    );
    assert.ok((await readdir(directory)).length <= 3, 'no more files than asked for');
  });

  test('A pod has limits of its own by annotation', async () => {
    const annotations = { 'solopod.dev/container-log-max-size': '4Ki', 'solopod.dev/container-log-max-files': '2' };
    await lab.give('own', {
      metadata: { annotations },
      containers: [shell('app', 'while :; do echo a line of some length; sleep 0.01; done')],
    });
    const directory = await logDir('own');
    await eventually(
      () => readdir(directory),
      (files) => files.length === 2,
      PATIENCE_MS,
    );
    const sizes = await Promise.all(
      (await readdir(directory)).map(async (f) => (await stat(path.join(directory, f))).size),
    );
    assert.ok(
      sizes.every((size) => size < 64 * KIB),
      String(sizes),
    );
  });

  test('A flood keeps within a few seconds of its own pace', async () => {
    await lab.give('flood', { containers: [shell('app', 'exec yes a line of a flood that never ends')] });
    const directory = await logDir('flood');
    await eventually(
      () => readdir(directory),
      (files) => files.length === 3,
      PATIENCE_MS,
    );
    const sizes = await Promise.all(
      (await readdir(directory)).map((f) =>
        stat(path.join(directory, f)).then(
          (s) => s.size,
          () => 0,
        ),
      ),
    );
    const total = sizes.reduce((sum, size) => sum + size, 0);
    assert.ok(total < 1024 * KIB * KIB, `${total} bytes in three files`);
    await lab.take('flood');
    await lab.untilGone('flood');
  });

  test('A log that was removed, or replaced by a link, is made anew and the link leads nowhere', async () => {
    await lab.give('removed', {
      containers: [shell('app', 'i=0; while :; do i=$((i+1)); echo "tick $i"; sleep 0.2; done')],
    });
    const log = path.join(await logDir('removed'), '0.log');
    await eventually(
      () => readFile(log, 'utf8'),
      (text) => text.includes('tick'),
      PATIENCE_MS,
    );
    await unlink(log);
    await eventually(
      () => readFile(log, 'utf8'),
      (text) => text.includes('tick'),
      PATIENCE_MS,
    );
    const target = path.join(path.dirname(lab.place.root), 'target');
    await writeFile(target, 'mine\n');
    await unlink(log);
    await symlink(target, log);
    await eventually(
      () => readFile(log, 'utf8'),
      (text) => text.includes('tick'),
      PATIENCE_MS,
    );
    assert.equal(await readFile(target, 'utf8'), 'mine\n');
  });
});
