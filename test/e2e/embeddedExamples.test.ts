// The example manifests on later releases of containerd, as a person would choose one: by PATH. Needs root and the built
// program; the releases come from Debian's mirror. The host's own release is run.test.ts.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { whyNoRuntime } from '../support/containerd.ts';
import { fetchContainerd, type Suite } from '../support/newerContainerd.ts';
import { Workplace } from '../support/solopod.ts';

const EXAMPLES = join(import.meta.dirname, '..', '..', 'manifests');
const HOST_PORT = 18081;
const RELEASES: readonly { readonly version: string; readonly suite: Suite }[] = [
  { version: '1.7', suite: 'trixie' },
  { version: '2.x', suite: 'forky' },
];

describe('example manifests', { skip: whyNoRuntime() }, () => {
  for (const { version, suite } of RELEASES) {
    it(`run on containerd ${version} and leave nothing after Ctrl-C`, async (t) => {
      const fetched = await fetchContainerd(suite);
      if (!fetched.ok) return t.skip(fetched.error);
      const place = await Workplace.make(`examples-${suite}`);
      t.after(() => place.abandon());
      await giveExamples(place);
      place.start([place.manifests], { PATH: `${fetched.value}:${process.env['PATH']}` });
      await place.untilReady('hello-web', 'init-containers', 'sidecar', 'downward-api');
      await place.until((pods) =>
        pods.some((pod) => pod.metadata?.name === 'job-node' && pod.status?.phase === 'Succeeded'),
      );
      const page = await (await fetch(`http://127.0.0.1:${HOST_PORT}/`)).text();
      const snapshot = await place.snapshot();
      const ended = await place.end('SIGINT');
      const leftovers = await place.leave();
      assert.match(snapshot.node.runtime, version === '1.7' ? /^containerd v?1\.7\./ : /^containerd v?2\./);
      assert.equal(page, 'Hello from hello-web-node. This page comes from a pod.\n');
      assert.deepEqual({ ended, leftovers }, { ended: { code: 130, signal: null }, leftovers: [] }, place.output);
    });
  }
});

/** The examples, with a host port that nothing else on a developer's machine is likely to use. */
async function giveExamples(place: Workplace): Promise<void> {
  for (const name of await readdir(EXAMPLES)) {
    const text = await readFile(join(EXAMPLES, name), 'utf8');
    await place.give(name, text.replace('hostPort: 8080', `hostPort: ${HOST_PORT}`));
  }
}
