// What containers get as variables, words and facts about themselves: CMENV, SECENV, DWENV, DWVOL, PROJDW, EXP, CMD and
// the rows about variables from files.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe } from 'node:test';
import type { Container, DownwardAPIVolumeFile, EnvVar, Volume } from '../../../src/api/kubernetes.ts';
import { writeArgvArchive } from '../../support/argvImage.ts';
import { whyNoRuntime } from '../../support/containerd.ts';
import { eventually } from '../../support/eventually.ts';
import { Lab, sh, statusOf } from '../../support/lab.ts';
import {
  assertLines,
  finalPrint,
  type Line,
  linesOf,
  mounted,
  once,
  type Part,
  printed,
  SharedPods,
  script,
  watching,
} from '../../support/prints.ts';
import { rowsOf } from '../../support/rows.ts';
import type { RowId } from '../census.ts';

const THREE = { 'data-1': 'value-1', 'data-2': 'value-2', 'data-3': 'value-3' };
const OBJECTS = JSON.stringify({
  apiVersion: 'v1',
  kind: 'List',
  items: [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'three' }, data: THREE },
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'three' }, stringData: THREE },
  ],
});
const WITH_PREFIX = Object.entries(THREE).map(([key, value]) => `p_${key}=${value}`);
const WITHOUT = Object.entries(THREE).map(([key, value]) => `${key}=${value}`);

const RESOURCES = { requests: { cpu: '250m', memory: '32Mi' }, limits: { cpu: '1250m', memory: '64Mi' } };
const SIZED = 'dwenv-3';
const ARGV = 'localhost/argv:1';

const field = (name: string, fieldPath: string): EnvVar => ({ name, valueFrom: { fieldRef: { fieldPath } } });
const resource = (name: string, of: string): EnvVar => ({ name, valueFrom: { resourceFieldRef: { resource: of } } });
const fileKey = (name: string, key = name, optional?: true): EnvVar => ({
  name,
  valueFrom: { fileKeyRef: { volumeName: 'files', path: 'dir/a.env', key, ...(optional ? { optional } : {}) } },
});
/** What the program gets, sorted, without what the image and the runtime set. */
const env = (variables: Omit<Container, 'name'>): Part => ({ command: ['sh', '-c', 'env | sort'], ...variables });
const OF_RUNTIME = /^(PATH|HOSTNAME|HOME|SHLVL|PWD|OLDPWD)=/;

/** A volume about the pod, alone or projected. */
const plain = (items: readonly DownwardAPIVolumeFile[], defaultMode?: number): Omit<Volume, 'name'> => ({
  downwardAPI: { items, ...(defaultMode === undefined ? {} : { defaultMode }) },
});
const projected = (items: readonly DownwardAPIVolumeFile[], defaultMode?: number): Omit<Volume, 'name'> => ({
  projected: { sources: [{ downwardAPI: { items } }], ...(defaultMode === undefined ? {} : { defaultMode }) },
});

describe('values', { skip: whyNoRuntime(), concurrency: true }, () => {
  const { row } = rowsOf(import.meta.filename);
  const pods = new SharedPods().pod('prints', {}).pod('argv', { hostNetwork: true });
  let lab: Lab;
  before(async () => {
    lab = await Lab.open('values', {}, (place) => writeArgvArchive(place.root, ARGV));
    await lab.place.give('objects.json', OBJECTS);
    await pods.give(lab);
    await giveLive('key3');
  });
  after(() => lab.close());

  function prints(id: RowId, part: Part, expected: readonly Line[], pod = 'prints'): void {
    const container = pods.add(pod, id, part);
    row(id, async () => {
      const lines = await finalPrint(lab, pod, container);
      assertLines(
        lines.filter((line) => !OF_RUNTIME.test(line)),
        expected,
      );
    });
  }

  // --- variables from objects ---

  for (const [group, key, ref, title] of [
    ['CMENV', 'configMapKeyRef', 'configMapRef', 'CONFIG_DATA_1'],
    ['SECENV', 'secretKeyRef', 'secretRef', 'SECRET_DATA'],
  ] as const) {
    const single = { name: title, valueFrom: { [key]: { name: 'three', key: 'data-1' } } };
    prints(`${group}-1`, env({ env: [single] }), [`${title}=value-1`]);
    const envFrom = [{ [ref]: { name: 'three' } }, { prefix: 'p_', [ref]: { name: 'three' } }];
    // By busybox env alone: a shell would drop names with a dash.
    prints(`${group}-2`, { command: ['env'], envFrom }, [...WITHOUT, ...WITH_PREFIX]);
  }

  // --- what a pod says about itself ---

  prints(
    'DWENV-1',
    env({
      env: [
        field('POD_NAME', 'metadata.name'),
        field('POD_NAMESPACE', 'metadata.namespace'),
        field('POD_IP', 'status.podIP'),
      ],
    }),
    [/^POD_IP=[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$/, 'POD_NAME=prints-node', 'POD_NAMESPACE=default'],
  );
  const hostIP = pods.add('prints', 'DWENV-2', env({ env: [field('HOST_IP', 'status.hostIP')] }));
  row('DWENV-2', async () => {
    const lines = await finalPrint(lab, 'prints', hostIP);
    const shown = lab.pod('prints')?.status?.hostIP;
    assert.match(shown ?? '', /^[0-9a-f.:]+$/);
    assert.ok(lines.includes(`HOST_IP=${shown}`), lines.join('\n'));
  });
  const OWN = [
    resource('CPU_LIMIT', 'limits.cpu'),
    resource('CPU_REQUEST', 'requests.cpu'),
    resource('MEMORY_LIMIT', 'limits.memory'),
    resource('MEMORY_REQUEST', 'requests.memory'),
  ];
  prints('DWENV-3', env({ resources: RESOURCES, env: OWN }), [
    ...['CPU_LIMIT=2', 'CPU_REQUEST=1', 'MEMORY_LIMIT=67108864', 'MEMORY_REQUEST=33554432'],
  ]);
  prints('DWENV-4', env({ env: [resource('CPU_LIMIT', 'limits.cpu'), resource('MEMORY_LIMIT', 'limits.memory')] }), [
    /^CPU_LIMIT=[1-9]/,
    /^MEMORY_LIMIT=[1-9]/,
  ]);
  const uid = pods.add('prints', 'DWENV-5', env({ env: [field('POD_UID', 'metadata.uid')] }));
  row('DWENV-5', async () => {
    const lines = await finalPrint(lab, 'prints', uid);
    const shown = lab.pod('prints')?.metadata?.uid;
    assert.match(shown ?? '', /^[0-9a-f-]{32,36}$/);
    assert.ok(lines.includes(`POD_UID=${shown}`), lines.join('\n'));
  });

  const live: { readonly container: string; readonly part: Part }[] = [];
  for (const [group, source] of [
    ['DWVOL', plain],
    ['PROJDW', projected],
  ] as const) {
    const at = (n: number) => `${group}-${n}` as RowId & string;
    const podname = { path: 'podname', fieldRef: { fieldPath: 'metadata.name' } };
    const show = (file: string): readonly string[] => [`cat /v/${file}; echo`, `stat -Lc %A /v/${file}`];
    const name = (n: number, mode: string, ...volume: Parameters<typeof plain>): void =>
      prints(at(n), script(show('podname'), mounted(at(n), source(...volume))), ['prints-node', mode]);
    name(1, '-rw-r--r--', [podname]);
    name(2, '-r--------', [podname], 0o400);
    name(3, '-r--------', [{ ...podname, mode: 0o400 }]);

    const watched = (n: number, fieldPath: string, before: Line, after: Line): void => {
      const container = at(n).toLowerCase();
      const item = { path: 'shown', fieldRef: { fieldPath } };
      live.push({ container, part: watching('/v/shown', mounted(at(n), source([item]))) });
      row(at(n), async () => {
        const first = await linesOf(lab, { pod: 'live', container, count: 1 });
        assert.ok(
          first.some((line) => matches(line, before)),
          first.join('\n'),
        );
        await relabel();
        const lines = await eventually(
          () => printed(lab, 'live', container),
          (found) => found.some((line) => matches(line, after)),
        );
        assert.ok(lines.length > 0);
      });
    };
    watched(4, 'metadata.labels', 'key1="value1"', 'key4="value4"');
    watched(5, 'metadata.annotations', /^builder="bar"$/, /^builder="foo"$/);

    // Of the one container that has resources: with more of them this machine might be too small for the pod.
    const amount = (n: number, of: string, expected: Line, containerName = at(n).toLowerCase()): void => {
      const item = { path: 'amount', resourceFieldRef: { containerName, resource: of, divisor: '1' } };
      prints(at(n), script(['cat /v/amount; echo'], mounted(at(n), source([item]))), [expected]);
    };
    amount(6, 'limits.cpu', '2', SIZED);
    amount(7, 'limits.memory', '67108864', SIZED);
    amount(8, 'requests.cpu', '1', SIZED);
    amount(9, 'requests.memory', '33554432', SIZED);
    amount(10, 'limits.cpu', /^[1-9]/);
    amount(11, 'limits.memory', /^[1-9]/);
  }

  /** A pod that keeps its uid keeps its containers when labels and annotations change. */
  async function giveLive(more: 'key3' | 'key4'): Promise<void> {
    const labels = { key1: 'value1', key2: 'value2', ...(more === 'key4' ? { key4: 'value4' } : {}) };
    const annotations = { builder: more === 'key4' ? 'foo' : 'bar' };
    const volumes = live.flatMap(({ part }) => part.volumes ?? []);
    const containers = live.map(({ container, part: { volumes: _, ...part } }) => ({ ...part, name: container }));
    const metadata = { uid: 'live-with-a-uid-of-its-own', labels, annotations };
    await lab.give('live', { hostNetwork: true, metadata, volumes, containers });
  }
  const relabel = once(async () => {
    for (const { container } of live) await linesOf(lab, { pod: 'live', container, count: 1 });
    await giveLive('key4');
  });

  // --- references ---

  const FOO = [
    { name: 'FOO', value: 'foo-value' },
    { name: 'BAR', value: 'bar-value' },
    { name: 'FOOBAR', value: '$(FOO);;$(BAR)' },
  ];
  prints('EXP-1', env({ env: FOO }), ['BAR=bar-value', 'FOO=foo-value', 'FOOBAR=foo-value;;bar-value']);
  const TEST_VAR = [{ name: 'TEST_VAR', value: 'test-value' }];
  const ECHO = 'TEST_VAR=wrong; echo "$(TEST_VAR)"';
  prints('EXP-2', { command: ['sh', '-c', ECHO], env: TEST_VAR }, ['test-value']);
  prints('EXP-3', { command: ['sh', '-c'], args: [ECHO], env: TEST_VAR }, ['test-value']);

  // --- words of the image and of the manifest ---

  const argv = (id: RowId, words: Pick<Container, 'command' | 'args'>, expected: string): void =>
    prints(id, { image: ARGV, ...words }, [expected], 'argv');
  argv('CMD-1', {}, 'Paused');
  argv(
    'CMD-2',
    { args: ['entrypoint-tester', 'override', 'arguments'] },
    '[/agnhost entrypoint-tester override arguments]',
  );
  argv('CMD-3', { command: ['/agnhost-2'], args: ['entrypoint-tester'] }, '[/agnhost-2 entrypoint-tester]');
  argv(
    'CMD-4',
    { command: ['/agnhost-2'], args: ['entrypoint-tester', 'override', 'arguments'] },
    '[/agnhost-2 entrypoint-tester override arguments]',
  );

  // --- variables from files ---

  const FILES: Volume = { name: 'files', emptyDir: {} };
  const WRITER: Container = {
    name: 'writer',
    ...script([
      'mkdir -p /v/dir',
      `cat >/v/dir/a.env <<'END'\n# made at each start\nCONFIG_1='value1'\nCONFIG_2='two\nlines'\nEND`,
    ]),
    volumeMounts: [{ name: 'files', mountPath: '/v' }],
  };
  /** The init container alone mounts the volume: who takes variables from it need not. */
  const givenFile = (name: string, containers: readonly Container[]) =>
    lab.give(name, {
      hostNetwork: true,
      restartPolicy: 'Never',
      volumes: [FILES],
      initContainers: [WRITER],
      containers,
    });
  const envOf = (...variables: readonly EnvVar[]): Container => ({ name: 'app', ...env({ env: variables }) });

  for (const [id, pod] of [
    ['N-STATIC-4', 'n-static-4'],
    ['N-STATIC-13', 'n-static-13'],
  ] as const) {
    row(id, async () => {
      await givenFile(pod, [envOf(fileKey('CONFIG_1'))]);
      assert.ok((await finalPrint(lab, pod, 'app')).includes('CONFIG_1=value1'));
      assert.equal(lab.pod(pod)?.status?.phase, 'Succeeded');
    });
  }

  row('N-MISC-8', async () => {
    const hook = {
      postStart: sh('echo "post $CONFIG_1" >>/notes/hooks'),
      preStop: sh('echo "pre $CONFIG_1" >>/notes/hooks'),
    };
    const hooked: Container = {
      name: 'hooked',
      ...script(['sleep 1000']),
      env: [fileKey('CONFIG_1')],
      lifecycle: hook,
    };
    const names = [fileKey('ONE', 'CONFIG_1'), fileKey('TWO', 'CONFIG_2'), fileKey('THREE', 'CONFIG_3', true)];
    await givenFile('n-misc-8', [envOf(...names), hooked]);
    const lines = await finalPrint(lab, 'n-misc-8', 'app');
    assert.deepEqual(
      lines.filter((line) => /^(ONE|TWO|THREE|two|lines)/.test(line)),
      ['ONE=value1', 'TWO=two', 'lines'].toSorted(),
    );
    await givenFile('n-misc-8-missing', [envOf(fileKey('THREE', 'CONFIG_3'))]);
    const waiting = await lab.until(
      'n-misc-8-missing',
      (p) => statusOf(p, 'app')?.state?.waiting?.message !== undefined,
    );
    assert.deepEqual(statusOf(waiting, 'app')?.state?.waiting, {
      reason: 'CreateContainerConfigError',
      message: 'environment variable key "CONFIG_3" not found in file "dir/a.env" of volume "files"',
    });
    const hooks = () => readFile(`${lab.notesDir}/n-misc-8/hooks`, 'utf8').catch(() => '');
    await eventually(hooks, (text) => text === 'post value1\n');
    await lab.take('n-misc-8');
    await lab.untilGone('n-misc-8');
    assert.equal(await hooks(), 'post value1\npre value1\n');
  });

  row('N-MISC-9', async () => {
    const bad = { hostNetwork: true, containers: [envOf(fileKey('CONFIG_1'))] };
    await lab.give('n-misc-9-unknown', { ...bad, volumes: [] });
    await lab.give('n-misc-9-other', { ...bad, volumes: [{ name: 'files', hostPath: { path: '/tmp' } }] });
    const messages = await eventually(
      async () =>
        (await lab.place.snapshot()).troubles
          .filter(({ location }) => location.includes('n-misc-9'))
          .map(({ message }) => message.replace(/^[0-9:]+ /, ''))
          .toSorted(),
      (found) => found.length === 2,
    );
    const at = 'spec.containers[0].env[0].valueFrom.fileKeyRef.volumeName';
    assert.deepEqual(messages, [
      `${at}: there is no volume named "files"`,
      `${at}: volume "files" must be an emptyDir`,
    ]);
    await lab.take('n-misc-9-unknown');
    await lab.take('n-misc-9-other');
  });
});

function matches(line: string, wanted: Line): boolean {
  return typeof wanted === 'string' ? line === wanted : wanted.test(line);
}
