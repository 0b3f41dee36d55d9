// What a container may do, and as whom: SECCTX, PRIV and the rows of N-MISC about security. One runner for all pods.
import assert from 'node:assert/strict';
import { readFile, readlink } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Container, PodSpec, SecurityContext } from '../../../src/api/kubernetes.ts';
import { whyNoRuntime } from '../../support/containerd.ts';
import { eventually } from '../../support/eventually.ts';
import { type TestImage, writeImages } from '../../support/images.ts';
import { FOREVER, isRunning, Lab, QUICK_RESTARTS, restartsOf, shell, statusOf } from '../../support/lab.ts';
import { rowsOf } from '../../support/rows.ts';
import type { Workplace } from '../../support/solopod.ts';

const PATIENCE_MS = 90_000;
const IMAGE = 'localhost/accounts:1';
const IMAGES: readonly TestImage[] = [
  { name: IMAGE },
  ...['1234', '1000:0', 'user', '0', '00', '+0', '4294967296', '0x0'].map((user, index) => ({
    name: `localhost/user-${index}:1`,
    user,
  })),
];
/** The container's last words are what the script prints. */
const say = (script: string): Container => shell('app', `{ ${script}; } >/dev/termination-log 2>&1`);
const withContext = (container: Container, securityContext: SecurityContext): Container => ({
  ...container,
  securityContext,
});

describe('security', { skip: whyNoRuntime(), concurrency: true }, () => {
  const { row } = rowsOf(import.meta.filename);
  let lab: Lab;
  before(async () => {
    const config = 'runtimeClasses: {plain: runc}\nallowedUnsafeSysctls: ["net.ipv4.conf.*"]\n';
    const prepare = (place: Workplace) => writeImages(path.join(place.root, 'images'), IMAGES);
    lab = await Lab.open('security', QUICK_RESTARTS, prepare, config);
  });
  after(() => lab.close());

  const ended = (name: string, app: Container, more: Partial<PodSpec> = {}) =>
    lab.ended(name, { ...more, containers: [app] });

  row('SECCTX-1', async () => {
    const app = withContext(say('id -u'), { runAsUser: 65534 });
    assert.deepEqual(await ended('secctx-1', app), ['Succeeded', '65534']);
  });

  row('SECCTX-2', async () => {
    const app = withContext(say('id -u'), { runAsUser: 0 });
    assert.deepEqual(await ended('secctx-2', app), ['Succeeded', '0']);
  });

  row('SECCTX-3', async () => {
    const app = withContext(say('touch /checkfile'), { readOnlyRootFilesystem: true });
    assert.deepEqual(await ended('secctx-3', app), ['Failed', 'touch: /checkfile: Read-only file system']);
  });

  row('SECCTX-4', async () => {
    const app = withContext(say('touch /checkfile'), { readOnlyRootFilesystem: false });
    assert.deepEqual(await ended('secctx-4', app), ['Succeeded', undefined]);
  });

  row('SECCTX-5', async () => {
    const app = withContext(say('ip link add dummy0 type bridge || true'), { privileged: false });
    const [phase, words] = await ended('secctx-5', app);
    assert.equal(phase, 'Succeeded');
    assert.match(words ?? '', /Operation not permitted/);
  });

  /** Real and effective user of a program that is root's, run by user 1000. */
  async function effectiveUser(name: string, context: SecurityContext): Promise<string | undefined> {
    const app = { ...say('/bin/as-owner /proc/self/status | grep Uid'), image: IMAGE };
    const [phase, words] = await ended(name, withContext(app, { runAsUser: 1000, ...context }));
    assert.equal(phase, 'Succeeded', words ?? 'no words');
    return words?.split(/\s+/)[2];
  }

  row('SECCTX-6', async () => assert.equal(await effectiveUser('secctx-6', {}), '0'));

  row('SECCTX-7', async () => {
    assert.equal(await effectiveUser('secctx-7', { allowPrivilegeEscalation: false }), '1000');
  });

  row('SECCTX-8', async () => {
    assert.equal(await effectiveUser('secctx-8', { allowPrivilegeEscalation: true }), '0');
  });

  row('PRIV-1', async () => {
    const script = 'ip link add probe1 type bridge && ip link del probe1 && echo could || echo could not';
    const app = withContext(say(script), { privileged: true });
    const other = { ...withContext(say(script), { privileged: false }), name: 'other' };
    const [, words] = await lab.ended('priv-1', { containers: [app, other] });
    const pod = await lab.until('priv-1', (p) => statusOf(p, 'other')?.state?.terminated !== undefined);
    assert.equal(words, 'could');
    assert.match(statusOf(pod, 'other')?.state?.terminated?.message ?? '', /not permitted\s+could not/);
  });

  row('N-MISC-1', async () => {
    const securityContext = { sysctls: [{ name: 'kernel.shm_rmid_forced', value: '1' }] };
    const app = say('cat /proc/sys/kernel/shm_rmid_forced');
    assert.deepEqual(await ended('n-misc-1', app, { securityContext }), ['Succeeded', '1']);
  });

  test('A sysctl that the configuration allows is set', async () => {
    const securityContext = { sysctls: [{ name: 'net/ipv4/conf/all/log_martians', value: '1' }] };
    const app = say('cat /proc/sys/net/ipv4/conf/all/log_martians');
    assert.deepEqual(await ended('sysctl-allowed', app, { securityContext }), ['Succeeded', '1']);
  });

  /** What is wrong with a manifest, by path. */
  async function refused(name: string, spec: Partial<PodSpec>): Promise<readonly string[]> {
    await lab.give(name, { containers: [shell('app', FOREVER)], ...spec });
    const found = await eventually(
      async () => (await lab.place.snapshot()).troubles.filter(({ location }) => location.endsWith(`/${name}.json`)),
      (troubles) => troubles.length > 0,
      PATIENCE_MS,
    );
    const errors = found.flatMap(({ diagnostics }) => diagnostics).filter(({ severity }) => severity === 'error');
    return [...new Set(errors.map((diagnostic) => diagnostic.path))];
  }

  row('N-MISC-2', async () => {
    const names = ['kernel.shmmax', 'foo-', 'net.ipv4.tcp_syncookies', 'bar..'];
    const sysctls = names.map((name) => ({ name, value: '1' }));
    const path = 'spec.securityContext.sysctls';
    assert.deepEqual(await refused('n-misc-2', { securityContext: { sysctls } }), [
      `${path}[1].name`,
      `${path}[3].name`,
    ]);
  });

  row('N-MISC-3', async () => {
    const securityContext = { sysctls: [{ name: 'kernel.msgmax', value: '10000000000' }] };
    await lab.give('n-misc-3', { securityContext, containers: [shell('app', FOREVER)] });
    const pod = await lab.until('n-misc-3', ({ status }) => status?.phase === 'Failed');
    assert.equal(pod.status?.reason, 'SysctlForbidden');
    assert.match(pod.status?.message ?? '', /forbidden sysctl: "kernel.msgmax" not allowlisted/);
  });

  row('N-MISC-4', async () => {
    await lab.give('n-misc-4', { runtimeClassName: 'nonexistent', containers: [shell('app', FOREVER)] });
    const pod = await lab.until('n-misc-4', ({ status }) => status?.phase === 'Failed');
    assert.equal(pod.status?.reason, 'RuntimeClassNotFound');
    assert.match(pod.status?.message ?? '', /"nonexistent" is not in the configuration .*: it names plain/);
    assert.deepEqual(await ended('n-misc-4-known', say('echo ran'), { runtimeClassName: 'plain' }), [
      'Succeeded',
      'ran',
    ]);
  });

  row('N-MISC-6', async () => {
    assert.deepEqual(await refused('n-misc-6', { ephemeralContainers: [{ name: 'e', image: IMAGE }] }), [
      'spec.ephemeralContainers',
    ]);
  });

  row('N-MISC-13', async () => {
    const app = say('cat /proc/self/uid_map');
    const [phase, words] = await ended('n-misc-13-host', app, { hostUsers: true });
    assert.deepEqual([phase, words?.split(/\s+/)], ['Succeeded', ['0', '0', '4294967295']]);
    await lab.give('n-misc-13', { hostUsers: false, restartPolicy: 'Never', containers: [app] });
    const pod = await lab.until('n-misc-13', ({ status }) => status?.phase !== 'Pending');
    if (pod.status?.phase === 'Failed') {
      assert.equal(pod.status.reason, 'PodFeatureUnsupported');
      return { skipped: 'this runtime has no user namespaces: the pod was refused and said so' };
    }
    const done = await lab.until('n-misc-13', ({ status }) => status?.phase === 'Succeeded');
    const map = statusOf(done, 'app')?.state?.terminated?.message?.trim().split(/\s+/) ?? [];
    assert.deepEqual([map[0], map[2], Number(map[1]) >= 65_536], ['0', '65536', true]);
    return undefined;
  });

  row('N-MISC-14', async () => {
    const app = { ...say('id -G'), image: IMAGE };
    const context = { runAsUser: 1000, supplementalGroups: [60_000] };
    const merge = { ...context, supplementalGroupsPolicy: 'Merge' };
    assert.deepEqual(await ended('n-misc-14-merge', app, { securityContext: merge }), [
      'Succeeded',
      '1000 50000 60000',
    ]);
    const strict = { ...context, supplementalGroupsPolicy: 'Strict' };
    await lab.give('n-misc-14', { securityContext: strict, restartPolicy: 'Never', containers: [app] });
    const pod = await lab.until(
      'n-misc-14',
      ({ status }) => status?.phase === 'Succeeded' || status?.phase === 'Failed',
    );
    if (pod.status?.phase === 'Failed') assert.equal(pod.status.reason, 'SupplementalGroupsPolicyNotSupported');
    else assert.equal(statusOf(pod, 'app')?.state?.terminated?.message?.trim(), '1000 60000');
  });

  row('N-MISC-18', async () => {
    const pod = { runAsUser: 1001, runAsGroup: 2002 };
    assert.deepEqual(await ended('n-misc-18-pod', say('id'), { securityContext: pod }), [
      'Succeeded',
      'uid=1001 gid=2002 groups=2002',
    ]);
    const app = withContext(say('id'), { runAsUser: 1003, runAsGroup: 2004 });
    assert.deepEqual(await ended('n-misc-18', app, { securityContext: pod }), [
      'Succeeded',
      'uid=1003 gid=2004 groups=2004',
    ]);
  });

  row('N-MISC-21', async () => {
    const namespaces = ['pid', 'ipc', 'net'] as const;
    const script = namespaces.map((kind) => `readlink /proc/self/ns/${kind}`).join('; ');
    const host = await Promise.all(namespaces.map((kind) => readlink(`/proc/self/ns/${kind}`)));
    const shared = async (name: string, spec: Partial<PodSpec>) => {
      const [, words = ''] = await ended(`n-misc-21-${name}`, say(script), spec);
      const links = words.split('\n');
      return namespaces.filter((_, index) => links[index] === host[index]);
    };
    assert.deepEqual(
      await Promise.all([
        shared('none', {}),
        shared('pid', { hostPID: true }),
        shared('ipc', { hostIPC: true }),
        shared('net', { hostNetwork: true }),
      ]),
      [[], ['pid'], ['ipc'], ['net']],
    );
    const seesOther = async (name: string, shareProcessNamespace: boolean) => {
      const other = shell('other', "trap 'exit 0' TERM", 'sleep 4242 & wait $!');
      const app = shell('app', 'while ! ps >/tmp/ps; do :; done; sleep 1; ps >/notes/ps', FOREVER);
      await lab.give(name, { shareProcessNamespace, containers: [other, app] });
      await lab.until(name, (pod) => isRunning(pod, 'app') && isRunning(pod, 'other'));
      const seen = await eventually(
        () => readFile(`${lab.notesDir}/${name}/ps`, 'utf8'),
        (text) => text !== '',
        PATIENCE_MS,
      );
      return /sleep 4242/.test(seen);
    };
    assert.deepEqual(await Promise.all([seesOther('n-misc-21-shared', true), seesOther('n-misc-21-apart', false)]), [
      true,
      false,
    ]);
  });

  row('N-MISC-22', async () => {
    const app = say('cat /proc/self/oom_score_adj');
    const guaranteed = { limits: { cpu: '100m', memory: '32Mi' } };
    const burstable = { requests: { memory: '16Mi' } };
    const scores = await Promise.all([
      ended('n-misc-22-besteffort', app),
      ended('n-misc-22-guaranteed', { ...app, resources: guaranteed }),
      ended('n-misc-22-burstable', { ...app, resources: burstable }),
    ]);
    const lowest = Math.max(-997, await lowestScore());
    assert.deepEqual(
      scores.map(([, words]) => Number(words)),
      [lowest, lowest, lowest],
    );
  });

  describe('of users that images ask for', { concurrency: true }, () => {
    const cases: readonly [string, RegExp | undefined][] = [
      ['1234', undefined],
      ['1000:0', undefined],
      ['user', /image has non-numeric user \(user\), cannot verify user is non-root/],
      ['0', /image will run as root/],
      ['00', /image will run as root/],
      ['+0', /image will run as root|cannot verify user is non-root/],
      ['4294967296', /cannot verify user is non-root|image will run as root/],
      ['0x0', /cannot verify user is non-root/],
    ];
    for (const [index, [user, complaint]] of cases.entries()) {
      test(`USER ${user} ${complaint === undefined ? 'is known to be' : 'is not known to be'} another than root`, async () => {
        const app = { ...shell('app', 'id -u', FOREVER), image: `localhost/user-${index}:1` };
        const name = `nonroot-${index}`;
        await lab.give(name, { securityContext: { runAsNonRoot: true }, containers: [app] });
        if (complaint === undefined) {
          const pod = await lab.until(name, (p) => isRunning(p));
          assert.match(await lab.place.log(pod, 'app'), new RegExp(` stdout F ${Number.parseInt(user, 10)}\n`));
          return;
        }
        const waiting = (p: Parameters<typeof statusOf>[0]) => statusOf(p, 'app')?.state?.waiting;
        const pod = await lab.until(name, (p) => waiting(p)?.reason === 'CreateContainerConfigError');
        assert.match(waiting(pod)?.message ?? '', complaint);
      });
    }
  });

  test('A container has the same user at each of its starts', async () => {
    const app = { ...shell('app', 'id -u; exit 1'), image: 'localhost/user-0:1' };
    await lab.give('same-user', { securityContext: { runAsNonRoot: true }, containers: [app] });
    const pod = await lab.until('same-user', (p) => restartsOf(p) >= 2);
    // Logs of earlier runs may be gone by now; that of the newest may not be written yet.
    const runs = [0, 1, 2, 3, 4].map((attempt) => lab.place.log(pod, 'app', attempt).catch(() => ''));
    const users = (await Promise.all(runs)).filter((text) => text !== '');
    assert.ok(users.length > 0);
    for (const text of users) assert.match(text, / stdout F 1234\n/);
  });

  test('A local seccomp profile that is not there keeps the container from starting, and says so', async () => {
    const seccompProfile = { type: 'Localhost', localhostProfile: 'absent.json' };
    await lab.give('seccomp-absent', { containers: [withContext(shell('app', FOREVER), { seccompProfile })] });
    const waiting = (p: Parameters<typeof statusOf>[0]) => statusOf(p, 'app')?.state?.waiting;
    const pod = await lab.until('seccomp-absent', (p) => waiting(p)?.message?.includes('absent.json') === true);
    assert.match(waiting(pod)?.message ?? '', /no such file/);
  });
});

/** Below this a process may only go with CAP_SYS_RESOURCE; the runtime does not ask for what it would not get. */
async function lowestScore(): Promise<number> {
  const status = await readFile('/proc/self/status', 'utf8');
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? '0'}`);
  const mayLower = ((effective >> 24n) & 1n) === 1n;
  return mayLower ? -997 : Number(await readFile('/proc/self/oom_score_adj', 'utf8'));
}
