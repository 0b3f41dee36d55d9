import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { wantsColour } from '../../../src/cli/io.ts';
import { fakeRunner, noteFor, runningPod } from '../server/fakeRunner.ts';
import { withDirectory } from '../server/unixHttp.ts';
import { runCli, withRunner } from './runCli.ts';

const ENTRY = join(import.meta.dirname, '../../../src/cli/entry.ts');

const USAGE: readonly { readonly args: readonly string[]; readonly says: RegExp }[] = [
  { args: [], says: /^Usage: solopod / },
  { args: ['statsu'], says: /unknown command 'statsu'\n\(Did you mean status\?\)/ },
  { args: ['status', '--wide'], says: /unknown option '--wide'/ },
  { args: ['status', '-o', 'xml'], says: /'xml' is invalid. Allowed choices are wide, json, yaml, name/ },
  { args: ['--socket'], says: /option '--socket <PATH>' argument missing/ },
  { args: ['get'], says: /^Usage: solopod get / },
  { args: ['get', 'nodes'], says: /unknown command 'nodes'/ },
  { args: ['status', '-w', '--check'], says: /option '--check' cannot be used with option '-w, --watch'/ },
  {
    args: ['stop', 'web', '--no-wait', '--timeout', '5'],
    says: /option '--no-wait' cannot be used with option '--timeout <duration>'/,
  },
  { args: ['config'], says: /^Usage: solopod config / },
  { args: ['version', 'x'], says: /too many arguments/ },
];

for (const { args, says } of USAGE) {
  test(`solopod ${args.join(' ')} is wrong usage`, async () => {
    const { code, out, err } = await runCli(args);
    assert.deepEqual([code, out], [2, '']);
    assert.match(err, says);
  });
}

const ASKED: readonly { readonly args: readonly string[]; readonly says: RegExp }[] = [
  { args: ['--help'], says: /Exit codes:\n {2}0 {4}done/ },
  { args: ['help', 'status'], says: /^Usage: solopod status\|ps / },
  { args: ['status', '-h'], says: /Global Options:/ },
  { args: ['--version'], says: /^\d+\.\d+\.\d+\n$/ },
  { args: ['version'], says: /^solopod \d+\.\d+\.\d+\n$/ },
  { args: ['version', '-o', 'json'], says: /"version": "\d+\.\d+\.\d+"/ },
];

for (const { args, says } of ASKED) {
  test(`solopod ${args.join(' ')} answers and exits with 0`, async () => {
    const { code, out, err } = await runCli(args);
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, says);
  });
}

test('global flags stand before or after the verb', async () => {
  await withRunner(fakeRunner({ pods: [runningPod('web')] }), async ({ socketPath }) => {
    const before = await runCli(['--socket', socketPath, '--log-level', 'debug', 'status', '-o', 'name']);
    const after = await runCli(['status', '-o', 'name', '--log-level=debug', '--socket', socketPath]);
    assert.deepEqual([before, after], [after, { code: 0, out: 'pod/web-node1\n', err: '' }]);
  });
});

test('no runner is said with what to do about it', async () => {
  await withDirectory(async (directory) => {
    const socket = join(directory, 'none.sock');
    assert.deepEqual(await runCli(['status', '--socket', socket]), {
      code: 125,
      out: '',
      err: `error: No runner listens on ${socket}: start one with "solopod run", or name its socket with --socket\n`,
    });
  });
});

test('something else on the socket is not taken for a runner', async () => {
  await withDirectory(async (directory) => {
    const socket = join(directory, 'other.sock');
    const other = createServer((_, response) => response.end('<html>'));
    await new Promise<void>((resolve) => other.listen(socket, resolve));
    try {
      for (const args of [['status'], ['status', '-w']]) {
        assert.deepEqual(await runCli([...args, '--socket', socket]), {
          code: 125,
          out: '',
          err: `error: What answers at ${socket} is not a runner that this version understands\n`,
        });
      }
    } finally {
      other.close();
    }
  });
});

test('colour is for terminals, unless NO_COLOR or a dumb terminal forbids it', () => {
  assert.deepEqual(
    [
      wantsColour(true, {}),
      wantsColour(true, { NO_COLOR: '' }),
      wantsColour(true, { NO_COLOR: '1' }),
      wantsColour(true, { TERM: 'dumb' }),
      wantsColour(false, {}),
    ],
    [true, true, false, false, false],
  );
});

test('Ctrl-C ends a watch with 130', async () => {
  await withRunner(fakeRunner({ pods: [runningPod('web')] }), async ({ socketPath }) => {
    const watch = spawn(process.execPath, [ENTRY, 'status', '-w', '--socket', socketPath], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(watch, 'exit');
    await once(watch.stdout, 'data');
    watch.kill('SIGINT');
    assert.deepEqual(await exited, [130, null]);
  });
});

test('a command that followed pods ends by itself', async () => {
  const web = runningPod('web');
  const runner = fakeRunner({ pods: [web], notes: noteFor(web, { stopped: true, display: 'Stopped' }) });
  await withRunner(runner, async ({ socketPath }) => {
    const { stdout } = await promisify(execFile)(process.execPath, [ENTRY, 'stop', 'web', '--socket', socketPath]);
    assert.equal(stdout, 'web-node1 stopped\n');
  });
});

test('the entry file hands on the exit code and survives a closed pipe', async () => {
  const shell = promisify(execFile);
  const script = `"$0" "$1" version; echo $?; "$0" "$1" nonsense 2>/dev/null; echo $?; { "$0" "$1" --help; echo $? >&2; } | :`;
  const { stdout, stderr } = await shell('sh', ['-c', script, process.execPath, ENTRY]);
  assert.match(stdout, /^solopod \S+\n0\n2\n$/);
  assert.match(stderr, /^(0|141)\n$/);
});
