// Volumes that show an image: on containerd 2.1, which has them, and on an older one, which has not.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Pod } from '../../../src/api/kubernetes.ts';
import { whyNoRuntime } from '../../support/containerd.ts';
import { type DebianRegistry, startDebianRegistry, whyNoRegistry } from '../../support/debianRegistry.ts';
import { FOREVER, isRunning, Lab, note, QUICK_RESTARTS, shell, statusOf } from '../../support/lab.ts';
import { fetchContainerd } from '../../support/newerContainerd.ts';

const needs = whyNoRuntime() || (await whyNoRegistry());

function waitingOf(pod: Pod): string {
  const { reason = '', message = '' } = statusOf(pod, 'app')?.state?.waiting ?? {};
  return `${reason}: ${message}`;
}

const WHOLE = { name: 'data', mountPath: '/data' };
const PART = { name: 'data', mountPath: '/part', subPath: 'bin' };

function reader(...script: readonly string[]) {
  return { ...shell('app', ...script, FOREVER), volumeMounts: [WHOLE] };
}

async function scene(name: string, env: { readonly [name: string]: string }) {
  const registry = await startDebianRegistry();
  const lab = await Lab.open(name, { ...QUICK_RESTARTS, ...env });
  return { registry, lab };
}

async function close({ registry, lab }: { readonly registry: DebianRegistry; readonly lab: Lab }): Promise<void> {
  try {
    await lab.close();
  } finally {
    await registry[Symbol.asyncDispose]();
  }
}

const newer = needs === false ? await fetchContainerd('forky') : undefined;
describe('image volumes', { skip: needs || (newer?.ok === false && newer.error), concurrency: true }, () => {
  let at: Awaited<ReturnType<typeof scene>>;
  before(async () => {
    assert.ok(newer?.ok);
    at = await scene('image-volumes', { PATH: `${newer.value}:${process.env['PATH']}` });
  });
  after(() => close(at));

  test('a container reads the image and cannot write to it', async () => {
    const { lab, registry } = at;
    const reference = await registry.push('free/data', 1024);
    const app = reader(`[ $(wc -c </data/extra) = 1024 ] && ! touch /data/new && { ${note('read')}; }`, note('done'));
    await lab.give('reads', { containers: [app], volumes: [{ name: 'data', image: { reference } }] });
    await lab.untilNoted('reads', 'done');
    assert.deepEqual(await lab.story('reads'), ['read', 'done']);
  });

  test('a part of an image is shown, or the runtime is named that would show all of it', async () => {
    const { lab, registry } = at;
    const reference = await registry.push('free/part');
    const app = { ...reader(`[ -e /part/busybox ] && { ${note('read')}; }`), volumeMounts: [PART] };
    await lab.give('part', { containers: [app], volumes: [{ name: 'data', image: { reference } }] });
    const pod = await lab.until('part', (p) => isRunning(p) || waitingOf(p).startsWith('CreateContainerError'));
    if (isRunning(pod)) await lab.untilNoted('part', 'read');
    else assert.match(waitingOf(pod), /a subPath of an image volume needs containerd 2\.2 or CRI-O 1\.33/);
  });

  test('an image that is not there keeps the container waiting with the reference’s reasons', async () => {
    const { lab, registry } = at;
    const reference = `${registry.host}/free/absent:1`;
    await lab.give('absent', { containers: [reader(note('ran'))], volumes: [{ name: 'data', image: { reference } }] });
    await lab.until('absent', (pod) => waitingOf(pod).startsWith('ImagePullBackOff: Back-off pulling image'));
    const never = { reference, pullPolicy: 'Never' };
    await lab.give('never', { containers: [reader(note('ran'))], volumes: [{ name: 'data', image: never }] });
    await lab.until('never', (pod) => waitingOf(pod).startsWith('ErrImageNeverPull: '));
  });
});

describe('a runtime without image volumes', { skip: needs }, () => {
  let at: Awaited<ReturnType<typeof scene>>;
  before(async () => {
    at = await scene('no-image-volumes', {});
  });
  after(() => close(at));

  test('is named in the reason why the container cannot be created', async (t) => {
    const { lab, registry } = at;
    const reference = await registry.push('free/data');
    await lab.give('data', { containers: [reader(note('ran'))], volumes: [{ name: 'data', image: { reference } }] });
    const pod = await lab.until('data', (p) => isRunning(p) || waitingOf(p).startsWith('CreateContainerError'));
    if (isRunning(pod)) return t.skip('the containerd of this machine has image volumes');
    assert.match(waitingOf(pod), /^CreateContainerError: volume "data": image volumes need containerd 2\.1 or CRI-O/);
  });
});
