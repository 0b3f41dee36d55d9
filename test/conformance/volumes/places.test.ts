// Directories that containers write to: EMPTY, HOSTP, VOLMGR and the rows about parts of volumes; claims, limits, and
// volumes that cannot be had.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Container, EnvVar, Volume } from '../../../src/api/kubernetes.ts';
import { whyNoRuntime } from '../../support/containerd.ts';
import { eventually } from '../../support/eventually.ts';
import { FOREVER, isRunning, Lab, note, restartsOf, shell, statusOf } from '../../support/lab.ts';
import {
  assertLines,
  finalPrint,
  type Line,
  linesOf,
  mounted,
  type Part,
  SharedPods,
  script,
} from '../../support/prints.ts';
import { rowsOf } from '../../support/rows.ts';
import type { RowId } from '../census.ts';

const DISK: Omit<Volume, 'name'> = { emptyDir: {} };
const MEMORY: Omit<Volume, 'name'> = { emptyDir: { medium: 'Memory' } };
const DIR_FACTS = ['stat -c %A /v', 'stat -f -c %T /v'];
const FILE_FACTS = ['cat /v/file', 'stat -c "%A %u" /v/file'];
const CREATE: { readonly [mode: string]: string } = {
  '-rw-r--r--': 'umask 022; echo content >/v/file',
  '-rw-rw-rw-': 'umask 0; echo content >/v/file',
  '-rwxrwxrwx': 'umask 0; echo content >/v/file; chmod 777 /v/file',
};
const TEST_TIMEOUT = { timeout: 180_000 };
const claim = (name: string, spec: object = {}): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
  });
const claimed = (claimName: string, readOnly?: true): Volume => ({
  name: 'data',
  persistentVolumeClaim: { claimName, ...(readOnly ? { readOnly } : {}) },
});
const AT_V = { volumeMounts: [{ name: 'data', mountPath: '/v' }] };

describe('places', { skip: whyNoRuntime(), concurrency: true }, () => {
  const { row } = rowsOf(import.meta.filename);
  const pods = new SharedPods().pod('prints', { hostNetwork: true });
  let lab: Lab;
  before(async () => {
    lab = await Lab.open('places');
    await mkdir(hostDir(), { recursive: true });
    await lab.place.give('objects.json', OBJECTS);
    await pods.give(lab);
  });
  after(() => lab.close());

  const hostDir = () => path.join(path.dirname(lab.place.root), 'host');

  function prints(id: RowId, part: Part, expected: readonly Line[]): void {
    const container = pods.add('prints', id, part);
    row(id, async () => assertLines(await finalPrint(lab, 'prints', container), expected));
  }

  // --- emptyDir ---

  for (const [first, volume, fs] of [
    [1, MEMORY, 'tmpfs'],
    [8, DISK, undefined],
  ] as const) {
    const id = (n: number) => `EMPTY-${first + n}` as RowId & string;
    const type: Line = fs ?? /^(?!tmpfs)/;
    prints(id(0), script(DIR_FACTS, mounted(id(0), volume)), [fs === undefined ? 'drwxrwxrwx' : 'drwxrwxrwt', type]);
    for (const [offset, uid] of [
      [1, 0],
      [4, 1001],
    ] as const) {
      for (const [index, [mode, create]] of Object.entries(CREATE).entries()) {
        const row = id(offset + index);
        const part = script([create, ...FILE_FACTS, DIR_FACTS[1] ?? ''], mounted(row, volume));
        prints(row, { ...part, securityContext: { runAsUser: uid } }, ['content', `${mode} ${uid}`, type]);
      }
    }
  }

  prints(
    'N-MISC-23',
    script(
      ['df -k /v | tail -1 | tr -s " " | cut -d " " -f 2'],
      mounted('N-MISC-23', { emptyDir: { medium: 'Memory', sizeLimit: '10Mi' } }),
    ),
    ['10240'],
  );

  row('VOLMGR-1', async () => {
    const volumes = [{ name: 'ram', ...MEMORY }];
    const app = { ...shell('app', 'echo done >/v/x'), volumeMounts: [{ name: 'ram', mountPath: '/v' }] };
    await lab.give('volmgr-1', { hostNetwork: true, restartPolicy: 'Never', volumes, containers: [app] });
    const pod = await lab.until('volmgr-1', (p) => p.status?.phase === 'Succeeded');
    const directory = path.join(lab.place.root, 'pods', pod.metadata?.uid ?? '', 'volumes/kubernetes.io~empty-dir/ram');
    await eventually(
      async () => existsSync(directory),
      (exists) => !exists,
    );
    assert.equal(lab.pod('volmgr-1')?.status?.phase, 'Succeeded');
    assert.ok(!(await readFile('/proc/self/mountinfo', 'utf8')).includes(directory));
  });

  test(
    'A pod whose emptyDir grows beyond its limit is evicted; a smaller one and one in memory are left alone',
    TEST_TIMEOUT,
    async () => {
      const volumes = [
        { name: 'data', emptyDir: { sizeLimit: '1Mi' } },
        { name: 'ram', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
      ];
      const volumeMounts = [...AT_V.volumeMounts, { name: 'ram', mountPath: '/ram' }];
      const filler = (name: string, kib: number): Container => ({
        ...shell(
          name,
          `dd if=/dev/zero of=/v/file bs=1k count=${kib} 2>/dev/null`,
          'dd if=/dev/zero of=/ram/file bs=1k count=2048 2>/dev/null',
          FOREVER,
        ),
        volumeMounts,
      });
      await lab.give('small', { hostNetwork: true, volumes, containers: [filler('app', 512)] });
      await lab.give('large', { hostNetwork: true, volumes, containers: [filler('app', 4096)] });
      const evicted = await lab.until('large', (p) => p.status?.phase === 'Failed');
      const { reason, message } = evicted.status ?? {};
      assert.deepEqual(
        { reason, message },
        { reason: 'Evicted', message: 'Usage of EmptyDir volume "data" exceeds the limit "1Mi". ' },
      );
      assert.equal(lab.events('large').find((e) => e.reason === 'Evicted')?.type, 'Warning');
      const directory = path.join(lab.place.root, 'pods', evicted.metadata?.uid ?? '');
      await eventually(
        async () => existsSync(directory),
        (exists) => !exists,
      );
      assert.ok(isRunning(lab.pod('small') ?? {}));
    },
  );

  // --- hostPath ---

  const HOST = () => ({ hostPath: { path: hostDir() } });
  const tmp = pods.add(
    'prints',
    'HOSTP-1',
    script([DIR_FACTS[0] ?? ''], mounted('HOSTP-1', { hostPath: { path: '/tmp' } })),
  );
  row('HOSTP-1', async () => {
    const [mode] = await finalPrint(lab, 'prints', tmp);
    assert.match(mode ?? '', /^drwxrwxrw[tT]$/);
    assert.equal((await stat('/tmp')).mode & 0o1777, 0o1777);
  });

  for (const [id, subPath] of [
    ['HOSTP-2', undefined],
    ['HOSTP-3', 'sub-path'],
  ] as const) {
    row(id, async () => {
      const name = id.toLowerCase();
      const part = subPath === undefined ? {} : { subPath: `${name}/${subPath}` };
      const inside = subPath === undefined ? name : `${name}/${subPath}`;
      const volumes = [{ name: 'data', ...HOST() }];
      const writer = {
        ...shell(
          'writer',
          `mkdir -p /v/${inside}; echo mount-tester >/v/${inside}/test-file; chmod 644 /v/${inside}/test-file`,
        ),
        ...AT_V,
      };
      const file = subPath === undefined ? `/v/${name}/test-file` : '/v/test-file';
      const reader = {
        ...shell('reader', `until cat ${file} 2>/dev/null; do sleep 0.1; done; stat -c %A ${file}`),
        volumeMounts: [{ name: 'data', mountPath: '/v', ...part }],
      };
      await lab.give(name, { hostNetwork: true, restartPolicy: 'Never', volumes, containers: [writer, reader] });
      assert.deepEqual(await finalPrint(lab, name, 'reader'), ['mount-tester', '-rw-r--r--']);
    });
  }

  // --- parts of volumes ---

  row('N-MISC-24', async () => {
    const downward = { items: [{ path: 'name', fieldRef: { fieldPath: 'metadata.name' } }] };
    const sources: { readonly [name: string]: readonly [Omit<Volume, 'name'>, subPath: string, content: string] } = {
      secret: [{ secret: { secretName: 'parts' } }, 'secret-key', 'secret-value'],
      map: [{ configMap: { name: 'parts' } }, 'map-key', 'map-value'],
      'map-over-file': [{ configMap: { name: 'parts' } }, 'map-key', 'map-value'],
      downward: [{ downwardAPI: downward }, 'name', 'n-misc-24-node'],
      projected: [
        { projected: { sources: [{ configMap: { name: 'parts', items: [{ key: 'map-key', path: 'deep/er' }] } }] } },
        'deep/er',
        'map-value',
      ],
    };
    const volumes = Object.entries(sources).map(([name, [source]]) => ({ name, ...source }));
    const containers = Object.entries(sources).map(([name, [, subPath]]) => {
      // In place of a file that would be there, too.
      const mountPath = name === 'map-over-file' ? '/etc/hosts' : '/part';
      return { ...shell(name, `cat ${mountPath}; echo`), volumeMounts: [{ name, mountPath, subPath }] };
    });
    await lab.give('n-misc-24', { hostNetwork: true, restartPolicy: 'Never', volumes, containers });
    for (const [name, [, , content]] of Object.entries(sources)) {
      assert.deepEqual(await finalPrint(lab, 'n-misc-24', name), [content], name);
    }
  });

  row('N-MISC-25', async () => {
    const volumes = [{ name: 'data', emptyDir: {} }];
    const expanding = (name: string, env: readonly EnvVar[], lines: readonly string[]): Container => ({
      ...shell(name, ...lines),
      env,
      volumeMounts: [{ name: 'data', mountPath: '/part', subPathExpr: '$(PART)' }, ...AT_V.volumeMounts],
    });
    const given = (name: string, value: string): Container => expanding(name, [{ name: 'PART', value }], ['ls /v']);
    const own = [{ name: 'PART', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }];
    await lab.give('n-misc-25', {
      hostNetwork: true,
      restartPolicy: 'Never',
      volumes,
      containers: [
        expanding('works', own, ['ls /v', 'echo written >/part/file', 'cat /v/n-misc-25-node/file']),
        given('back-tick', '..'),
        given('absolute', '/tmp'),
      ],
    });
    const pod = await lab.until('n-misc-25', (p) =>
      ['back-tick', 'absolute'].every((name) => statusOf(p, name)?.state?.waiting?.message !== undefined),
    );
    for (const [name, why] of [
      ['back-tick', 'must not contain ".."'],
      ['absolute', 'must not be an absolute path'],
    ] as const) {
      const { reason, message = '' } = statusOf(pod, name)?.state?.waiting ?? {};
      assert.equal(reason, 'CreateContainerConfigError');
      assert.ok(message.startsWith(`failed to prepare subPath for volumeMount "data" of container "${name}"`), message);
      assert.ok(message.includes(why), message);
    }
    assert.deepEqual(await finalPrint(lab, 'n-misc-25', 'works'), ['n-misc-25-node', 'written']);

    const mending = (annotations: { readonly [key: string]: string }) =>
      lab.give('n-misc-25-mended', {
        hostNetwork: true,
        metadata: { uid: 'mended-with-a-uid-of-its-own', annotations },
        volumes,
        containers: [
          expanding(
            'app',
            [{ name: 'PART', valueFrom: { fieldRef: { fieldPath: "metadata.annotations['part']" } } }],
            ['ls /v', FOREVER],
          ),
        ],
      });
    await mending({});
    const waiting = await lab.until(
      'n-misc-25-mended',
      (p) => statusOf(p, 'app')?.state?.waiting?.message !== undefined,
    );
    assert.match(statusOf(waiting, 'app')?.state?.waiting?.message ?? '', /missing value for PART$/);
    await mending({ part: 'mended' });
    await lab.until('n-misc-25-mended', (p) => isRunning(p));
    assert.deepEqual(await linesOf(lab, { pod: 'n-misc-25-mended', container: 'app', count: 1 }), ['mended']);
  });

  // --- claims ---

  test(
    'A claim keeps its data over pods, is listed with who uses it, and goes by an explicit word only',
    TEST_TIMEOUT,
    async () => {
      const writer = (text: string): Container => ({
        ...shell('app', `echo ${text} >>/v/log`, 'cat /v/log', FOREVER),
        ...AT_V,
      });
      const give = (text: string) =>
        lab.give('keeper', { hostNetwork: true, volumes: [claimed('keep')], containers: [writer(text)] });
      await lab.place.give('keep.json', claim('keep', { storageClassName: 'fast' }));
      await give('one');
      await lab.until('keeper', (p) => isRunning(p));
      await lab.take('keeper');
      await lab.untilGone('keeper');
      await give('two');
      assert.deepEqual(await linesOf(lab, { pod: 'keeper', container: 'app', count: 2 }), ['one', 'two']);
      const listed = async () =>
        (
          JSON.parse((await lab.place.call('volume', 'ls', '-o', 'json')).out) as readonly {
            name: string;
            status: string;
            storage: string;
            pods: readonly string[];
          }[]
        ).find(({ name }) => name === 'keep');
      const { status, storage, pods } = (await listed()) ?? {};
      assert.deepEqual({ status, storage, pods }, { status: 'Bound', storage: '1Gi', pods: ['default/keeper-node'] });
      assert.match((await lab.place.call('status', 'keeper')).out, /^Claims: +keep \(1Gi\)$/m);
      const refused = await lab.place.call('volume', 'rm', 'keep');
      assert.equal(refused.code, 1);
      assert.match(refused.err, /Volume default\/keep is used by pod default\/keeper-node: stop or remove it first/);
      await lab.place.take('keep.json');
      await lab.take('keeper');
      await lab.untilGone('keeper');
      assert.equal((await eventually(listed, (volume) => volume?.status === 'Released'))?.storage, '1Gi');
      assert.deepEqual(await lab.place.call('volume', 'rm', 'keep'), {
        code: 0,
        out: 'default/keep removed\n',
        err: '',
      });
      const left = await eventually(
        () => readdir(path.join(lab.place.root, 'claims')),
        (names) => !names.some((name) => name.startsWith('.removing')),
      );
      assert.ok(
        !left.includes('default') || !(await readdir(path.join(lab.place.root, 'claims/default'))).includes('keep'),
      );
    },
  );

  test(
    'A pod waits for its claim with the reason of the reference, and starts when it is there',
    TEST_TIMEOUT,
    async () => {
      await lab.give('waiter', {
        hostNetwork: true,
        volumes: [claimed('late')],
        containers: [{ ...shell('app', FOREVER), ...AT_V }],
      });
      await lab.untilEvent(
        'waiter',
        (e) =>
          e.reason === 'FailedMount' &&
          e.message === 'MountVolume.SetUp failed for volume "data" : persistentvolumeclaim "late" not found',
      );
      assert.equal(lab.pod('waiter')?.status?.phase, 'Pending');
      await lab.place.give('late.json', claim('late'));
      await lab.until('waiter', (p) => isRunning(p));
    },
  );

  test(
    'A claim is read-only where pod or claim say so, and belongs to the fsGroup of its pod',
    TEST_TIMEOUT,
    async () => {
      await lab.place.give('modes.json', claim('modes'));
      await lab.place.give('read.json', claim('read', { accessModes: ['ReadOnlyMany'] }));
      const look = (name: string, volume: Volume) =>
        lab.give(name, {
          hostNetwork: true,
          restartPolicy: 'Never',
          securityContext: { runAsUser: 1000, fsGroup: 2000 },
          volumes: [volume],
          containers: [
            { ...shell('app', 'touch /v/x 2>/dev/null && echo wrote || echo refused', 'stat -c "%a %g" /v'), ...AT_V },
          ],
        });
      await look('modes-rw', claimed('modes'));
      assert.deepEqual(await finalPrint(lab, 'modes-rw', 'app'), ['wrote', '2777 2000']);
      await look('modes-ro', claimed('modes', true));
      assert.deepEqual(await finalPrint(lab, 'modes-ro', 'app'), ['refused', '2777 2000']);
      await look('read-only', claimed('read'));
      assert.deepEqual(await finalPrint(lab, 'read-only', 'app'), ['refused', '777 0']);
    },
  );

  // --- changes, other machines, things that hold on ---

  test(
    'Containers that asked for a signal get it when the new files are in place, and are not restarted',
    TEST_TIMEOUT,
    async () => {
      const map = (value: string) =>
        JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'tuned' }, data: { key: value } });
      await lab.place.give('tuned-map.json', map('one'));
      const app = { ...shell('app', 'trap "cat /v/key; echo" HUP', 'echo ready', FOREVER), ...AT_V };
      await lab.give('tuned', {
        hostNetwork: true,
        metadata: { annotations: { 'solopod.dev/on-config-change': 'signal=SIGHUP' } },
        volumes: [{ name: 'data', configMap: { name: 'tuned' } }],
        containers: [app],
      });
      assert.deepEqual(await linesOf(lab, { pod: 'tuned', container: 'app', count: 1 }), ['ready']);
      await lab.place.give('tuned-map.json', map('two'));
      assert.deepEqual(await linesOf(lab, { pod: 'tuned', container: 'app', count: 2 }), ['ready', 'two']);
      await lab.untilEvent('tuned', (e) => e.reason === 'ConfigChanged');
      assert.equal(restartsOf(lab.pod('tuned') ?? {}), 0);
    },
  );

  test('A machine without the helper says what an NFS volume needs', {
    ...TEST_TIMEOUT,
    skip: existsSync('/sbin/mount.nfs') && 'mount.nfs is here',
  }, async () => {
    const volumes = [{ name: 'data', nfs: { server: '127.0.0.1', path: '/x' } }];
    await lab.give('nfs', { hostNetwork: true, volumes, containers: [{ ...shell('app', FOREVER), ...AT_V }] });
    await lab.untilEvent(
      'nfs',
      (e) =>
        e.reason === 'FailedMount' &&
        e.message.endsWith('this machine cannot mount NFS: mount.nfs is missing (apt-get install nfs-common)'),
    );
  });

  row('N-STATIC-2', async () => {
    const volumes = [{ name: 'data', ...MEMORY }];
    const give = () =>
      lab.give('n-static-2', {
        hostNetwork: true,
        volumes,
        containers: [{ ...shell('app', 'touch /v/held', note('up'), FOREVER), ...AT_V }],
      });
    await give();
    const pod = await lab.until('n-static-2', (p) => isRunning(p));
    await lab.untilNoted('n-static-2', 'up');
    const directory = path.join(lab.place.root, 'pods', pod.metadata?.uid ?? '');
    // As long as a file of it is open, umount says that the volume is busy.
    const held = await open(path.join(directory, 'volumes/kubernetes.io~empty-dir/data/held'));
    try {
      await lab.take('n-static-2');
      await lab.untilGone('n-static-2');
      assert.ok(!existsSync(directory));
      await give();
      await lab.until('n-static-2', (p) => isRunning(p));
    } finally {
      await held.close();
    }
  });
});

const OBJECTS = JSON.stringify({
  apiVersion: 'v1',
  kind: 'List',
  items: [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'parts' }, data: { 'map-key': 'map-value' } },
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'parts' }, stringData: { 'secret-key': 'secret-value' } },
  ],
});
