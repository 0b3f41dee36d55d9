import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { ReadContainerStatus } from '../../../src/cri/messages.ts';
import { terminationMessage } from '../../../src/cri/terminationMessage.ts';

const directory = mkdtempSync(join(tmpdir(), 'solopod-message-'));
after(() => rmSync(directory, { recursive: true, force: true }));
let files = 0;

function fileWith(content: string): string {
  files += 1;
  const path = join(directory, String(files));
  writeFileSync(path, content);
  return path;
}

function status(more: {
  message?: string;
  exitCode?: number;
  policy?: string;
  written?: string;
  hostPath?: string;
  log?: string;
}): ReadContainerStatus {
  const { message = '', exitCode = 0, policy = 'File', written = '', log } = more;
  const logPath = log === undefined ? join(directory, 'no-log') : fileWith(log);
  return {
    id: 'id',
    metadata: { name: 'app', attempt: 0 },
    state: 'CONTAINER_EXITED',
    createdAt: 1n,
    startedAt: 1n,
    finishedAt: 1n,
    exitCode,
    image: null,
    imageRef: '',
    reason: '',
    message,
    labels: {},
    annotations: {
      'io.kubernetes.container.terminationMessagePath': '/dev/termination-log',
      'io.kubernetes.container.terminationMessagePolicy': policy,
    },
    mounts: [
      { containerPath: '/dev/termination-log', hostPath: fileWith('hidden by the mount after it') },
      { containerPath: '/dev/termination-log', hostPath: more.hostPath ?? fileWith(written) },
      { containerPath: '/etc/hosts', hostPath: fileWith('hosts') },
    ],
    logPath,
  };
}

const LOG = '2026-01-01T00:00:00Z stderr F out of cheese\n';

describe('terminationMessage', () => {
  it('is what the container wrote', async () => {
    assert.equal(await terminationMessage(status({ written: 'done\n' })), 'done\n');
  });
  it('is undefined where neither runtime nor container says anything', async () => {
    assert.equal(await terminationMessage(status({})), undefined);
  });
  it('joins the runtime’s message and the container’s', async () => {
    assert.equal(await terminationMessage(status({ message: 'killed', written: 'bye' })), 'killed: bye');
  });
  it('is the last 4096 bytes of a long one', async () => {
    const message = await terminationMessage(status({ written: `${'x'.repeat(9000)}end` }));
    assert.deepEqual([message?.length, message?.slice(-4)], [4096, 'xend']);
  });
  it('is the end of the log after a failure, where the policy says so and nothing was written', async () => {
    const policy = 'FallbackToLogsOnError';
    assert.equal(await terminationMessage(status({ policy, exitCode: 1, log: LOG })), 'out of cheese\n');
    assert.equal(await terminationMessage(status({ policy, exitCode: 0, log: LOG })), undefined);
    assert.equal(await terminationMessage(status({ policy, exitCode: 1, log: LOG, written: 'own' })), 'own');
    assert.equal(await terminationMessage(status({ policy: 'File', exitCode: 1, log: LOG })), undefined);
    assert.equal(await terminationMessage(status({ policy, exitCode: 1 })), undefined);
  });
  it('takes at most 80 lines and 2048 bytes of the log', async () => {
    const policy = 'FallbackToLogsOnError';
    const lines = Array.from({ length: 200 }, (_, index) => `2026-01-01T00:00:00Z stdout F ${index}\n`).join('');
    assert.equal((await terminationMessage(status({ policy, exitCode: 1, log: lines })))?.split('\n')[0], '120');
    const long = `2026-01-01T00:00:00Z stdout F ${'x'.repeat(5000)}\n`;
    assert.equal((await terminationMessage(status({ policy, exitCode: 1, log: long })))?.length, 2048);
  });
  it('S-FS-10 does not follow a link, does not wait for a pipe, and says when it cannot read', async () => {
    const link = join(directory, 'link');
    symlinkSync('/etc/passwd', link);
    assert.match(
      (await terminationMessage(status({ hostPath: link }))) ?? '',
      /^Error on reading termination log .*ELOOP/,
    );
    const pipe = join(directory, 'pipe');
    execFileSync('mkfifo', [pipe]);
    assert.equal(await terminationMessage(status({ hostPath: pipe })), undefined);
    const folder = join(directory, 'folder');
    mkdirSync(folder);
    assert.match(
      (await terminationMessage(status({ hostPath: folder }))) ?? '',
      /^Error on reading termination log .*EISDIR/,
    );
  });
});
