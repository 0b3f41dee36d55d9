import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { fakeRunner, runningPod } from '../server/fakeRunner.ts';
import { withDirectory } from '../server/unixHttp.ts';
import { runCli, withRunner } from './runCli.ts';

const FILE = `rootDir: state
logLevel: debug
crashLoopBackOff:
  maxContainerRestartPeriod: 1m
`;

async function withFile(text: string, body: (file: string, directory: string) => Promise<void>): Promise<void> {
  await withDirectory(async (directory) => {
    const file = join(directory, 'config.yaml');
    await writeFile(file, text);
    await body(file, directory);
  });
}

function setting(out: string, key: string): readonly string[] {
  const line = out.split('\n').find((candidate) => candidate.startsWith(`${key} `)) ?? '';
  return line.split(/ {3,}/);
}

test('config view prints value and origin: flag before environment before file before default', async () => {
  await withFile(FILE, async (file, directory) => {
    const env = { SOLOPOD_LOG_LEVEL: 'warn', SOLOPOD_NODE_NAME: 'edge1', SOLOPOD_SOCKTE: '/x' };
    const { code, out, err } = await runCli(['config', 'view', '--config', file, '--node-name', 'edge2'], { env });
    assert.equal(code, 0);
    assert.deepEqual(
      [
        'KEY',
        'nodeName',
        'logLevel',
        'rootDir',
        'crashLoopBackOff.maxContainerRestartPeriod',
        'clusterDomain',
        'podCIDR',
      ].map((key) => setting(out, key)),
      [
        ['KEY', 'VALUE', 'ORIGIN'],
        ['nodeName', 'edge2', 'flag --node-name'],
        ['logLevel', 'warn', 'environment SOLOPOD_LOG_LEVEL'],
        ['rootDir', join(directory, 'state'), `file ${file}:1`],
        ['crashLoopBackOff.maxContainerRestartPeriod', '1m0s', `file ${file}:4`],
        ['clusterDomain', '""', 'default'],
        ['podCIDR', '<none>', 'default'],
      ],
    );
    assert.match(err, /^warning: environment SOLOPOD_SOCKTE: .*did you mean "SOLOPOD_SOCKET"\?\n$/);
  });
});

test('config view -o json and -o yaml hold the same', async () => {
  await withFile(FILE, async (file) => {
    const json = JSON.parse((await runCli(['config', 'view', '--config', file, '-o', 'json'])).out);
    const yaml = parse((await runCli(['config', 'view', '--config', file, '-o', 'yaml'])).out);
    assert.deepEqual(json.logLevel, { value: 'debug', origin: `file ${file}:2` });
    assert.deepEqual(yaml, json);
  });
});

test('every problem of a configuration is told at once, with exit code 2', async () => {
  await withFile('logLevel: loud\nsockte: /x\n', async (file) => {
    for (const args of [['config', 'view'], ['status']]) {
      const { code, out, err } = await runCli([...args, '--config', file]);
      assert.deepEqual([code, out], [2, '']);
      assert.match(err, /config\.yaml:1:1: logLevel: must be one of /);
      assert.match(err, /config\.yaml:2:1: sockte: unknown key, did you mean "socket"\?/);
    }
  });
});

test('the socket may come from the configuration file or, before it, from the environment', async () => {
  await withRunner(fakeRunner({ pods: [runningPod('web')] }), async ({ socketPath }) => {
    await withFile(`socket: ${socketPath}\n`, async (file) => {
      assert.equal((await runCli(['status', '-o', 'name', '--config', file])).out, 'pod/web-node1\n');
    });
    await withFile('socket: /nowhere\n', async (file) => {
      const env = { SOLOPOD_SOCKET: socketPath };
      assert.equal((await runCli(['status', '-o', 'name', '--config', file], { env })).out, 'pod/web-node1\n');
    });
  });
});
