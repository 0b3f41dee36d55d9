// Crash-only: the runner is killed twenty times while twenty pods start. Afterwards every pod runs once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { whyNoRuntime } from '../support/containerd.ts';
import { containerIds, isReady, patientPod, Workplace } from '../support/solopod.ts';

const PODS = 20;
const KILLS = 20;

test('Killed twenty times while twenty pods start, it makes each of them once and loses none', {
  skip: whyNoRuntime(),
}, async (t) => {
  const place = await Workplace.make('kill9');
  t.after(() => place.abandon());
  for (let i = 0; i < PODS; i++) await place.give(`p${i}.yaml`, patientPod(`p${i}`));
  let known: readonly string[] = [];
  for (let round = 0; round < KILLS; round++) {
    place.start();
    // Later and later into the start, so that every step of it is cut short once.
    await sleep(250 + round * 100);
    const pods = await place.pods().catch(() => []);
    const running = containerIds(pods.filter(isReady));
    for (const id of known)
      if (pods.length === PODS && running.length >= known.length) assert.ok(running.includes(id), `${id} runs on`);
    known = running.length > known.length ? running : known;
    await place.end('SIGKILL');
  }
  place.start();
  const pods = await place.until((all) => all.length === PODS && all.every(isReady));
  for (const id of known) assert.ok(containerIds(pods).includes(id), 'what ran before the last kill runs on');
  assert.equal(new Set(containerIds(pods)).size, PODS);
  assert.deepEqual(await place.leave(), []);
});
