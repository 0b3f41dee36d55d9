import assert from 'node:assert/strict';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { err, ok, type Result } from '../../../../src/lib/result.ts';
import { capLog, lastErrorInLog, logMessage } from '../../../../src/platform/embedded/logFile.ts';
import type { RuntimeProcess } from '../../../../src/platform/embedded/process.ts';
import { type EmbeddedEvent, restartDelay, supervise } from '../../../../src/platform/embedded/supervise.ts';
import { tempDir } from '../../../support/tempDir.ts';

describe('supervision', () => {
  it('waits 0.2 s before the first restart and never more than 5 s', () => {
    assert.deepEqual([0, 1, 2, 3, 4, 5, 1_000].map(restartDelay), [200, 400, 800, 1600, 3200, 5000, 5000]);
  });

  it('starts a dead process again, tries again when that fails, and reports each step', async () => {
    const events: EmbeddedEvent[] = [];
    const second = fakeProcess(2);
    const outcomes: Result<RuntimeProcess, string>[] = [err('no memory'), ok(second.process)];
    const first = fakeProcess(1);
    const { promise: restarted, resolve } = Promise.withResolvers<void>();
    const supervisor = supervise(first.process, {
      start: async () => outcomes.shift() ?? err('called too often'),
      report: (event) => {
        events.push(event);
        if (event.kind === 'restarted') resolve();
      },
      upkeep: async () => undefined,
    });
    first.die('signal SIGSEGV');
    // The delays of the supervisor do not keep a process alive by themselves.
    const alive = setInterval(() => undefined, 1_000);
    await restarted;
    clearInterval(alive);
    const current = supervisor.current().pid;
    const last = await supervisor.end();
    assert.deepEqual([current, last.pid], [2, 2]);
    assert.deepEqual(events, [
      { kind: 'exited', pid: 1, how: 'signal SIGSEGV', restartInMs: 200 },
      { kind: 'restartFailed', message: 'no memory', restartInMs: 400 },
      { kind: 'restarted', pid: 2 },
    ]);
  });

  it('starts nothing after its end', async () => {
    const first = fakeProcess(1);
    let starts = 0;
    const supervisor = supervise(first.process, {
      start: async () => {
        starts += 1;
        return err('not expected');
      },
      report: () => undefined,
      upkeep: async () => undefined,
    });
    await supervisor.end();
    first.die('exit code 0');
    assert.equal(starts, 0);
  });
});

describe('log of containerd', () => {
  it('over its limit is kept once and begun anew', async (t) => {
    const path = join(await tempDir(t), 'log');
    await writeFile(path, 'x'.repeat(11));
    await capLog(path, 10);
    assert.deepEqual([(await stat(path)).size, await readFile(`${path}.1`, 'utf8')], [0, 'x'.repeat(11)]);
  });

  it('within its limit, or not there, is left alone', async (t) => {
    const path = join(await tempDir(t), 'log');
    await capLog(path, 10);
    await writeFile(path, 'x');
    await capLog(path, 10);
    assert.equal(await readFile(path, 'utf8'), 'x');
  });

  it('gives its last error as the reason of a failed start', async (t) => {
    const path = join(await tempDir(t), 'log');
    const lines = [
      'time="2026-11-21T07:09:06Z" level=error msg="an old one"',
      'containerd: load required plugin io.containerd.grpc.v1.cri: not found',
      'time="2026-11-21T07:09:06Z" level=info msg="bye"',
    ];
    await writeFile(path, lines.join('\n'));
    assert.equal(await lastErrorInLog(path), 'containerd: load required plugin io.containerd.grpc.v1.cri: not found');
    assert.equal(await lastErrorInLog(`${path}.none`), undefined);
  });

  const messages = [
    { line: 'time=x level=fatal msg="cannot \\"start\\"" error="disk full"', expected: 'cannot "start": disk full' },
    { line: 'level=error msg=short', expected: 'short' },
    { line: 'panic: oh', expected: 'panic: oh' },
  ];
  for (const { line, expected } of messages) {
    it(`says ${expected} for ${line}`, () => assert.equal(logMessage(line), expected));
  }
});

function fakeProcess(pid: number): { readonly process: RuntimeProcess; readonly die: (how: string) => void } {
  const { promise, resolve } = Promise.withResolvers<string>();
  return { process: { pid, exited: promise }, die: resolve };
}
