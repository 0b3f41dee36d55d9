import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { exportObject, whyNotExported } from '../../../src/cli/export/objects.ts';
import { fakeRunner, noteFor, runningPod } from '../server/fakeRunner.ts';
import { withDirectory } from '../server/unixHttp.ts';
import { withRunner } from './runCli.ts';

const WRITTEN = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'web',
    namespace: 'prod',
    annotations: { 'solopod.dev/on-config-change': 'restart', note: 'mine' },
  },
  spec: { nodeName: 'edge', containers: [{ name: 'app', image: 'nginx' }] },
};

describe('objects for a cluster', () => {
  it('a pod as it was written, without what belongs to the node', () => {
    assert.deepEqual(exportObject(WRITTEN, { kind: 'pod', name: 'web' }), {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web', namespace: 'prod', annotations: { note: 'mine' } },
      spec: { containers: [{ name: 'app', image: 'nginx' }] },
    });
  });

  it('a controller finds its pods by their labels, or by one made for it', () => {
    const template = {
      metadata: { annotations: { note: 'mine' }, labels: { app: 'web' } },
      spec: { containers: [{ name: 'app', image: 'nginx' }] },
    };
    const metadata = { name: 'web', namespace: 'prod', labels: { app: 'web' } };
    const selector = { matchLabels: { app: 'web' } };
    assert.deepEqual(exportObject(WRITTEN, { kind: 'deployment', name: 'web' }), {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: { replicas: 1, selector, template },
    });
    assert.deepEqual(exportObject(WRITTEN, { kind: 'daemonset', name: 'web' }), {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata,
      spec: { selector, template },
    });
  });

  it('a job is no deployment', () => {
    const job = { spec: { containers: [], restartPolicy: 'Never' } };
    assert.match(whyNotExported(job, 'deployment') ?? '', /restartPolicy is Never/);
    assert.equal(whyNotExported(job, 'pod'), undefined);
  });
});

describe('export', () => {
  it('prints the pod with what it needs, the needed things first', () =>
    withDirectory(async (directory) => {
      const file = join(directory, 'web.yaml');
      await writeFile(
        file,
        `apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - name: app
    image: nginx
    envFrom: [{configMapRef: {name: settings}}]
    volumeMounts: [{name: key, mountPath: /key}]
  volumes:
  - {name: key, secret: {secretName: tls}}
`,
      );
      await writeFile(
        join(directory, 'objects.yaml'),
        'apiVersion: v1\nkind: Secret\nmetadata: {name: tls}\nstringData: {a: b}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {X: "1"}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\n',
      );
      const pod = runningPod('web');
      const runner = fakeRunner({ pods: [pod, runningPod('gone')], notes: noteFor(pod, { origin: `${file}:1` }) });
      await withRunner(runner, async ({ run }) => {
        const { code, out, err } = await run('export', 'web', '-o', 'json');
        assert.equal(code, 0, err);
        const { items } = JSON.parse(out);
        assert.deepEqual(
          items.map((item: { kind: string; metadata: { name: string } }) => `${item.kind}/${item.metadata.name}`),
          ['ConfigMap/settings', 'Secret/tls', 'Pod/web'],
        );
        assert.match((await run('export', 'web', '--as', 'deployment')).out, /\nkind: Deployment\n/);
        assert.match((await run('export', 'gone')).err, /its manifest is not a file/);
        assert.equal((await run('export', 'web', '--as', 'job')).code, 2);
      });
    }));
});
