import assert from 'node:assert/strict';
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { createContainerLogs } from '../../../src/platform/containerLogs.ts';
import { fakeRunner, runningPod } from './fakeRunner.ts';
import { type Scene, withServer } from './scene.ts';
import { ask, open, withDirectory } from './unixHttp.ts';

const LINES = ['one', 'two', 'three'].map((text, i) => `2026-01-02T03:04:0${i}Z stdout F ${text}\n`).join('');
const PLACE = '/containerLogs/default/web-node1/app';

interface LogScene extends Scene {
  readonly logPath: string;
  setRunning(isRunning: boolean): void;
}

/** A pod whose container runs for the second time; the first time it wrote "before". */
async function withLogs(body: (scene: LogScene) => Promise<void>): Promise<void> {
  await withDirectory(async (podLogsDir) => {
    const logPath = join(podLogsDir, 'default_web-node1_uid-web', 'app', '1.log');
    const previousPath = logPath.replace('1.log', '0.log');
    await mkdir(dirname(logPath), { recursive: true });
    await writeFile(logPath, LINES);
    await writeFile(previousPath, '2026-01-02T03:04:00Z stderr F before\n');
    const pod = runningPod('web', { restarts: 1 });
    const [status] = pod.status?.containerStatuses ?? [];
    const lastState = { terminated: { exitCode: 1, containerID: 'containerd://web-0' } };
    const statuses = status === undefined ? [] : [{ ...status, lastState }];
    const spec = { ...pod.spec, containers: [...(pod.spec?.containers ?? []), { name: 'slow', image: 'i' }] };
    const runner = fakeRunner({ pods: [{ ...pod, spec, status: { ...pod.status, containerStatuses: statuses } }] });
    const setRunning = (isRunning: boolean) => {
      runner.held.set('uid-web', {
        sandboxId: 's',
        containers: [
          { id: 'web-1', name: 'app', attempt: 1, isRunning, logPath },
          { id: 'web-0', name: 'app', attempt: 0, isRunning: false, logPath: previousPath },
        ],
      });
    };
    setRunning(true);
    const backends = { logs: createContainerLogs({ podLogsDir }) };
    await withServer((scene) => body({ ...scene, logPath, setRunning }), { runner, backends });
  });
}

describe('/containerLogs', () => {
  const answers: readonly (readonly [string, string, string])[] = [
    ['everything', '', 'one\ntwo\nthree\n'],
    ['the last lines', 'tailLines=1', 'three\n'],
    ['with times', 'tailLines=1&timestamps=true', '2026-01-02T03:04:02.000000000Z three\n'],
    ['since a time', 'sinceTime=2026-01-02T03:04:01Z', 'two\nthree\n'],
    ['until a time', 'untilTime=2026-01-02T03:04:01Z', 'one\n'],
    ['some seconds back', 'sinceSeconds=1', ''],
    ['some bytes', 'limitBytes=5', 'one\nt'],
    ['one stream', 'stream=Stderr', ''],
    ['the instance before', 'previous=true', 'before\n'],
  ];
  for (const [name, query, expected] of answers) {
    it(`gives ${name}`, () =>
      withLogs(async ({ socketPath }) => {
        const { code, body, headers } = await ask(socketPath, `${PLACE}?${query}`);
        assert.deepEqual([code, body, headers['content-type']], [200, expected, 'text/plain']);
      }));
  }

  it('follows until the container is over', () =>
    withLogs(async ({ socketPath, logPath, setRunning }) => {
      const response = await open(socketPath, `${PLACE}?follow=true&tailLines=1`);
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) {
        text += chunk;
        if (text === 'three\n') await appendFile(logPath, '2026-01-02T03:05:00Z stdout F four\n');
        if (text.endsWith('four\n')) setRunning(false);
      }
      assert.equal(text, 'three\nfour\n');
    }));

  it('ends what it follows when the server closes', () =>
    withLogs(async ({ socketPath, close }) => {
      const response = await open(socketPath, `${PLACE}?follow=true`);
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) {
        text += chunk;
        if (text.endsWith('three\n')) await close();
      }
      assert.equal(text, 'one\ntwo\nthree\n');
    }));

  const refusals: readonly (readonly [string, number, string])[] = [
    ['/containerLogs/default/none/app', 404, 'pod "none" does not exist in namespace "default"'],
    ['/containerLogs/other/web-node1/app', 404, 'pod "web-node1" does not exist in namespace "other"'],
    ['/containerLogs/default/web-node1/none', 404, 'container "none" not found in pod "web-node1"'],
    ['/containerLogs/default/web-node1/slow', 400, 'container "slow" in pod "web-node1" is waiting to start'],
    [
      '/containerLogs/default/web-node1/slow?previous=1',
      400,
      'previous terminated container "slow" in pod "web-node1" not found',
    ],
    [`${PLACE}?tailLines=x`, 400, 'The parameter "tailLines" must be a whole number from 0 on, got "x"'],
    [`${PLACE}?sinceSeconds=0`, 400, 'The parameter "sinceSeconds" must be a whole number from 1 on, got "0"'],
    [`${PLACE}?limitBytes=0`, 400, 'The parameter "limitBytes" must be a whole number from 1 on, got "0"'],
    [`${PLACE}?follow=perhaps`, 400, 'The parameter "follow" must be true or false, got "perhaps"'],
    [
      `${PLACE}?sinceTime=noon`,
      400,
      'The parameter "sinceTime" must be a time such as 2026-01-31T12:00:00Z, got "noon"',
    ],
    [`${PLACE}?stream=Both`, 400, 'The parameter "stream" must be All, Stdout or Stderr, got "Both"'],
    [
      `${PLACE}?sinceSeconds=1&sinceTime=2026-01-02T03:04:01Z`,
      400,
      'The parameters "sinceSeconds" and "sinceTime" exclude each other',
    ],
    [
      `${PLACE}?follow=1&untilTime=2026-01-02T03:04:01Z`,
      400,
      'The parameters "follow" and "untilTime" exclude each other',
    ],
  ];
  for (const [path, code, message] of refusals) {
    it(`refuses ${path}`, () =>
      withLogs(async ({ socketPath }) => {
        const answer = await ask(socketPath, path);
        assert.deepEqual([answer.code, JSON.parse(answer.body).message], [code, message]);
      }));
  }
});
