// The embedded runtime on a real kernel: three releases of containerd with the same code, real networking, and the host
// compared with before. Needs root, runc, the CNI plugins and iptables; the newer releases come from Debian's mirror.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { startEmbedded } from '../../src/platform/embedded/embedded.ts';
import { bridgeMac } from '../../src/platform/embedded/network.ts';
import { importImages } from '../../src/platform/imageImport.ts';
import { run } from '../../src/platform/run.ts';
import { startContainerd, whyNoRuntime, writeBusyboxArchive } from '../support/containerd.ts';
import { eventually } from '../support/eventually.ts';
import { fetchContainerd, type Suite } from '../support/newerContainerd.ts';
import { connectRawCri, containerStates, removePod, runWebPod } from '../support/rawCri.ts';

const RELEASES: readonly { readonly release: string; readonly suite?: Suite }[] = [
  { release: 'the host' },
  { release: 'Debian trixie (1.7)', suite: 'trixie' },
  { release: 'Debian forky (2.x)', suite: 'forky' },
];
const HOST_PORT = 18080;

describe('embedded runtime', { skip: whyNoRuntime() }, () => {
  for (const { release, suite } of RELEASES) {
    it(`keeps a pod with a host port running over the death of containerd of ${release}, and leaves nothing`, async (t) => {
      const binDir = await binDirOf(t, suite);
      if (binDir === 'skip') return;
      const containerd = await startContainerd({ test: t, name: 'pod', ...binDir });
      const { embedded, rootDir } = containerd;
      const cri = connectRawCri(embedded.endpoint);
      const pod = await runWebPod(cri, { name: 'web', hostPort: HOST_PORT, logDirectory: join(rootDir, 'logs') });
      const atStart = await eventually(page, (text) => text !== '');
      const pid = embedded.pid();
      process.kill(pid, 'SIGKILL');
      const restarted = await eventually(
        async () => embedded.pid(),
        (now) => now !== pid,
      );
      const states = await eventually(
        () => containerStates(cri),
        () => true,
      );
      const atEnd = await page();
      await removePod(cri, pod);
      cri.close();
      const leftovers = await containerd.stop();
      assert.deepEqual(
        { atStart, states, atEnd, leftovers, events: containerd.events },
        {
          atStart: 'web',
          states: { [pod.container]: 'CONTAINER_RUNNING' },
          atEnd: 'web',
          leftovers: [],
          events: [
            { kind: 'exited', pid, how: 'signal SIGKILL', restartInMs: 200 },
            { kind: 'restarted', pid: restarted },
          ],
        },
      );
    });

    it(`removes what still runs when containerd of ${release} is stopped with its pods`, async (t) => {
      const binDir = await binDirOf(t, suite);
      if (binDir === 'skip') return;
      const containerd = await startContainerd({ test: t, name: 'abrupt', ...binDir });
      const cri = connectRawCri(containerd.embedded.endpoint);
      await runWebPod(cri, { name: 'web', hostPort: HOST_PORT, logDirectory: join(containerd.rootDir, 'logs') });
      cri.close();
      assert.deepEqual(await containerd.stop(), []);
    });
  }

  it('is taken over with its pods by the next start, and replaced when it hangs', async (t) => {
    const first = await startContainerd({ test: t, name: 'adopt' });
    const { rootDir } = first;
    const cri = connectRawCri(first.embedded.endpoint);
    const pod = await runWebPod(cri, { name: 'web', hostPort: HOST_PORT, logDirectory: join(rootDir, 'logs') });
    await eventually(page, (text) => text === 'web');
    await first.embedded.leave();
    const second = await startAgain(rootDir);
    await second.leave();
    process.kill(second.pid(), 'SIGSTOP');
    const third = await startAgain(rootDir);
    const states = await eventually(
      () => containerStates(cri),
      () => true,
    );
    const text = await page();
    await removePod(cri, pod);
    cri.close();
    await third.stop({ cleanup: false });
    const leftovers = await first.stop();
    assert.deepEqual(
      {
        adopted: [first.embedded.adopted, second.adopted, third.adopted],
        samePid: [second.pid() === first.embedded.pid(), third.pid() === second.pid()],
        states,
        text,
        leftovers,
      },
      {
        adopted: [false, true, false],
        samePid: [true, false],
        states: { [pod.container]: 'CONTAINER_RUNNING' },
        text: 'web',
        leftovers: [],
      },
    );
  });

  it('removes the sockets that dead shims left, and no others', async (t) => {
    const containerd = await startContainerd({ test: t, name: 'sockets' });
    const [dead, alive] = ['dead', 'alive'].map((name) => join('/run/containerd/s', `solopod-test-${name}`));
    await mkdir('/run/containerd/s', { recursive: true });
    const listen = "require('node:net').createServer().listen(process.argv[1], () => console.log('listens'))";
    for (const path of [dead, alive]) {
      await rm(String(path), { force: true });
      const listener = spawn(process.execPath, ['-e', listen, String(path)], { stdio: ['ignore', 'pipe', 'inherit'] });
      t.after(async () => {
        listener.kill();
        await rm(String(path), { force: true });
      });
      await once(listener.stdout, 'data', { signal: AbortSignal.timeout(10_000) });
      if (path === alive) continue;
      listener.kill('SIGKILL');
      await once(listener, 'exit');
    }
    assert.deepEqual(await containerd.stop(), ['shim sockets: + solopod-test-alive']);
  });

  it('shares a host with a second one: other bridge, other addresses', async (t) => {
    const one = await startContainerd({ test: t, name: 'one' });
    const two = await startContainerd({ test: t, name: 'two' });
    const networks = [one.embedded.network, two.embedded.network];
    const leftovers = [await two.stop(), await one.stop()];
    assert.notEqual(networks[0]?.bridge, networks[1]?.bridge);
    assert.notEqual(networks[0]?.subnet, networks[1]?.subnet);
    assert.deepEqual(leftovers, [[], []]);
  });

  it('works where the file system carries no overlay, and below a very long path', async (t) => {
    const base = await mkdtemp(join(await realpath(tmpdir()), 'solopod-test-native-'));
    const [lower, upper, work, merged] = ['lower', 'upper', 'work', 'merged'].map((name) => join(base, name));
    for (const folder of [lower, upper, work, merged]) await mkdir(String(folder));
    const options = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
    const mounted = await run('mount', ['-t', 'overlay', 'overlay', '-o', options, String(merged)]);
    // Where not even this overlay can be mounted, every folder is of the wanted kind already.
    const rootDir = join(
      mounted.ok ? String(merged) : base,
      'a-folder-with-a-name-that-is-too-long-for-a-socket',
      'x'.repeat(60),
    );
    const containerd = await startContainerd({ test: t, name: 'native', rootDir });
    const cri = connectRawCri(containerd.embedded.endpoint);
    const pod = await runWebPod(cri, { name: 'web', hostPort: HOST_PORT, logDirectory: join(rootDir, 'logs') });
    const text = await eventually(page, (answer) => answer !== '');
    await removePod(cri, pod);
    cri.close();
    const leftovers = await containerd.stop();
    if (mounted.ok) await run('umount', [String(merged)]);
    await rm(base, { recursive: true, force: true });
    const { snapshotter } = containerd.embedded.importTarget;
    assert.deepEqual({ text, snapshotter, leftovers }, { text: 'web', snapshotter: 'native', leftovers: [] });
    assert.match(containerd.embedded.endpoint, /^unix:\/\/\/run\/solopod-[0-9a-f]{8}\/containerd\.sock$/);
  });

  it('imports every good archive of a folder beside a bad one, and each only once', async (t) => {
    const containerd = await startContainerd({ test: t, name: 'images' });
    const directory = join(containerd.rootDir, 'more-images');
    await writeBusyboxArchive(directory);
    await run('gzip', ['--keep', join(directory, 'busybox.tar')]);
    await writeFile(join(directory, 'bad.tar'), 'this is no archive');
    await writeFile(
      join(directory, 'cut.tgz'),
      (await readFile(join(directory, 'busybox.tar.gz'))).subarray(0, 99_999),
    );
    const folder = { directory, recordFile: join(containerd.rootDir, 'record.json') };
    const { importTarget } = containerd.embedded;
    const signal = new AbortController().signal;
    const first = await importImages(importTarget, folder, signal);
    const second = await importImages(importTarget, folder, signal);
    assert.deepEqual(await containerd.stop(), []);
    const outcomes = [first, second].map((result) =>
      result.ok ? result.value.map(({ file, outcome }) => [basename(file), outcome]) : result.error,
    );
    const expected = (good: string) => [
      ['bad.tar', 'failed'],
      ['busybox.tar', good],
      ['busybox.tar.gz', good],
      ['cut.tgz', 'failed'],
    ];
    assert.deepEqual(outcomes, [expected('imported'), expected('present')]);
    const bad = first.ok ? first.value[0] : undefined;
    const reason = 'ctr failed with exit code 1: ctr: unexpected EOF';
    const file = join(directory, 'bad.tar');
    assert.deepEqual(bad, { file, outcome: 'failed', message: `Cannot import ${file}: ${reason}` });
  });

  it('says what is wrong and leaves nothing when containerd does not start', async () => {
    const rootDir = await mkdtemp(join(tmpdir(), 'solopod-test-broken-'));
    const binDir = join(rootDir, 'bin');
    await mkdir(binDir);
    const script =
      '#!/bin/sh\n[ "$1" = --version ] && { echo containerd github.com/containerd/containerd v2.1.0; exit; }\n';
    await writeFile(join(binDir, 'containerd'), `${script}echo "containerd: no such luck" >&2\nexit 3\n`, {
      mode: 0o755,
    });
    const started = await startEmbedded(
      { rootDir, binDir, env: process.env, report: () => undefined },
      new AbortController().signal,
    );
    const log = join(await realpath(rootDir), 'containerd', 'containerd.log');
    const links = await run('ip', ['-o', 'link']);
    const mac = bridgeMac(await realpath(rootDir));
    await rm(rootDir, { recursive: true, force: true });
    const reason = 'containerd 2.1.0 does not start (exit code 3): containerd: no such luck';
    assert.deepEqual(started, { ok: false, error: `${reason}; its log is ${log}` });
    assert.deepEqual([links.ok, links.ok && links.value.includes(mac)], [true, false]);
  });
});

async function page(): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${HOST_PORT}/`);
  return (await response.text()).trim();
}

async function startAgain(rootDir: string) {
  const started = await startEmbedded(
    { rootDir, env: process.env, report: () => undefined },
    new AbortController().signal,
  );
  if (!started.ok) throw new Error(started.error);
  return started.value;
}

/** Options for a release; 'skip' (and the test marked so) where it cannot be fetched. */
async function binDirOf(t: TestContext, suite: Suite | undefined): Promise<{ readonly binDir?: string } | 'skip'> {
  if (suite === undefined) return {};
  const fetched = await fetchContainerd(suite);
  if (fetched.ok) return { binDir: fetched.value };
  t.skip(fetched.error);
  return 'skip';
}
