import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { acquireLock } from '../../../src/daemon/lock.ts';

const LOCK_MODULE = path.resolve(import.meta.dirname, '../../../src/daemon/lock.ts');

function makeRoot(context: TestContext): string {
  const parent = mkdtempSync(path.join(tmpdir(), 'solopod-lock-'));
  context.after(() => rmSync(parent, { recursive: true, force: true }));
  return path.join(parent, 'root');
}

/** Another process that takes the lock and stays. */
async function startOwner(context: TestContext, root: string): Promise<ChildProcess> {
  const script = `
    const { acquireLock } = await import(${JSON.stringify(LOCK_MODULE)});
    const lock = await acquireLock(${JSON.stringify(root)});
    setInterval(() => lock, 60_000);
    console.log(lock.ok);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  context.after(() => child.kill('SIGKILL'));
  const [said] = await once(child.stdout ?? child, 'data');
  assert.equal(String(said).trim(), 'true');
  return child;
}

test('The directory is made, locked, and free again after release', async (t) => {
  const root = makeRoot(t);
  const first = await acquireLock(root);
  assert.ok(first.ok);
  first.value.release();
  const second = await acquireLock(root);
  assert.ok(second.ok);
  second.value.release();
});

test('A second runner fails within a second and names the pid of the first', async (t) => {
  const root = makeRoot(t);
  const owner = await startOwner(t, root);
  const startedAt = performance.now();
  const second = await acquireLock(root);
  assert.ok(performance.now() - startedAt < 1_000);
  const message = `Cannot use ${root}: it is in use by the runner with pid ${owner.pid}`;
  assert.deepEqual(second, { ok: false, error: { pid: owner.pid, message } });
});

test('A runner that stands still keeps its lock and is still named', async (t) => {
  const root = makeRoot(t);
  const owner = await startOwner(t, root);
  owner.kill('SIGSTOP');
  const second = await acquireLock(root);
  assert.equal(!second.ok && second.error.pid, owner.pid);
});

test('A runner that was killed leaves no lock behind', async (t) => {
  const root = makeRoot(t);
  const owner = await startOwner(t, root);
  owner.kill('SIGKILL');
  await once(owner, 'exit');
  const second = await acquireLock(root);
  assert.ok(second.ok);
  second.value.release();
});

test('Another name of the same directory is the same lock, another directory is another', async (t) => {
  const root = makeRoot(t);
  mkdirSync(root);
  symlinkSync(root, `${root}-link`);
  const first = await acquireLock(root);
  assert.ok(first.ok);
  const same = await acquireLock(`${root}-link/`);
  assert.equal(!same.ok && same.error.pid, process.pid);
  const other = await acquireLock(`${root}-other`);
  assert.ok(other.ok);
  other.value.release();
  first.value.release();
});
