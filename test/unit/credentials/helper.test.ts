import assert from 'node:assert/strict';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { askHelper } from '../../../src/credentials/helper.ts';
import { tempDir } from '../../support/tempDir.ts';

const idle = (): AbortSignal => new AbortController().signal;

/** A helper of this name with a shell script behind it. */
async function helper(t: TestContext, script: string) {
  const directory = path.join(await tempDir(t), 'bin');
  await mkdir(directory);
  const program = path.join(directory, 'docker-credential-test');
  await writeFile(program, `#!/bin/sh\n${script}\n`);
  await chmod(program, 0o755);
  const env = { PATH: `${directory}:${process.env['PATH']}` };
  return { directory, ask: (more = {}) => askHelper('test', 'reg.example', { env, signal: idle(), ...more }) };
}

const answer = (user: string, secret: string): string =>
  `printf '%s' '${JSON.stringify({ ServerURL: 'reg.example', Username: user, Secret: secret })}'`;

test('a helper is asked on its standard input and answers with a credential', async (t) => {
  const { directory, ask } = await helper(t, `cat >"$0.in"; echo "$@" >"$0.args"; ${answer('jane', 'pw')}`);
  assert.deepEqual(await ask(), { ok: true, value: { username: 'jane', password: 'pw', identityToken: '' } });
  const program = path.join(directory, 'docker-credential-test');
  assert.equal(await readFile(`${program}.in`, 'utf8'), 'reg.example\n');
  assert.equal(await readFile(`${program}.args`, 'utf8'), 'get\n');
});

test('a helper may answer with a token', async (t) => {
  const { ask } = await helper(t, answer('<token>', 'tok'));
  assert.deepEqual(await ask(), { ok: true, value: { username: '', password: '', identityToken: 'tok' } });
});

test('a helper that has nothing is no failure', async (t) => {
  const { ask } = await helper(t, 'echo "credentials not found in native keychain"; exit 1');
  assert.deepEqual(await ask(), { ok: true, value: undefined });
});

const FAILURES: readonly (readonly [script: string, error: string])[] = [
  ['echo hunter2; echo hunter2 >&2; exit 3', 'docker-credential-test failed with exit code 3'],
  ['echo hunter2', 'docker-credential-test answered with something else than a credential'],
  [answer('jane', ''), 'docker-credential-test answered with something else than a credential'],
  ['yes hunter2', 'docker-credential-test printed more than 65536 bytes'],
];

for (const [script, error] of FAILURES) {
  test(`a helper fails and what it printed is not repeated: ${script}`, async (t) => {
    const { ask } = await helper(t, script);
    assert.deepEqual(await ask(), { ok: false, error });
  });
}

test('a helper that does not answer is ended, and nobody waits for what it left running', async (t) => {
  const { ask } = await helper(t, 'sleep 5 & exec sleep 600');
  assert.deepEqual(await ask({ timeoutMs: 200 }), {
    ok: false,
    error: 'docker-credential-test did not answer within 0.2 s',
  });
});

test('a helper that is not there, or whose name is a path, is told', async () => {
  const options = { env: { PATH: '/nowhere' }, signal: idle() };
  assert.deepEqual(await askHelper('none', 'reg.example', options), {
    ok: false,
    error: 'docker-credential-none is not installed',
  });
  assert.deepEqual(await askHelper('../../bin/sh', 'reg.example', options), {
    ok: false,
    error: 'the name of a credential helper must be a plain word',
  });
});
