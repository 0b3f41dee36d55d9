// What containers try in order to get out of their volumes, on a real containerd. S-VOL are the risks of volumes and
// paths, S-FS those of files and secrets; what needs no container is tried in volumes.test.ts and subPath.test.ts.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Container, Volume } from '../../src/api/kubernetes.ts';
import { whyNoRuntime } from '../support/containerd.ts';
import { eventually } from '../support/eventually.ts';
import { FOREVER, isRunning, Lab, shell, statusOf } from '../support/lab.ts';
import { finalPrint, linesOf } from '../support/prints.ts';

const CANARY = 'canary-of-the-host';
const TIMEOUT = { timeout: 180_000 };
const NOBODY = 65534;
const AT_V = { volumeMounts: [{ name: 'data', mountPath: '/v' }] };
const DISK: Volume = { name: 'data', emptyDir: {} };

describe('containers do not get out of their volumes', { skip: whyNoRuntime(), concurrency: true }, () => {
  let lab: Lab;
  let host: string;
  let canary: string;
  before(async () => {
    lab = await Lab.open('escapes');
    host = path.join(path.dirname(lab.place.root), 'host');
    canary = path.join(host, 'deep/canary');
    await mkdir(path.dirname(canary), { recursive: true });
    await writeFile(canary, CANARY, { mode: 0o600 });
    await lab.place.give('objects.json', objects('one'));
  });
  after(() => lab.close());

  const untouched = async (): Promise<void> => {
    const { uid, gid, mode } = await stat(canary);
    assert.deepEqual([await readFile(canary, 'utf8'), uid, gid, mode & 0o7777], [CANARY, 0, 0, 0o600]);
  };

  test('S-VOL-1 S-VOL-3 a part of a volume that is a link out of it is not mounted', TIMEOUT, async () => {
    // From where the volume is on the host, up to the root and down again.
    const up = '../'.repeat(30);
    const links: { readonly [name: string]: string } = {
      absolute: host,
      relative: `${up}${host.slice(1)}`,
      magic: `/proc/self/root${host}`,
      nested: 'inside/again',
      looped: 'looped',
      socket: lab.place.socket,
    };
    const plant = Object.entries(links).map(([name, target]) => `ln -s ${target} /v/${name}`);
    const writer = { ...shell('plant', ...plant, 'mkdir /v/inside', `ln -s ${host} /v/inside/again`), ...AT_V };
    const containers = Object.keys(links).map((name): Container => {
      const subPath = name === 'socket' ? name : `${name}/deep`;
      return { ...shell(name, 'cat /part/canary'), volumeMounts: [{ name: 'data', mountPath: '/part', subPath }] };
    });
    await lab.give('links', { hostNetwork: true, volumes: [DISK], initContainers: [writer], containers });
    const waits = (name: string) => statusOf(lab.pod('links') ?? {}, name)?.state?.waiting;
    await lab.until('links', () => Object.keys(links).every((name) => waits(name)?.message !== undefined));
    for (const name of Object.keys(links)) {
      assert.equal(waits(name)?.reason, 'CreateContainerConfigError', name);
      assert.match(waits(name)?.message ?? '', /^failed to prepare subPath for volumeMount "data" of container/, name);
    }
    await untouched();
  });

  test(
    'S-VOL-4 S-VOL-5 nobody writes where files are shown, and a new version goes through no link',
    TIMEOUT,
    async () => {
      const volumes: readonly Volume[] = [
        { name: 'map', configMap: { name: 'shown' } },
        { name: 'secret', secret: { secretName: 'shown' } },
        { name: 'info', downwardAPI: { items: [{ path: 'key', fieldRef: { fieldPath: 'metadata.name' } }] } },
        { name: 'all', projected: { sources: [{ configMap: { name: 'shown' } }] } },
      ];
      const places = volumes.map(({ name }) => `/${name}`).join(' ');
      const app: Container = {
        ...shell(
          'app',
          `for at in ${places}; do {`,
          `  ln -sf ${canary} $at/key && echo linked`,
          '  echo x >$at/key && echo wrote; echo x >$at/..data/key && echo wrote below',
          '  mkdir $at/..2026_01_01 && echo made; rm -rf $at/..data && echo removed',
          '} 2>/dev/null; done; echo tried',
          'last=; while :; do now=$(cat /map/key); [ "$now" = "$last" ] || echo $now; last=$now; sleep 0.2; done',
        ),
        securityContext: { capabilities: { add: ['ALL'] } },
        volumeMounts: volumes.map(({ name }) => ({ name, mountPath: `/${name}` })),
      };
      await lab.give('writer', { hostNetwork: true, volumes, containers: [app] });
      assert.deepEqual(await linesOf(lab, { pod: 'writer', container: 'app', count: 2 }), ['tried', 'one']);
      await lab.place.give('objects.json', objects('two'));
      assert.deepEqual(await linesOf(lab, { pod: 'writer', container: 'app', count: 3 }), ['tried', 'one', 'two']);
      await untouched();
    },
  );

  test('S-VOL-13 giving a claim to a group goes through no link that a container left', TIMEOUT, async () => {
    await lab.place.give('planted-claim.json', CLAIM);
    const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'planted' } }];
    const plant = `ln -s ${host} /v/dir; ln -s ${canary} /v/file; mkdir /v/own; echo x >/v/own/file; chmod 600 /v/own/file`;
    const once = { hostNetwork: true, restartPolicy: 'Never', volumes } as const;
    await lab.give('planter', { ...once, containers: [{ ...shell('app', plant), ...AT_V }] });
    await finalPrint(lab, 'planter', 'app');
    const look = { ...shell('app', 'stat -c "%a %g" /v/own/file'), ...AT_V };
    await lab.give('grouped', { ...once, securityContext: { fsGroup: 4242 }, containers: [look] });
    assert.deepEqual(await finalPrint(lab, 'grouped', 'app'), ['660 4242']);
    await untouched();
    assert.equal((await stat(host)).gid, 0);
  });

  test(
    'S-VOL-15 what a privileged container mounts inside a volume is there when the volume is gone',
    TIMEOUT,
    async () => {
      const app: Container = {
        ...shell('app', 'mkdir /v/in && mount --bind /host /v/in && ls /v/in', FOREVER),
        securityContext: { privileged: true },
        volumeMounts: [
          { name: 'data', mountPath: '/v', mountPropagation: 'Bidirectional' },
          { name: 'host', mountPath: '/host' },
        ],
      };
      const volumes: readonly Volume[] = [DISK, { name: 'host', hostPath: { path: host } }];
      await lab.give('mounter', { hostNetwork: true, volumes, containers: [app] });
      assert.deepEqual(await linesOf(lab, { pod: 'mounter', container: 'app', count: 1 }), ['deep']);
      const directory = podDirectory('mounter');
      await lab.take('mounter');
      await lab.untilGone('mounter');
      assert.ok(!existsSync(directory));
      assert.ok(!(await readFile('/proc/self/mountinfo', 'utf8')).includes(directory));
      await untouched();
    },
  );

  test(
    'S-FS-1 S-FS-2 a Secret is in memory, out of reach of other users of the host, and gone with its pod',
    TIMEOUT,
    async () => {
      const volumes = [{ name: 'data', secret: { secretName: 'shown' } }];
      await lab.give('secret', { hostNetwork: true, volumes, containers: [{ ...shell('app', FOREVER), ...AT_V }] });
      await lab.until('secret', (p) => isRunning(p));
      const directory = podDirectory('secret');
      const volume = path.join(directory, 'volumes/kubernetes.io~secret/data');
      const line = (await readFile('/proc/self/mountinfo', 'utf8'))
        .split('\n')
        .find((text) => text.includes(` ${volume} `));
      assert.match(line ?? '', / - tmpfs tmpfs /);
      assert.equal(await readAs(0, path.join(volume, 'key')), 'read');
      assert.equal(await readAs(NOBODY, path.join(volume, 'key')), 'refused');
      for (const part of ['pods', 'state']) {
        const { uid, mode } = await stat(path.join(lab.place.root, part));
        assert.deepEqual([part, uid, mode & 0o027], [part, 0, 0]);
      }
      await lab.take('secret');
      await lab.untilGone('secret');
      assert.ok(!existsSync(volume));
    },
  );

  test('S-FS-11 a file of variables that is a link to the host gives nothing and shows nothing', TIMEOUT, async () => {
    const plant = {
      ...shell('plant', `ln -s ${canary} /v/absolute; ln -s ../../../../../../etc/passwd /v/relative`),
      ...AT_V,
    };
    const reading = (name: string): Container => ({
      ...shell(name, 'env'),
      env: [{ name: 'A', valueFrom: { fileKeyRef: { volumeName: 'data', path: name, key: 'A' } } }],
    });
    const names = ['absolute', 'relative'];
    const containers = names.map(reading);
    await lab.give('env', { hostNetwork: true, volumes: [DISK], initContainers: [plant], containers });
    const waits = (name: string) => statusOf(lab.pod('env') ?? {}, name)?.state?.waiting?.message;
    await eventually(
      async () => names.map(waits),
      (messages) => messages.every((message) => message !== undefined),
    );
    for (const name of names) assert.match(waits(name) ?? '', /out of the volume$/);
    assert.ok(!JSON.stringify(lab.events('env')).includes(CANARY));
  });

  function podDirectory(name: string): string {
    return path.join(lab.place.root, 'pods', lab.pod(name)?.metadata?.uid ?? '');
  }
});

/** Whether a user of the host can read a file. */
function readAs(uid: number, file: string): Promise<'read' | 'refused'> {
  return new Promise((resolve) => {
    execFile('cat', ['--', file], { uid, gid: uid }, (error) => resolve(error === null ? 'read' : 'refused'));
  });
}

const CLAIM = JSON.stringify({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'planted' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
});

function objects(value: string): string {
  const metadata = { name: 'shown' };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'List',
    items: [
      { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { key: value } },
      { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { key: value } },
    ],
  });
}
