import assert from 'node:assert/strict';
import { appendFile, mkdir, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { createContainerLogs } from '../../../src/platform/containerLogs.ts';
import type { LogQuery } from '../../../src/ports/containerLogs.ts';
import { eventually } from '../../support/eventually.ts';
import { tempDir } from '../../support/tempDir.ts';

const PLAIN: LogQuery = { timestamps: false };

async function someLog(t: TestContext, text: string) {
  const podLogsDir = await tempDir(t);
  const folder = join(podLogsDir, 'default_web_1', 'app');
  await mkdir(folder, { recursive: true });
  const path = join(folder, '0.log');
  await writeFile(path, text);
  return { podLogsDir, path, logs: createContainerLogs({ podLogsDir }) };
}

function lines(...texts: readonly string[]): string {
  return texts.map((text) => `2026-01-02T03:04:05Z stdout F ${text}\n`).join('');
}

async function readAll(t: TestContext, text: string, query: LogQuery): Promise<string> {
  const { logs, path } = await someLog(t, text);
  const log = await logs.open(path);
  assert.ok(log.ok);
  const chunks: Uint8Array[] = [];
  for await (const chunk of log.value.read(query, new AbortController().signal)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('reading a log', () => {
  it('The last lines are found from the end, also over many blocks', async (t) => {
    const many = Array.from({ length: 5_000 }, (_, i) => `line ${i} ${'x'.repeat(40)}`);
    const text = lines(...many);
    const last = async (tailLines: number) =>
      (await readAll(t, text, { ...PLAIN, tailLines })).split('\n').slice(0, -1);
    assert.deepEqual(await last(3), many.slice(-3));
    assert.deepEqual(await last(3_000), many.slice(-3_000));
    assert.deepEqual(await last(5_000), many);
    assert.deepEqual(await last(9_000), many);
    assert.deepEqual(await last(0), []);
  });

  it('A last line that is not complete yet counts as one', async (t) => {
    const text = `${lines('one', 'two')}2026-01-02T03:04:05Z stdout F thr`;
    assert.equal(await readAll(t, text, { ...PLAIN, tailLines: 2 }), 'two\n');
  });

  it('A link and a path outside the log directory are refused', async (t) => {
    const { logs, path, podLogsDir } = await someLog(t, '');
    await rm(path);
    await symlink('/etc/passwd', path);
    assert.ok(!(await logs.open(path)).ok);
    assert.ok(!(await logs.open('/etc/passwd')).ok);
    assert.ok(!(await logs.open(join(podLogsDir, 'default_web_1', '..', '..', 'x'))).ok);
  });

  it('A log that is gone is told', async (t) => {
    const { logs, path } = await someLog(t, '');
    await rm(path);
    const log = await logs.open(path);
    assert.deepEqual(log, { ok: false, error: `Cannot open log file "${path}": it is gone` });
  });
});

describe('following a log', () => {
  async function follower(t: TestContext, text: string, query: LogQuery = PLAIN) {
    const { logs, path } = await someLog(t, text);
    const log = await logs.open(path);
    assert.ok(log.ok);
    const end = new AbortController();
    t.after(() => end.abort());
    const state = { over: false, text: '', ended: false };
    const done = (async () => {
      for await (const chunk of log.value.follow(query, () => state.over, end.signal)) state.text += Buffer.from(chunk);
      state.ended = true;
    })();
    const shows = (expected: string) =>
      eventually(
        async () => state.text,
        (seen) => seen === expected,
      );
    return { path, state, shows, done, end };
  }

  it('It goes on with what is written, through a rotation, until the container is over', async (t) => {
    const { path, state, shows, done } = await follower(t, lines('one'));
    await shows('one\n');
    await appendFile(path, lines('two'));
    await shows('one\ntwo\n');
    await appendFile(path, lines('three'));
    await rename(path, `${path}.20260102-030405`);
    await appendFile(`${path}.20260102-030405`, lines('four'));
    await writeFile(path, lines('five'));
    await shows('one\ntwo\nthree\nfour\nfive\n');
    state.over = true;
    await appendFile(path, lines('six'));
    await done;
    assert.equal(state.text, 'one\ntwo\nthree\nfour\nfive\nsix\n');
  });

  it('A file that was cut to nothing is read from its beginning', async (t) => {
    const { path, shows } = await follower(t, lines('one', 'two'));
    await shows('one\ntwo\n');
    await truncate(path, 0);
    await appendFile(path, lines('new'));
    await shows('one\ntwo\nnew\n');
  });

  it('It begins with the last lines, and stops when nobody reads any more', async (t) => {
    const { shows, end, done, state } = await follower(t, lines('one', 'two'), { ...PLAIN, tailLines: 1 });
    await shows('two\n');
    end.abort();
    await done;
    assert.ok(state.ended);
  });
});
