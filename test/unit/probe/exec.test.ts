import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { ask, aTarget, ended, fakeRuntime, faulted } from './asking.ts';

const PROBE = { exec: { command: ['cat', '/ready'] }, timeoutSeconds: 2 };

test('Exit code 0 is success, with what was printed', async () => {
  const { runtime, asked } = fakeRuntime(() => ended(0, 'out', 'err'));
  assert.deepEqual(await ask(PROBE, { runtime }), { result: 'success', output: 'outerr' });
  assert.deepEqual(asked, [{ id: 'c1', command: ['cat', '/ready'], timeoutSeconds: 2 }]);
});

test('Any other exit code is failure, and is not asked again', async () => {
  const { runtime, asked } = fakeRuntime(() => ended(3, '', 'no such file'));
  assert.deepEqual(await ask(PROBE, { runtime }), { result: 'failure', output: 'no such file' });
  assert.equal(asked.length, 1);
});

test('No more than 10 KiB of output is kept', async () => {
  const { runtime } = fakeRuntime(() => ended(1, 'o'.repeat(10_000), 'e'.repeat(10_000)));
  const { output } = await ask(PROBE, { runtime });
  assert.equal(output, 'o'.repeat(10_000) + 'e'.repeat(240));
});

test('Words see the literal environment of the container and nothing else', async () => {
  const { runtime, asked } = fakeRuntime(() => ended(0));
  const env = [
    { name: 'A', value: 'a' },
    { name: 'B', value: '$(A)' },
    { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
  ];
  const command = ['echo', '$(A)-$(B)-$(POD)-$(NONE)-$$(A)'];
  await ask({ exec: { command } }, { runtime, target: aTarget({ container: { env } }) });
  assert.deepEqual(asked[0]?.command, ['echo', 'a-$(A)--$(NONE)-$(A)']);
});

test('A command that the runtime ended after the limit is failure', async () => {
  const { runtime } = fakeRuntime(async () => {
    await pause(60);
    return faulted('unknownOutcome', 'deadline exceeded');
  });
  assert.deepEqual(await ask({ ...PROBE, timeoutSeconds: 0.05 }, { runtime }), {
    result: 'failure',
    output: 'command timed out: "cat /ready" timed out after 50ms',
  });
});

test('A runtime that is not there is an error, asked three times', async () => {
  const { runtime, asked } = fakeRuntime(() => faulted('unavailable', 'cannot connect'));
  assert.deepEqual(await ask(PROBE, { runtime }), { result: 'error', output: 'cannot connect' });
  assert.equal(asked.length, 3);
});

test('A connection that broke before the limit is an error', async () => {
  const { runtime } = fakeRuntime(() => faulted('unknownOutcome', 'Connection dropped'));
  assert.deepEqual(await ask(PROBE, { runtime }), { result: 'error', output: 'Connection dropped' });
});

test('An error that passes is not seen', async () => {
  const { runtime, asked } = fakeRuntime(() => (asked.length < 2 ? faulted('refused', 'busy') : ended(0, 'fine')));
  assert.deepEqual(await ask(PROBE, { runtime }), { result: 'success', output: 'fine' });
});

test('A probe without a handler is an error', async () => {
  assert.deepEqual(await ask({}), { result: 'error', output: 'missing probe handler' });
});
