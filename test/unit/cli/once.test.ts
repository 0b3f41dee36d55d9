import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Pod } from '../../../src/api/kubernetes.ts';
import { formatJunit } from '../../../src/cli/once/junit.ts';
import { judgePod, outcomeOf } from '../../../src/cli/once/verdict.ts';
import { fakeRunner, READY_NODE, runningPod } from '../server/fakeRunner.ts';
import { NOW, runCli } from './runCli.ts';

type State = NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number]['state'];

function pod(name: string, restartPolicy: 'Always' | 'Never', more: Pod['status'] = {}, state?: State): Pod {
  const plain = runningPod(name);
  const containerStatuses = (plain.status?.containerStatuses ?? []).map((one) =>
    state === undefined ? one : { ...one, state },
  );
  return {
    ...plain,
    spec: { containers: [], ...plain.spec, restartPolicy },
    status: { ...plain.status, containerStatuses, ...more },
  };
}

const READY = pod('service', 'Always');
const UNREADY = pod('service', 'Always', { conditions: [{ type: 'Ready', status: 'False' }] });
const DONE = pod('job', 'Never', { phase: 'Succeeded' }, { terminated: { exitCode: 0 } });
const BUSY = pod('job', 'Never');
const FAILED = pod('job', 'Never', { phase: 'Failed' }, { terminated: { exitCode: 3 } });
const NO_IMAGE = pod('job', 'Never', { phase: 'Pending' }, { waiting: { reason: 'ErrImageNeverPull' } });

describe('when a run --once is over', () => {
  it('a service passes when it is ready, a job when it has succeeded', () => {
    const verdicts = [READY, UNREADY, DONE, BUSY, FAILED, NO_IMAGE].map((one) => judgePod(one, NOW));
    assert.deepEqual(verdicts, ['passed', 'open', 'passed', 'open', 'failed', 'failed']);
  });

  const cases: readonly (readonly [string, readonly Pod[], string | undefined, unknown])[] = [
    ['all passed', [READY, DONE], undefined, { kind: 'over', exitCode: 0 }],
    ['one is not ready', [UNREADY, DONE], undefined, { kind: 'open' }],
    ['one has failed', [UNREADY, FAILED], undefined, { kind: 'over', exitCode: 1 }],
    ['the code of a container', [UNREADY, FAILED], 'job/app', { kind: 'over', exitCode: 3 }],
    ['the code of a pod', [READY, DONE], 'job', { kind: 'over', exitCode: 0 }],
    ['the container has not ended', [READY, BUSY], 'job/app', { kind: 'open' }],
    [
      'it ended well beside one that failed',
      [DONE, { ...FAILED, metadata: { name: 'other', uid: 'o' } }],
      'job/app',
      { kind: 'over', exitCode: 1 },
    ],
    ['no pod', [], undefined, { kind: 'invalid', message: 'The manifests give no pod' }],
    [
      'an unknown pod',
      [READY],
      'none/app',
      { kind: 'wrong', failure: { exitCode: 2, message: '--exit-code-from none/app: There is no pod "none"' } },
    ],
  ];
  for (const [name, pods, codeFrom, expected] of cases) {
    it(name, () => assert.deepEqual(outcomeOf(fakeRunner({ pods }).snapshot(), { codeFrom, now: NOW }), expected));
  }

  it('a service that nobody asks has to last for a moment, one with a readiness probe has not', () => {
    const young = pod('young', 'Always', {}, { running: { startedAt: '2026-01-02T03:04:58Z' } });
    const containers = [{ name: 'app', image: 'i', readinessProbe: { tcpSocket: { port: 80 } } }];
    const asked = { ...young, spec: { ...young.spec, containers } };
    assert.deepEqual(
      [judgePod(young, NOW), judgePod(young, NOW + 1_000), judgePod(asked, NOW)],
      ['open', 'passed', 'passed'],
    );
  });

  it('nothing is judged before every source has delivered; what is refused ends it', () => {
    const node = { ...READY_NODE, sourcesReady: false };
    assert.deepEqual(outcomeOf(fakeRunner({ node }).snapshot(), { now: NOW }), { kind: 'open' });
    const troubles = [{ location: 'a.yaml', kind: 'rejected', message: 'x', diagnostics: [] }] as const;
    assert.equal(outcomeOf(fakeRunner({ pods: [READY], troubles }).snapshot(), { now: NOW }).kind, 'invalid');
  });

  it('wrong usage', async () => {
    for (const args of [
      ['run', '--once'],
      ['run', 'x', '--junit', 'f'],
      ['run', 'x', '--keep'],
      ['run', 'x', '--exit-code-from', 'a/b'],
      ['run', '--once', 'x', '--timeout', 'soon'],
    ])
      assert.equal((await runCli(args)).code, 2, args.join(' '));
  });
});

describe('JUnit', () => {
  it('one case per pod, with everything escaped that is markup or cannot be written', () => {
    const failure = { type: 'failed', message: 'a "b" <c>', text: 'x & \u001b[0m\uffff' };
    const cases = [
      { group: 'default', name: 'web', seconds: 1 },
      { group: 'default', name: 'job', seconds: 1, failure },
    ];
    assert.equal(
      formatJunit(cases, 1.5),
      `<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="2" failures="1" errors="0" skipped="0" time="1.500">
  <testsuite name="solopod" tests="2" failures="1" errors="0" skipped="0" time="1.500">
    <testcase classname="default" name="web" time="1.000"/>
    <testcase classname="default" name="job" time="1.000">
      <failure type="failed" message="a &quot;b&quot; &lt;c&gt;">x &amp; \ufffd[0m\ufffd</failure>
    </testcase>
  </testsuite>
</testsuites>
`,
    );
  });
});
