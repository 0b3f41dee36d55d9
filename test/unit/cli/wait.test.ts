import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Pod } from '../../../src/api/kubernetes.ts';
import { loadManifest } from '../../../src/manifest/load.ts';
import { eventually } from '../../support/eventually.ts';
import { type FakeRunner, fakeRunner, noteFor, runningPod } from '../server/fakeRunner.ts';
import { withDirectory } from '../server/unixHttp.ts';
import { runCli, withRunner } from './runCli.ts';

function inPhase(phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed', restartPolicy = 'Never' as const): Pod {
  const pod = runningPod('web');
  return {
    ...pod,
    spec: { containers: [], ...pod.spec, restartPolicy },
    status: { ...pod.status, phase, conditions: [{ type: 'Ready', status: phase === 'Running' ? 'True' : 'False' }] },
  };
}

function watched(runner: FakeRunner): Promise<unknown> {
  return eventually(
    async () => runner.subscribers,
    (count) => count > 0,
  );
}

describe('wait', () => {
  it('ends when the pod is ready, also one that was not there before', () => {
    const runner = fakeRunner();
    return withRunner(runner, async ({ run }) => {
      const waiting = run('wait', 'web', '--timeout', '60s');
      await watched(runner);
      const seen = runner.read();
      runner.change({ pods: [inPhase('Pending')] });
      await seen;
      runner.change({ pods: [inPhase('Running')] });
      assert.deepEqual(await waiting, { code: 0, out: 'web is ready\n', err: '' });
    });
  });

  it('says at once that a goal cannot be met any more', () =>
    withRunner(fakeRunner({ pods: [inPhase('Failed')] }), async ({ run }) => {
      for (const goal of ['ready', 'succeeded', 'running']) {
        const { code, err } = await run('wait', 'web', '--for', goal);
        assert.equal(code, 1);
        assert.match(err, new RegExp(`^error: web will not be ${goal}: Failed`));
      }
    }));

  it('a service never succeeds', () =>
    withRunner(fakeRunner({ pods: [runningPod('web')] }), async ({ run }) => {
      const { code, err } = await run('wait', 'web', '--for=succeeded');
      assert.deepEqual(
        [code, err],
        [1, 'error: web will not be succeeded: its restartPolicy is Always, so it never ends\n'],
      );
    }));

  it('success, deletion, several pods', () => {
    const runner = fakeRunner({ pods: [inPhase('Succeeded'), runningPod('db')] });
    return withRunner(runner, async ({ run }) => {
      assert.equal((await run('wait', 'web', '--for', 'succeeded')).out, 'web has succeeded\n');
      assert.equal((await run('wait', 'none', '--for=delete')).out, 'none is gone\n');
      await eventually(
        async () => runner.subscribers,
        (count) => count === 0,
      );
      const waiting = run('wait', '--all', '--for=deleted', '--timeout=60s');
      await watched(runner);
      runner.change({ pods: [] });
      assert.equal((await waiting).out, 'default/web-node1 is gone\ndefault/db-node1 is gone\n');
    });
  });

  it('when the time is over it says why', () =>
    withRunner(fakeRunner({ pods: [inPhase('Pending')] }), async ({ run }) => {
      const { code, err } = await run('wait', 'web', '--timeout', '200ms');
      assert.equal(code, 124);
      assert.match(err, /^error: Not ready within 0s:\n {2}web: /);
    }));

  it('the generation of the manifest as it stands on disk', () =>
    withDirectory(async (directory) => {
      const file = join(directory, 'web.yaml');
      const text = 'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: app, image: i}]}\n';
      await writeFile(file, text);
      const options = { file, location: file, source: 'file', nodeName: 'node1', mode: 'run' } as const;
      const uid = loadManifest(Buffer.from(text), options).pods[0]?.uid ?? '';
      const older = runningPod('web');
      const newer = { ...older, metadata: { ...older.metadata, uid } };
      const notes = { ...noteFor(older, { origin: `${file}:1` }), ...noteFor(newer, { origin: `${file}:1` }) };
      const runner = fakeRunner({ pods: [older], notes });
      await withRunner(runner, async ({ run }) => {
        const waiting = run('wait', 'web', '--for=generation', '--timeout=60s');
        await watched(runner);
        runner.change({ pods: [newer] });
        assert.equal((await waiting).out, 'default/web-node1 runs as its manifest says\n');
        await writeFile(file, text.replace('image', 'imagine'));
        const { code, err } = await run('wait', 'web', '--for=generation');
        assert.equal(code, 1);
        assert.match(err, /web\.yaml:4:\d+: Pod\/web: spec\.containers\[0\]\.imagine: unknown field/);
      });
    }));

  it('wrong usage', async () => {
    for (const args of [
      ['wait'],
      ['wait', 'web', '--for=peace'],
      ['wait', 'web', '--all'],
      ['wait', 'web', '--timeout=x'],
    ])
      assert.equal((await runCli(args)).code, 2, args.join(' '));
  });
});
