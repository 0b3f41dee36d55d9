// Images from a real registry, with and without a password, failing and slow: RUNT-10 and RTCONF-1 of the census, and what
// people are told. One program, one registry, many pods.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Pod } from '../../../src/api/kubernetes.ts';
import { whyNoRuntime } from '../../support/containerd.ts';
import {
  type DebianRegistry,
  PASSWORD,
  startDebianRegistry,
  USER,
  whyNoRegistry,
} from '../../support/debianRegistry.ts';
import { isRunning, Lab, patient, QUICK_RESTARTS, statusOf } from '../../support/lab.ts';
import { rowsOf } from '../../support/rows.ts';

const MIB = 2 ** 20;
const skip = whyNoRuntime() || (await whyNoRegistry());

describe('images', { skip, concurrency: true }, () => {
  const { row } = rowsOf(import.meta.filename);
  let lab: Lab;
  let registry: DebianRegistry;
  before(async () => {
    registry = await startDebianRegistry();
    lab = await Lab.open('images', QUICK_RESTARTS);
  });
  after(async () => {
    try {
      await lab.close();
    } finally {
      await registry[Symbol.asyncDispose]();
    }
  });

  /** A Secret with a login for the registry, as `docker login` writes it. */
  async function giveSecret(name: string, password: string): Promise<void> {
    const text = JSON.stringify({ auths: { [registry.host]: { auth: btoa(`${USER}:${password}`) } } });
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name },
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': btoa(text) },
    };
    await lab.place.give(`secret-${name}.json`, JSON.stringify(secret));
  }

  async function give(name: string, image: string, more: { policy?: string; secrets?: readonly string[] } = {}) {
    const { policy = 'Always', secrets = [] } = more;
    await lab.give(name, {
      containers: [{ ...patient('app'), image, imagePullPolicy: policy }],
      imagePullSecrets: secrets.map((secret) => ({ name: secret })),
    });
  }

  function waitingReason(pod: Pod): string {
    return statusOf(pod, 'app')?.state?.waiting?.reason ?? '';
  }

  async function untilPullFails(name: string): Promise<string> {
    const pod = await lab.until(name, (p) => ['ErrImagePull', 'ImagePullBackOff'].includes(waitingReason(p)));
    assert.equal(pod.status?.phase, 'Pending');
    return statusOf(pod, 'app')?.state?.waiting?.message ?? '';
  }

  function told(name: string, reason: string): readonly string[] {
    return lab.events(name).flatMap((e) => (e.reason === reason ? [e.message] : []));
  }

  row('RUNT-10', async () => {
    const image = await registry.push('private/with-secret');
    await giveSecret('login', PASSWORD);
    await give('runt-10', image, { secrets: ['login'] });
    await lab.until('runt-10', (pod) => isRunning(pod));
    assert.match(told('runt-10', 'Pulled')[0] ?? '', /^Successfully pulled image ".*\/private\/with-secret:1" in /);
  });

  test('a wrong password is refused by the registry, and the password is told nowhere', async () => {
    const image = await registry.push('private/wrong-password');
    await giveSecret('wrong', 'hunter2-wrong');
    await give('wrong-password', image, { secrets: ['wrong'] });
    assert.match(await untilPullFails('wrong-password'), /401 Unauthorized|authorization failed/);
    const shown = JSON.stringify([await lab.place.snapshot(), lab.place.output]);
    for (const secret of ['hunter2-wrong', PASSWORD, btoa(`${USER}:hunter2-wrong`), btoa(`${USER}:${PASSWORD}`)])
      assert.ok(!shown.includes(secret), 'nothing secret is shown');
  });

  test('a pull secret that is missing is told, and the pod starts by itself when it appears', async () => {
    const image = await registry.push('private/late-secret');
    await give('late-secret', image, { secrets: ['late'] });
    await untilPullFails('late-secret');
    assert.deepEqual(told('late-secret', 'FailedToRetrieveImagePullSecret'), [
      'Unable to retrieve some image pull secrets (late); attempting to pull the image may not succeed.',
    ]);
    await giveSecret('late', PASSWORD);
    await lab.until('late-secret', (pod) => isRunning(pod));
  });

  test('pods of one image fetch it once', async () => {
    const image = await registry.push('free/shared', 2 * MIB);
    registry.moods.set('free/shared', { kind: 'slow', rate: 2 * MIB });
    const names = ['shared-1', 'shared-2', 'shared-3', 'shared-4'];
    await Promise.all(names.map((name) => give(name, image, { policy: 'IfNotPresent' })));
    for (const name of names) await lab.until(name, (pod) => isRunning(pod));
    const pulled = names.flatMap((name) => told(name, 'Pulled')).map((message) => message.replace(/ in .*/, ''));
    assert.deepEqual(pulled.toSorted(), [
      ...names.slice(1).map(() => `Container image "${image}" already present on machine`),
      `Successfully pulled image "${image}"`,
    ]);
  });

  test('a registry that fails is tried again, and the reason is told as the reference tells it', async () => {
    const image = await registry.push('free/failing');
    registry.moods.set('free/failing', { kind: 'fail', status: 500 });
    await give('failing', image);
    assert.match(await untilPullFails('failing'), /500 Internal Server Error/);
    const inBackOff = await lab.until('failing', (pod) => waitingReason(pod) === 'ImagePullBackOff');
    const { message = '' } = statusOf(inBackOff, 'app')?.state?.waiting ?? {};
    assert.ok(message.startsWith(`Back-off pulling image "${image}": ErrImagePull: `), message);
    assert.deepEqual(told('failing', 'BackOff'), [`Back-off pulling image "${image}"`]);
    registry.moods.delete('free/failing');
    await lab.until('failing', (pod) => isRunning(pod));
  });

  test('a connection that is cut again and again in the middle of a layer is taken up where it was', async () => {
    const image = await registry.push('free/cut', MIB);
    registry.moods.set('free/cut', { kind: 'cut', after: MIB / 4 });
    await give('cut', image);
    await lab.until('cut', (pod) => isRunning(pod));
  });

  test('a connection that is always cut at once is a failed pull, and the next one may be better', async () => {
    const image = await registry.push('free/torn', MIB);
    registry.moods.set('free/torn', { kind: 'cut', after: 0 });
    await give('torn', image);
    await untilPullFails('torn');
    registry.moods.delete('free/torn');
    await lab.until('torn', (pod) => isRunning(pod));
  });

  test('a slow pull holds back no other pod', async () => {
    const slow = await registry.push('free/crawling', 4 * MIB);
    const quick = await registry.push('free/quick');
    registry.moods.set('free/crawling', { kind: 'slow', rate: MIB / 4 });
    await give('crawling', slow);
    await lab.untilEvent('crawling', (e) => e.reason === 'Pulling');
    await give('quick', quick);
    await lab.until('quick', (pod) => isRunning(pod));
    assert.ok(!isRunning(lab.pod('crawling') ?? {}), 'the slow one still waits');
    await lab.take('crawling');
    await lab.untilGone('crawling');
  });

  test('an image that is here starts with its registry gone, unless it is to be asked each time', async () => {
    const image = await registry.push('free/offline');
    await give('offline', image);
    await lab.until('offline', (pod) => isRunning(pod));
    registry.moods.set('free/offline', { kind: 'fail', status: 503 });
    await give('offline-here', image, { policy: 'IfNotPresent' });
    await give('offline-never', image, { policy: 'Never' });
    await give('offline-always', image);
    await lab.until('offline-here', (pod) => isRunning(pod));
    await lab.until('offline-never', (pod) => isRunning(pod));
    await untilPullFails('offline-always');
  });

  test('names that cannot be pulled say why', async () => {
    await give('never', `${registry.host}/free/never:1`, { policy: 'Never' });
    await lab.until('never', (pod) => waitingReason(pod) === 'ErrImageNeverPull');
    await give('absent', `${registry.host}/free/absent:1`);
    assert.match(await untilPullFails('absent'), /not found/);
  });

  row('RTCONF-1', async () => {
    const image = await registry.push('private/node-login');
    // With its path, so that it is no login for the other tests.
    const auths = { [`${registry.host}/private/node-login`]: { username: USER, password: PASSWORD } };
    await writeFile(path.join(lab.place.root, 'config.json'), JSON.stringify({ auths }), { mode: 0o600 });
    await give('rtconf-1', image);
    await lab.until('rtconf-1', (pod) => isRunning(pod));
    assert.deepEqual(told('rtconf-1', 'UnusableRegistryCredentials'), []);
  });
});
