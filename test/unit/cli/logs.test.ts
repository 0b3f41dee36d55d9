import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import type { Pod } from '../../../src/api/kubernetes.ts';
import { createLineWriter, safeText } from '../../../src/cli/logs/logLines.ts';
import { createContainerLogs } from '../../../src/platform/containerLogs.ts';
import { type FakeRunner, fakeRunner, runningPod } from '../server/fakeRunner.ts';
import { withDirectory } from '../server/unixHttp.ts';
import { type CliScene, runCli, withRunner } from './runCli.ts';

interface LogScene extends CliScene {
  /** Lets a container have written lines in its n-th run. */
  wrote(pod: string, run: Run, ...lines: readonly string[]): Promise<void>;
}

interface Run {
  readonly attempt: number;
  readonly isRunning: boolean;
}

async function withLogs(runner: FakeRunner, body: (scene: LogScene) => Promise<void>): Promise<void> {
  await withDirectory(async (podLogsDir) => {
    const wrote = async (pod: string, { attempt, isRunning }: Run, ...lines: readonly string[]) => {
      const logPath = join(podLogsDir, `default_${pod}-node1_uid-${pod}`, 'app', `${attempt}.log`);
      await mkdir(dirname(logPath), { recursive: true });
      await writeFile(logPath, lines.map((line) => `2026-01-02T03:04:05Z stdout F ${line}\n`).join(''));
      const before = runner.instances(`uid-${pod}`).containers.map((held) => ({ ...held, isRunning: false }));
      const instance = { id: `${pod}-${attempt}`, name: 'app', attempt, isRunning, logPath };
      runner.held.set(`uid-${pod}`, { sandboxId: 's', containers: [instance, ...before] });
    };
    const backends = { logs: createContainerLogs({ podLogsDir }) };
    await withRunner(runner, (scene) => body({ ...scene, wrote }), backends);
  });
}

const ENDED: Run = { attempt: 0, isRunning: false };

describe('logs', () => {
  it('prints what one pod wrote, as it is', () =>
    withLogs(fakeRunner({ pods: [runningPod('web')] }), async ({ run, wrote }) => {
      await wrote('web', ENDED, 'one', '\u001b[2Jtwo');
      assert.deepEqual(await run('logs', 'web'), { code: 0, out: 'one\n\u001b[2Jtwo\n', err: '' });
      assert.equal((await run('logs', 'web', '--tail', '1')).out, '\u001b[2Jtwo\n');
      assert.equal((await run('logs', 'web', '--tail=-1', '--limit-bytes', '3')).out, 'one');
    }));

  it('keeps hostile output from steering a terminal, but leaves it its colours', () =>
    withLogs(fakeRunner({ pods: [runningPod('web')] }), async ({ runAt, wrote }) => {
      await wrote('web', ENDED, '\u001b]0;title\u0007x', '\u001b[31mred');
      const { out } = await runAt({ outIsTerminal: true }, 'logs', 'web');
      assert.equal(out, '\\u001b]0;title\\u0007x\n\u001b[31mred\u001b[0m\n');
      const raw = await runAt({ outIsTerminal: true }, 'logs', 'web', '--raw');
      assert.ok(raw.out.includes('\u001b]0;title'));
    }));

  it('puts a prefix before the lines of several pods, chosen by name or by label', () => {
    const pods = [labelled(runningPod('web'), 'a'), labelled(runningPod('db'), 'a'), runningPod('other')];
    return withLogs(fakeRunner({ pods }), async ({ run, wrote }) => {
      await wrote('web', ENDED, 'w1', 'w2');
      await wrote('db', ENDED, 'd1');
      await wrote('other', ENDED, 'o1');
      const both = '[web-node1/app] w1\n[web-node1/app] w2\n[db-node1/app] d1\n';
      assert.equal((await run('logs', 'web', 'db')).out, both);
      assert.equal((await run('logs', '-l', 'app=a')).out, both);
      assert.equal((await run('logs', 'db', '--prefix')).out, '[db-node1/app] d1\n');
      assert.deepEqual(await run('logs', '-l', 'app=none'), { code: 0, out: '', err: 'No pods.\n' });
    });
  });

  it('says which container it took, and knows the annotation for it', () => {
    const web = runningPod('web');
    const containers = [{ name: 'first', image: 'i' }, ...(web.spec?.containers ?? [])];
    const annotations = { 'kubectl.kubernetes.io/default-container': 'app' };
    const pod: Pod = { ...web, metadata: { ...web.metadata, annotations }, spec: { ...web.spec, containers } };
    return withLogs(fakeRunner({ pods: [pod] }), async ({ run, wrote }) => {
      await wrote('web', ENDED, 'x');
      assert.deepEqual(await run('logs', 'web'), {
        code: 0,
        out: 'x\n',
        err: 'Defaulted container "app" out of: first, app\n',
      });
      assert.deepEqual(await run('logs', 'web', '-c', 'second'), {
        code: 1,
        out: '',
        err: 'error: Pod "web-node1" has no container "second", only first, app\n',
      });
    });
  });

  it('follows over a restart until the pod is over', () => {
    const runner = fakeRunner({ pods: [runningPod('web')] });
    return withLogs(runner, async ({ runAt, wrote }) => {
      await wrote('web', ENDED, 'first');
      let step = 0;
      const { code, out } = await runAt(
        {
          wrote: (text) => {
            if (text === 'first\n' && step === 0) {
              step = 1;
              void wrote('web', { attempt: 1, isRunning: false }, 'second').then(() =>
                runner.change({ pods: [runningPod('web', { restarts: 1 })] }),
              );
            }
            if (text.endsWith('second\n') && step === 1) {
              step = 2;
              runner.change({ pods: [] });
            }
          },
        },
        'logs',
        '-f',
        'web',
      );
      assert.deepEqual([code, out], [0, 'first\nsecond\n']);
    });
  });

  const wrong: readonly (readonly string[])[] = [
    ['logs'],
    ['logs', 'web', '--tail', 'x'],
    ['logs', 'web', '--since', '-1s'],
    ['logs', 'web', '--since-time', 'noon'],
    ['logs', 'web', '-f', '-p'],
    ['logs', 'web', '-f', '--until', '2026-01-02T03:04:05Z'],
    ['logs', 'web', '-c', 'a', '--all-containers'],
    ['logs', 'web', '--since', '1s', '--since-time', '2026-01-02T03:04:05Z'],
  ];
  for (const args of wrong) {
    it(`${args.join(' ')} is wrong usage`, async () => assert.equal((await runCli(args)).code, 2));
  }

  it('no runner: 125', async () =>
    assert.equal((await runCli(['logs', 'web', '--socket', '/nonexistent/s.sock'])).code, 125));
});

describe('lines for a terminal', () => {
  it('invalid UTF-8, controls and marks that reorder text are shown as what they are', () => {
    assert.equal(safeText(Buffer.from('a\tb\r')), 'a\tb');
    assert.equal(safeText(Buffer.from([0x61, 0xff, 0x08])), 'a\ufffd\\u0008');
    assert.equal(safeText(Buffer.from('x\u202ey')), 'x\\u202ey');
  });

  it('a line of a megabyte is shown in pieces, each with its prefix', () => {
    const writer = createLineWriter({ prefix: '[p] ', isForTerminal: true });
    const chunks = Array.from({ length: 16 }, () => Buffer.from('x'.repeat(64 * 1024)));
    const shown = Buffer.concat([...chunks.map((chunk) => writer.push(chunk)), writer.end()]).toString();
    assert.equal(shown.replaceAll('[p] ', '').replaceAll('\n', ''), 'x'.repeat(1024 * 1024));
    assert.ok(shown.split('\n').every((line) => line === '' || (line.startsWith('[p] ') && line.length < 400_000)));
    assert.equal(Buffer.from(createLineWriter({ prefix: '> ', isForTerminal: false }).end()).toString(), '');
  });
});

function labelled(pod: Pod, app: string): Pod {
  return { ...pod, metadata: { ...pod.metadata, labels: { app } } };
}
