// `run --once` as a CI job uses it: one manifest each that passes, fails, hangs, crashes again and again, is invalid; the
// exit code, what is told, the JUnit file, and that nothing is left behind.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { whyNoRuntime } from '../support/containerd.ts';
import { type Outcome, Workplace } from '../support/solopod.ts';

const skip = whyNoRuntime();

const SERVICE = pod('service', 'Always', "touch /tmp/up; trap 'exit 0' TERM; while :; do sleep 0.2; done", {
  readinessProbe: { exec: { command: ['test', '-f', '/tmp/up'] }, periodSeconds: 1 },
});
const JOB = pod('job', 'Never', 'echo working; exit 0');

describe('run --once', { skip }, () => {
  let place: Workplace;
  before(async () => {
    delete process.env['GITHUB_ACTIONS'];
    place = await Workplace.make('once');
  });
  after(() => place?.abandon());

  async function once(manifests: readonly string[], ...flags: readonly string[]): Promise<Outcome> {
    const file = path.join(place.manifests, 'all.yaml');
    await writeFile(file, manifests.join('\n---\n'));
    return place.call('run', '--once', file, ...flags);
  }

  const junit = () => path.join(path.dirname(place.root), 'junit.xml');

  test('A service that gets ready and a job that succeeds pass: 0', async () => {
    const { code, out, err } = await once([SERVICE, JOB], '--junit', junit());
    assert.equal(code, 0, err);
    assert.match(out, /^PASSED {4}job-node {2}Completed: every container has ended with exit code 0$/m);
    assert.match(out, /^PASSED {4}service-node {2}Running: every container is ready/m);
    assert.match(out, /Stopped; nothing is left behind\n$/);
    const xml = await readFile(junit(), 'utf8');
    assert.match(xml, /<testsuite name="solopod" tests="2" failures="0"/);
    assert.match(xml, /<testcase classname="default" name="service-node" time="[\d.]+"\/>/);
  });

  test('A job that fails ends it at once: 1, with its last lines where GitHub Actions folds them', async () => {
    process.env['GITHUB_ACTIONS'] = 'true';
    const failing = pod(
      'failing',
      'Never',
      'for i in $(seq 60); do echo line $i; done; echo "::error::hostile <&>"; exit 3',
    );
    const { code, out } = await once([SERVICE, failing], '--junit', junit(), '--timeout', '80s');
    delete process.env['GITHUB_ACTIONS'];
    assert.equal(code, 1, out);
    assert.match(out, /^FAILED {4}failing-node {2}Failed: container "app" ended with exit code 3/m);
    assert.match(out, /^::error title=solopod::Pod failing-node failed: /m);
    const [, word = '', lines = ''] =
      /::group::Last lines of failing-node\/app\n::stop-commands::([\w-]+)\n(.*?)::\1::\n::endgroup::/s.exec(out) ?? [];
    assert.ok(word.length > 30);
    assert.deepEqual(lines.split('\n').slice(0, 1), ['line 12']);
    assert.equal(lines.trimEnd().split('\n').length, 50);
    const xml = await readFile(junit(), 'utf8');
    assert.match(xml, /failures="1"|failures="2"/);
    assert.match(xml, /<failure type="failed" message="Failed: container &quot;app&quot; ended with exit code 3/);
    assert.match(xml, /::error::hostile &lt;&amp;&gt;/);
  });

  test('A job that hangs is given up when the time is over: 124, with what it wrote so far', async () => {
    const { code, out, err } = await once([pod('hanging', 'OnFailure', 'echo before; sleep 1000')], '--timeout', '6s');
    assert.equal(code, 124, out);
    assert.match(err, /^error: Timed out after 6s$/m);
    assert.match(out, /^NOT DONE {2}hanging-node {2}/m);
    assert.match(out, /^--- Last lines of hanging-node\/app\nbefore$/m);
  });

  test('A service that crashes again and again: 124 and why', async () => {
    const { code, out } = await once([pod('crashing', 'Always', 'echo boom; exit 4')], '--timeout', '8s');
    assert.equal(code, 124, out);
    assert.match(
      out,
      /^NOT DONE {2}crashing-node {2}Waiting \d+s before restart \d+ of container "app", because it ended with exit code 4$/m,
    );
    assert.match(out, /^--- Last lines of crashing-node\/app\nboom$/m);
    assert.match(out, /^Warning +BackOff /m);
  });

  test('--exit-code-from hands over the code of one container, services beside it or not', async () => {
    const tested = pod('tested', 'Never', 'exit 7');
    assert.equal((await once([SERVICE, tested], '--exit-code-from', 'tested/app')).code, 7);
    const wrong = await once([SERVICE, tested], '--exit-code-from', 'tested/none');
    assert.equal(wrong.code, 2);
    assert.match(
      wrong.err,
      /error: --exit-code-from tested\/none: pod "tested-node" has no container "none", only app/,
    );
  });

  test('An invalid manifest, and one that is not there: 2, with file and line', async () => {
    const invalid = await once([JOB.replace('"containers"', '"containerz"')]);
    assert.equal(invalid.code, 2);
    assert.match(invalid.err, /^REJECTED .*all\.yaml:\d+:\d+: Pod\/job: spec\.containerz: unknown field/m);
    const missing = await place.call('run', '--once', path.join(place.manifests, 'none.yaml'));
    assert.equal(missing.code, 2);
  });

  test('--keep leaves the pods running for somebody to look; stop --all ends them', async () => {
    const { code, out } = await once([SERVICE], '--keep');
    assert.equal(code, 0, out);
    assert.match(out, /"solopod stop --all" ends them\n$/);
    assert.ok(Number.isInteger(await place.runtimePid()));
    const stopped = await place.call('stop', '--all');
    assert.equal(stopped.code, 0, stopped.err);
  });

  test('Nothing of all this is left on the host', async () => assert.deepEqual(await place.leave(), []));
});

function pod(name: string, restartPolicy: string, script: string, more: object = {}): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      restartPolicy,
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'app', image: 'localhost/busybox:1', command: ['sh', '-c', script], ...more }],
    },
  });
}
