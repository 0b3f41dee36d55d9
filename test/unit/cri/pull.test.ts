// How images are pulled: with which credentials, in which order, and what is said when none is accepted.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { status as Code } from '@grpc/grpc-js';
import { type ContainerRuntime, createRuntime } from '../../../src/cri/runtime.ts';
import type { RegistryCredential } from '../../../src/ports/credentials.ts';
import { must, someNode } from '../../support/criStories.ts';
import { FakeCri } from '../../support/fakeCri/server.ts';
import { aPod } from '../../support/pods.ts';

const FREE = 'reg.example/free:1';
const GUARDED = 'reg.example/guarded:latest';
const image = (name: string) => ({ id: `sha256:${name}`, name, size: 7 });

let directory: string;
let fake: FakeCri;
let runtime: ContainerRuntime;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'solopod-pull-'));
  fake = new FakeCri(join(directory, 'cri.sock'));
  fake.state.remote.set(FREE, { image: image(FREE) });
  fake.state.remote.set(GUARDED, { image: image(GUARDED), secret: 'right' });
  await fake.start();
  const node = someNode({ rootDir: directory, podLogsDir: join(directory, 'logs') });
  runtime = createRuntime({ endpoint: fake.endpoint, node, owner: directory });
});

afterEach(() => {
  runtime.close();
  fake.kill();
  rmSync(directory, { recursive: true, force: true });
});

function login(username: string, password: string): RegistryCredential {
  return { username, password, identityToken: '' };
}

const pull = (name: string, credentials: readonly RegistryCredential[] = []) =>
  runtime.pull({ image: name, pod: aPod(), credentials }, AbortSignal.timeout(20_000));

const attempts = (): number => fake.calls.filter((name) => name === 'PullImage').length;

describe('a pull', () => {
  it('sends nothing where there is no credential', async () => {
    const id = `sha256:${FREE}`;
    assert.deepEqual(must(await pull(FREE)), { image: { ref: id, sizeBytes: 7 }, id });
  });

  it('tries credentials until one is accepted, and tells which one', async () => {
    const right = login('jane', 'right');
    const pulled = must(await pull('reg.example/guarded', [login('joe', 'wrong'), right, login('jim', 'unused')]));
    assert.deepEqual([pulled.credential, attempts()], [right, 2]);
  });

  it('can show a token', async () => {
    const token = { username: '', password: '', identityToken: 'right' };
    assert.deepEqual(must(await pull(GUARDED, [token])).credential, token);
  });

  it('tells of each refusal once, with nothing secret', async () => {
    const pulled = await pull(GUARDED, [login('joe', 'wrong1'), login('jim', 'wrong2'), login('joe', 'wrong3')]);
    const message = '[failed to authorize joe: 401 Unauthorized, failed to authorize jim: 401 Unauthorized]';
    assert.deepEqual(pulled, { ok: false, error: { kind: 'refused', reason: 'ErrImagePull', message } });
  });

  it('tries nothing more where the runtime was lost', async () => {
    fake.failNext('PullImage', { code: Code.UNAVAILABLE, details: 'Connection dropped', mode: 'lose' });
    const pulled = await pull(FREE, [login('joe', 'a'), login('jane', 'b')]);
    assert.deepEqual([!pulled.ok && pulled.error.kind, attempts()], ['unknownOutcome', 1]);
  });

  it('has the words of the reference for a registry that is down and for a bad signature', async () => {
    for (const [word, what] of [
      ['RegistryUnavailable', 'the registry is unavailable'],
      ['SignatureValidationFailed', 'the signature validation failed'],
    ] as const) {
      fake.failNext('PullImage', { code: Code.UNKNOWN, details: `${word}: because`, mode: 'refuse' });
      const message = `image pull failed for ${FREE} because ${what}: because`;
      assert.deepEqual(await pull(FREE), { ok: false, error: { kind: 'refused', reason: word, message } });
    }
  });
});
