import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPullNews } from '../../../../src/cli/run/pullNews.ts';
import type { PodEvent, PullNote, RunnerSnapshot } from '../../../../src/ports/runner.ts';

const SINCE = '2026-01-01T00:00:00Z';

function pull(text: string): PullNote {
  return { container: 'app', image: 'reg.example/app:1', since: SINCE, text };
}

function event(message: string, podUid = 'u'): PodEvent {
  return { type: 'Normal', reason: 'Pulled', message, podUid, count: 1, firstTimestamp: SINCE, lastTimestamp: SINCE };
}

function snapshot(pulls: readonly PullNote[], events: readonly PodEvent[] = []): RunnerSnapshot {
  const note = {
    uid: 'u',
    key: 'default/web',
    display: '',
    origin: '',
    hash: '',
    ignoredFields: [],
    claims: [],
    probes: [],
    stopped: false,
  };
  const node = { name: 'node', runtimeReady: true, networkReady: true, runtime: '', sourcesReady: true };
  return { version: 1, pods: [], notes: { u: { ...note, pulls } }, troubles: [], events, node };
}

const BEGUN = 'Pulling image "reg.example/app:1"';

test('a pull is told when it begins, every ten seconds while it goes on, and when it has ended', () => {
  const { news } = createPullNews();
  assert.deepEqual(news(snapshot([]), 0), []);
  assert.deepEqual(news(snapshot([pull(BEGUN)]), 0), [`${BEGUN} (default/web)`]);
  assert.deepEqual(news(snapshot([pull(`${BEGUN}: 1MiB so far`)]), 4_000), []);
  assert.deepEqual(news(snapshot([pull(`${BEGUN}: 3MiB so far`)]), 10_000), [`${BEGUN}: 3MiB so far`]);
  assert.deepEqual(news(snapshot([pull(`${BEGUN}: 3MiB so far`)]), 30_000), []);
  const end = event(
    'Successfully pulled image "reg.example/app:1" in 31s (31s including waiting). Image size: 9 bytes.',
  );
  const others = [event('Created container: app'), event('Failed to pull image "reg.example/app:1": no', 'other')];
  assert.deepEqual(news(snapshot([], [end, ...others]), 31_000), [end.message]);
  assert.deepEqual(news(snapshot([], [end, ...others]), 41_000), []);
});

test('a pull that fails is told with its reason, and what it holds cannot reach the terminal', () => {
  const { news } = createPullNews();
  news(snapshot([pull(BEGUN)]), 0);
  const failed = event('Failed to pull image "reg.example/app:1": \u001b[2Jgone');
  assert.deepEqual(news(snapshot([], [failed]), 1), ['Failed to pull image "reg.example/app:1": \\u001b[2Jgone']);
});
