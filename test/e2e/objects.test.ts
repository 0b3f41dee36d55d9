// ConfigMaps and Secrets beside pods, as containers on a real containerd see them.
import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { whyNoRuntime } from '../support/containerd.ts';
import { eventually } from '../support/eventually.ts';
import { containerIds, Workplace } from '../support/solopod.ts';

const CANARY = 'canary-4711';

/** What a container printed, without the times of the lines. */
async function printed(place: Workplace, name: string, container = 'app'): Promise<readonly string[]> {
  const pod = await place.pod(name);
  const text = pod === undefined ? '' : await place.log(pod, container);
  return text.split('\n').flatMap((line) => (line === '' ? [] : [line.split(' ').slice(3).join(' ')]));
}

/** The lines between the marks of a container that prints once and sleeps. */
function untilPrinted(place: Workplace, name: string): Promise<readonly string[]> {
  return eventually(
    async () => {
      const lines = await printed(place, name);
      return lines.includes('END') ? lines.slice(0, lines.indexOf('END')) : [];
    },
    (lines) => lines.length > 0,
  );
}

function printingPod(name: string, script: string, more: { readonly container?: string; readonly pod?: string } = {}) {
  return `apiVersion: v1
kind: Pod
metadata: {name: ${name}}
spec:
  terminationGracePeriodSeconds: 0
${indented(more.pod ?? '', 2)}
  containers:
  - name: app
    image: localhost/busybox:1
    command: [sh, -c, ${JSON.stringify(`${script}; echo END; sleep 10000`)}]
${indented(more.container ?? '', 4)}
`;
}

function indented(text: string, by: number): string {
  return text.replace(/^(?=.)/gm, ' '.repeat(by));
}

const MAP = `apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {data-1: value-1, COLOUR: red, app.conf: "colour = red\\n"}
binaryData: {dump.bin: 3sr+utD+/w==}
`;
const SECRET = `apiVersion: v1
kind: Secret
metadata: {name: keys}
stringData: {password: ${CANARY}, user: me}
`;

describe('ConfigMaps and Secrets', { skip: whyNoRuntime() }, () => {
  let place: Workplace;
  before(async () => {
    place = await Workplace.make('objects');
    await place.give('objects.yaml', `${MAP}---\n${SECRET}`);
    place.start();
  });
  after(() => place.abandon());

  test('become environment variables: single keys, all keys, with a prefix', async () => {
    const container = `env:
- {name: COLOUR_TOO, valueFrom: {configMapKeyRef: {name: settings, key: COLOUR}}}
- {name: PASSWORD, valueFrom: {secretKeyRef: {name: keys, key: password}}}
- {name: ABSENT, valueFrom: {secretKeyRef: {name: keys, key: nope, optional: true}}}
- {name: BOTH, value: $(COLOUR)-$(PASSWORD)}
envFrom:
- configMapRef: {name: settings}
- {secretRef: {name: keys}, prefix: p_}
- configMapRef: {name: nowhere, optional: true}
`;
    const script = "tr '\\0' '\\n' </proc/1/environ | grep -E '^(data-1|COLOUR|PASSWORD|ABSENT|BOTH|p_|dump)' | sort";
    await place.give('env.yaml', printingPod('env', script, { container }));
    assert.deepEqual(await untilPrinted(place, 'env'), [
      `BOTH=red-${CANARY}`,
      'COLOUR=red',
      'COLOUR_TOO=red',
      `PASSWORD=${CANARY}`,
      'data-1=value-1',
      `p_password=${CANARY}`,
      'p_user=me',
    ]);
  });

  test('become files with their modes, Secrets in memory, and nobody writes there', async () => {
    const pod = `securityContext: {fsGroup: 1001}
volumes:
- {name: map, configMap: {name: settings, defaultMode: 0400}}
- {name: secret, secret: {secretName: keys, items: [{key: password, path: deep/er, mode: 0440}]}}
- {name: none, secret: {secretName: nowhere, optional: true}}
- name: all
  projected:
    sources:
    - configMap: {name: settings, items: [{key: COLOUR, path: colour}]}
    - secret: {name: keys}
    - downwardAPI: {items: [{path: name, fieldRef: {fieldPath: metadata.name}}]}
`;
    const container = `securityContext: {runAsUser: 1000}
volumeMounts:
- {name: map, mountPath: /map}
- {name: map, mountPath: /part/app.conf, subPath: app.conf}
- {name: secret, mountPath: /secret}
- {name: none, mountPath: /none}
- {name: all, mountPath: /all}
`;
    const script = [
      'cd /map && ls | sort | tr "\\n" " " && echo && hexdump -C dump.bin | head -1',
      'cat /part/app.conf',
      'stat -Lc "%a %g" /map/COLOUR /secret/deep/er',
      'cat /secret/deep/er; echo',
      'ls /none | wc -l',
      'cd /all; for f in *; do echo $f=$(cat $f); done',
      'awk \'$2 == "/secret" || $2 == "/all" {print $2, $3, $4 ~ /^ro/}\' /proc/mounts',
      'echo x 2>/dev/null >/map/new || echo refused',
    ].join('; ');
    await place.give('files.yaml', printingPod('files', script, { pod, container }));
    assert.deepEqual(await untilPrinted(place, 'files'), [
      'COLOUR app.conf data-1 dump.bin ',
      '00000000  de ca fe ba d0 fe ff                              |.......|',
      'colour = red',
      '440 1001',
      '440 1001',
      CANARY,
      '0',
      'colour=red',
      'name=files-node',
      `password=${CANARY}`,
      'user=me',
      '/secret tmpfs 1',
      '/all tmpfs 1',
      'refused',
    ]);
  });

  test('are waited for with the usual reasons, and the pods start by themselves when they appear', async () => {
    const container = 'envFrom: [{secretRef: {name: late}}]';
    await place.give('late-env.yaml', printingPod('late-env', 'echo $word', { container }));
    const mounting = {
      pod: 'volumes: [{name: v, configMap: {name: late}}]',
      container: 'volumeMounts: [{name: v, mountPath: /v}]',
    };
    await place.give('late-file.yaml', printingPod('late-file', 'cat /v/word', mounting));
    await place.until((pods) => {
      const waiting = pods.flatMap((p) => p.status?.containerStatuses?.map((c) => c.state?.waiting) ?? []);
      return waiting.some((w) => w?.reason === 'CreateContainerConfigError' && w.message === 'secret "late" not found');
    });
    const message = 'MountVolume.SetUp failed for volume "v" : configmap "late" not found';
    await eventually(
      async () => (await place.snapshot()).events,
      (events) => events.some((e) => e.reason === 'FailedMount' && e.message === message),
    );
    const metadata = 'metadata: {name: late}';
    await place.give(
      'late.yaml',
      `{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Secret, ${metadata}, stringData: {word: hush}}, ` +
        `{apiVersion: v1, kind: ConfigMap, ${metadata}, data: {word: "hello\\n"}}]}`,
    );
    assert.deepEqual(await untilPrinted(place, 'late-env'), ['hush']);
    assert.deepEqual(await untilPrinted(place, 'late-file'), ['hello']);
    await place.untilReady('late-env', 'late-file');
  });

  test('show a new version in files while the pod runs, and keep the pod as it is', async () => {
    const more = {
      pod: 'volumes: [{name: v, configMap: {name: moving, optional: true}}]',
      container:
        'env: [{name: A, valueFrom: {configMapKeyRef: {name: moving, key: a, optional: true}}}]\nvolumeMounts: [{name: v, mountPath: /v}]',
    };
    const map = (value: string): string =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: moving}\ndata: {a: ${value}}\n`;
    const loop =
      'last=; while true; do now="$(cat /v/a 2>/dev/null) $A"; [ "$now" = "$last" ] || echo "$now"; last="$now"; usleep 1000; done';
    await place.give('follow.yaml', printingPod('follow', loop, more));
    await place.untilReady('follow');
    const before = await place.pod('follow');
    const seen: string[] = [];
    for (const value of ['one', 'two', 'three']) {
      await place.give('moving.yaml', map(value));
      seen.push(`${value} `);
      await eventually(
        () => printed(place, 'follow'),
        (lines) => lines.includes(seen.at(-1) ?? ''),
      );
    }
    await place.take('moving.yaml');
    await eventually(
      () => printed(place, 'follow'),
      (lines) => lines.filter((line) => line === ' ').length === 2,
    );
    assert.deepEqual(await printed(place, 'follow'), [' ', ...seen, ' ']);
    const now = await place.pod('follow');
    assert.deepEqual(
      [now?.metadata?.uid, containerIds([now ?? {}])],
      [before?.metadata?.uid, containerIds([before ?? {}])],
    );
  });

  test('restart a pod that asks for it, and only that', async () => {
    const map = (value: string): string =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: turning}\ndata: {A: ${value}}\n`;
    const container = 'envFrom: [{configMapRef: {name: turning}}]';
    const quiet = printingPod('quiet', 'echo $A', { container });
    const asking = quiet.replace(
      '{name: quiet}',
      '{name: asking, annotations: {solopod.dev/on-config-change: restart}}',
    );
    await place.give('turning.yaml', map('one'));
    await place.give('quiet.yaml', `${quiet}---\n${asking}`);
    assert.deepEqual(await untilPrinted(place, 'asking'), ['one']);
    assert.deepEqual(await untilPrinted(place, 'quiet'), ['one']);
    const before = await place.untilReady('quiet', 'asking');
    await place.give('turning.yaml', map('two'));
    await place.until((pods) => {
      const [id] = containerIds(pods.filter((p) => p.metadata?.name === 'asking-node'));
      return id !== undefined && id !== '' && !containerIds(before).includes(id);
    });
    const now = await place.untilReady('quiet', 'asking');
    const pods = (all: typeof now, name: string) => all.filter((p) => p.metadata?.name === name);
    assert.deepEqual(containerIds(pods(now, 'quiet-node')), containerIds(pods(before, 'quiet-node')));
    assert.equal(pods(now, 'asking-node')[0]?.metadata?.uid, pods(before, 'asking-node')[0]?.metadata?.uid);
    const pod = await place.pod('asking');
    assert.ok(pod !== undefined);
    await eventually(
      () => place.log(pod, 'app', 1),
      (text) => / two\n/.test(text),
    );
    await place.take('quiet.yaml');
    await place.until((all) => !all.some((p) => /^(quiet|asking)-/.test(p.metadata?.name ?? '')));
  });

  test('keep the last good version when a file breaks, and tell of a second one of a name', async () => {
    await place.give('objects.yaml', `${MAP}---\n${SECRET.replace('stringData', 'stringdata')}`);
    await eventually(
      async () => (await place.snapshot()).troubles,
      (troubles) => troubles.some((t) => t.message.includes('stringdata')),
    );
    await place.give('again.yaml', MAP.replace('red', 'blue'));
    await eventually(
      async () => (await place.snapshot()).troubles.map((t) => t.message),
      (messages) =>
        messages.some((m) => /^1: ConfigMap default\/settings is already given by .*objects.yaml:1;/.test(m)),
    );
    const container = 'envFrom: [{configMapRef: {name: settings}}, {secretRef: {name: keys}}]';
    await place.give('still.yaml', printingPod('still', 'echo $COLOUR $user', { container }));
    assert.deepEqual(await untilPrinted(place, 'still'), ['red me']);
    await place.take('again.yaml');
    await place.give('objects.yaml', `${MAP}---\n${SECRET}`);
    await eventually(
      async () => (await place.snapshot()).troubles,
      (troubles) => troubles.length === 0,
    );
  });

  test('S-FS-13 S-FS-14 do not show what a Secret holds in logs, answers of the API or state but the copy that only root reads', async () => {
    const answers = await Promise.all(['/pods', '/status', '/events', '/configz'].map((route) => place.get(route)));
    assert.doesNotMatch(JSON.stringify(answers), new RegExp(CANARY));
    assert.doesNotMatch(place.output, new RegExp(CANARY));
    const state = path.join(place.root, 'state');
    const holders: string[] = [];
    for (const entry of await readdir(state, { recursive: true, withFileTypes: true })) {
      const file = path.join(entry.parentPath, entry.name);
      const text = entry.isFile() ? await readFile(file, 'utf8') : '';
      const copy = /"text":"([^"]*)"/.exec(text)?.[1] ?? '';
      if (!`${text}${Buffer.from(copy, 'base64')}`.includes(CANARY)) continue;
      holders.push(`${path.relative(state, entry.parentPath)} ${((await stat(file)).mode & 0o7777).toString(8)}`);
    }
    assert.deepEqual(holders, ['manifests 600']);
  });

  test('are untouched by a restart of the runner, and nothing is left when everything is stopped', async () => {
    const before = await place.untilReady('env', 'files', 'late-env', 'late-file', 'follow', 'still');
    assert.deepEqual(await place.end('SIGTERM'), { code: 0, signal: null });
    await place.give('moving.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: moving}\ndata: {a: new}\n');
    place.start();
    const now = await place.untilReady('env', 'files', 'late-env', 'late-file', 'follow', 'still');
    assert.deepEqual(containerIds(now), containerIds(before));
    await eventually(
      () => printed(place, 'follow'),
      (lines) => lines.at(-1) === 'new ',
    );
    const left = await place.leave();
    assert.deepEqual(
      left.filter((line) => /e2e-objects|_(env|files|late-env|late-file|follow|still)-node_/.test(line)),
      [],
    );
  });
});
