import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PodEvent } from '../../../src/ports/runner.ts';
import { fakeRunner, runningPod } from '../server/fakeRunner.ts';
import { withRunner } from './runCli.ts';

function event(pod: string | undefined, more: Partial<PodEvent> = {}): PodEvent {
  return {
    type: 'Normal',
    reason: 'Started',
    message: 'Started container app',
    ...(pod === undefined ? {} : { pod }),
    count: 1,
    firstTimestamp: '2026-01-02T03:04:00Z',
    lastTimestamp: '2026-01-02T03:04:30Z',
    ...more,
  };
}

const EVENTS = [
  event(undefined, { reason: 'NodeReady', message: 'ready' }),
  event('default/web-node1'),
  event('prod/db-node1', { type: 'Warning', reason: 'BackOff', message: 'no \u001b[2J', count: 3 }),
];
const PODS = [runningPod('web'), runningPod('db', { namespace: 'prod' })];

describe('events', () => {
  it('shows everything, oldest first, and nothing that steers a terminal', () =>
    withRunner(fakeRunner({ pods: PODS, events: EVENTS }), async ({ run }) => {
      const { out } = await run('events');
      assert.equal(
        out,
        `LAST SEEN           TYPE      REASON      OBJECT             MESSAGE
30s                 Normal    NodeReady   node               ready
30s                 Normal    Started     pod/web-node1      Started container app
30s (x3 over 60s)   Warning   BackOff     pod/prod/db-node1   no \\u001b[2J
`
          .replace('OBJECT             ', 'OBJECT              ')
          .replace('node               ready', 'node                ready')
          .replace('pod/web-node1      ', 'pod/web-node1       '),
      );
    }));

  it('of some pods, some namespace, some type, and as objects', () =>
    withRunner(fakeRunner({ pods: PODS, events: EVENTS }), async ({ run }) => {
      const reasons = async (...args: readonly string[]) =>
        JSON.parse((await run('events', '-o', 'json', ...args)).out).items.map(({ reason }: PodEvent) => reason);
      assert.deepEqual(await reasons('web'), ['Started']);
      assert.deepEqual(await reasons('-n', 'prod'), ['BackOff']);
      assert.deepEqual(await reasons('--types', 'Warning'), ['BackOff']);
      assert.deepEqual(await reasons('-A'), ['NodeReady', 'Started', 'BackOff']);
      assert.equal((await run('events', 'none')).code, 1);
    }));

  it('goes on with what is new, repeats included', () => {
    const runner = fakeRunner({ pods: PODS, events: EVENTS.slice(0, 1) });
    return withRunner(runner, async ({ runAt }) => {
      const interrupt = new AbortController();
      let step = 0;
      const { code, out } = await runAt(
        {
          interrupted: interrupt.signal,
          wrote: (text) => {
            if (step === 0 && text.includes('NodeReady')) {
              step = 1;
              runner.change({ events: EVENTS.slice(0, 2) });
            } else if (step === 1 && text.includes('Started')) {
              step = 2;
              runner.change({ events: [...EVENTS.slice(0, 1), event('default/web-node1', { count: 2 })] });
            } else if (step === 2 && text.includes('x2')) interrupt.abort();
          },
        },
        'events',
        '-w',
      );
      assert.equal(code, 130);
      assert.equal(out.trimEnd().split('\n').length, 4);
    });
  });
});
