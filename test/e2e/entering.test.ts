// What a person does inside real pods: exec, attach, port-forward, cp, through the runtime's streaming server and at a
// real terminal. One runner for the whole file.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { whyNoRuntime } from '../support/containerd.ts';
import { eventually } from '../support/eventually.ts';
import { FOREVER, Lab, restartsOf, shell } from '../support/lab.ts';
import { atTerminal } from '../support/pty.ts';
import { startCommand } from '../support/running.ts';
import { PROGRAM } from '../support/solopod.ts';

const skip = whyNoRuntime();
const run = promisify(execFile);

describe('entering', { skip, concurrency: true }, () => {
  let lab: Lab;
  before(async () => {
    lab = await Lab.open('entering');
    await Promise.all([
      lab.give('web', {
        containers: [
          {
            ...shell('app', 'mkdir /www; echo hello >/www/index.html; exec httpd -f -p 8080 -h /www'),
            ports: [{ name: 'http', containerPort: 8080 }],
          },
          shell('second', FOREVER),
        ],
      }),
      lab.give('reader', {
        containers: [{ ...shell('app', 'while read line; do echo "got $line"; done; echo end'), stdin: true }],
      }),
    ]);
    await lab.place.untilReady('web', 'reader');
  });
  after(() => lab?.close());

  /** A line for sh that runs a verb against the lab's runner. */
  const line = (...args: readonly string[]) =>
    [PROGRAM, ...lab.place.commandLine(...args)].map((word) => `'${word}'`).join(' ');

  test('exec passes output, both streams apart, and the exit code', async () => {
    const { place } = lab;
    const ran = await place.call('exec', 'web', '-q', '--', 'sh', '-c', 'echo out; echo err >&2; exit 7');
    assert.deepEqual(ran, { code: 7, out: 'out\n', err: 'err\n' });
    const defaulted = await place.call('exec', 'web', '--', 'hostname');
    assert.deepEqual(defaulted, { code: 0, out: 'web-node\n', err: 'Defaulted container "app" out of: app, second\n' });
    assert.equal((await place.call('exec', 'web', '-q', '--', 'no-such-command')).code, 127);
    assert.equal((await place.call('exec', 'web', '-q', '--', '/www/index.html')).code, 126);
    const none = await place.call('exec', 'web', '-c', 'third', '--', 'true');
    assert.deepEqual(none, {
      code: 1,
      out: '',
      err: 'error: Pod "web-node" has no container "third", only app, second\n',
    });
  });

  test('exec -i hands over standard input, its end, and megabytes in both directions', async () => {
    const counting = startCommand(lab.place, 'exec', '-iq', 'web', '--', 'wc', '-c');
    counting.stdin.end(Buffer.alloc(3 * 1024 * 1024, 'x'));
    assert.equal(await counting.ended, 0);
    assert.equal(counting.out.trim(), String(3 * 1024 * 1024));
    const echoing = startCommand(lab.place, 'exec', '-iq', 'web', '--', 'sh', '-c', 'cat; exit 3');
    echoing.stdin.end('y'.repeat(3 * 1024 * 1024));
    assert.equal(await echoing.ended, 3);
    assert.equal(echoing.out.length, 3 * 1024 * 1024);
  });

  test('exec -it works at a terminal: its size, Ctrl-C for the container, and the terminal is given back', async () => {
    const folder = path.join(lab.notesDir, 'terminal');
    await mkdir(folder);
    const terminal = atTerminal(
      `tty >${folder}/tty; stty cols 90 rows 30; stty -a >${folder}/before; ` +
        `${line('exec', '-it', 'web', '-q', '--', 'sh')}; echo "code $?"; stty -a >${folder}/after`,
    );
    await terminal.untilScreen(/# /);
    terminal.type('stty size\r');
    await terminal.untilScreen(/30 90/);
    const tty = (await readFile(`${folder}/tty`, 'utf8')).trim();
    await run('stty', ['-F', tty, 'cols', '101', 'rows', '41']);
    await eventually(
      async () => {
        terminal.type('stty size\r');
        return terminal.screen;
      },
      (screen) => screen.includes('41 101'),
    );
    terminal.type('sleep 1000\r');
    await eventually(
      () => lab.place.call('exec', 'web', '-q', '--', 'ps'),
      ({ out }) => out.includes('sleep 1000'),
    );
    terminal.type('\u0003');
    terminal.type('echo still $((40 + 2))\r');
    await terminal.untilScreen(/still 42/);
    terminal.type('exit 5\r');
    await terminal.untilScreen(/code 5/);
    assert.equal(await terminal.ended, 0);
    const [before, after] = await Promise.all(['before', 'after'].map((name) => readFile(`${folder}/${name}`, 'utf8')));
    assert.equal(after?.replace('rows 41; columns 101', 'rows 30; columns 90'), before);
  });

  test('A terminal is given back when exec -it is killed', async () => {
    const folder = path.join(lab.notesDir, 'killed');
    await mkdir(folder);
    const terminal = atTerminal(
      `stty -a >${folder}/before; sh -c 'echo $$ >${folder}/pid; exec "$@"' sh ${line('exec', '-it', 'web', '-q', '--', 'sh')}; ` +
        `echo "code $?"; stty -a >${folder}/after`,
    );
    await terminal.untilScreen(/# /);
    process.kill(Number(await readFile(`${folder}/pid`, 'utf8')), 'SIGTERM');
    await terminal.untilScreen(/code 143/);
    await terminal.ended;
    assert.equal(await readFile(`${folder}/after`, 'utf8'), await readFile(`${folder}/before`, 'utf8'));
  });

  test('attach shows what is written from now on and hands over lines; leaving does not end the container', async () => {
    const attached = startCommand(lab.place, 'attach', '-iq', 'reader');
    await eventually(
      async () => {
        attached.stdin.write('one\n');
        return attached.out;
      },
      (out) => out.includes('got one\n'),
    );
    assert.equal(await attached.end('SIGINT'), 130);
    const pod = lab.pod('reader');
    assert.equal(pod === undefined ? -1 : restartsOf(pod), 0);
    assert.match((await lab.place.call('logs', 'reader')).out, /got one/);
  });

  test('port-forward carries many connections at once, by number and by name', async () => {
    const forwarding = startCommand(lab.place, 'port-forward', 'web', ':8080', ':http', ':9999');
    const shown = await forwarding.untilOut(/(Forwarding from .*\n){3}/);
    const ports = [...shown.matchAll(/127\.0\.0\.1:(\d+) -> (\d+)/g)].map(([, local, remote]) => [local, remote]);
    assert.deepEqual(
      ports.map(([, remote]) => remote),
      ['8080', '8080', '9999'],
    );
    const pages = Array.from({ length: 20 }, (_, i) => page(`http://127.0.0.1:${ports[i % 2]?.[0]}/`));
    assert.deepEqual(new Set(await Promise.all(pages)), new Set(['hello\n']));
    await assert.rejects(page(`http://127.0.0.1:${ports[2]?.[0]}/`));
    await eventually(
      async () => forwarding.err,
      (err) => /^Port 9999: .*refused/m.test(err),
    );
    assert.equal(await forwarding.end('SIGINT'), 130);
  });

  test('cp copies files and folders in both directions, long names and modes included', async () => {
    const { place } = lab;
    const folder = path.join(lab.notesDir, 'copied');
    const long = `${'n'.repeat(120)}.txt`;
    await mkdir(path.join(folder, 'tree', 'sub'), { recursive: true });
    await writeFile(path.join(folder, 'tree', 'a b.txt'), 'a', { mode: 0o640 });
    await writeFile(path.join(folder, 'tree', 'sub', long), 'x'.repeat(100_000), { mode: 0o755 });
    await symlink('/etc/passwd', path.join(folder, 'tree', 'link'));
    const call = async (...args: readonly string[]) => {
      const done = await place.call('cp', '-c', 'second', ...args);
      assert.equal(done.code, 0, done.err);
      return done;
    };
    await call(path.join(folder, 'tree'), 'web:/tmp');
    await call(path.join(folder, 'tree', 'a b.txt'), 'web:/tmp/renamed');
    const seen = await place.call(
      'exec',
      'web',
      '-qc',
      'second',
      '--',
      'sh',
      '-c',
      'cd /tmp; cat renamed; find tree | sort',
    );
    assert.equal(seen.out, `atree\ntree/a b.txt\ntree/link\ntree/sub\ntree/sub/${long}\n`);
    const back = await call('web:/tmp/tree', path.join(folder, 'back'));
    assert.match(back.err, /^Skipped \.\/tree\/link: neither a file nor a directory$/m);
    assert.deepEqual((await readdir(path.join(folder, 'back'), { recursive: true })).sort(), [
      'a b.txt',
      'sub',
      `sub/${long}`,
    ]);
    assert.equal((await readFile(path.join(folder, 'back', 'sub', long))).length, 100_000);
    assert.equal((await stat(path.join(folder, 'back', 'sub', long))).mode & 0o777, 0o755);
    const missing = await place.call('cp', 'web:/none', folder, '-c', 'second');
    assert.equal(missing.code, 1);
    assert.match(missing.err, /none: No such file or directory/);
  });
});

function page(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { timeout: 30_000 }, (response) => resolve(text(response))).on('error', reject);
  });
}
