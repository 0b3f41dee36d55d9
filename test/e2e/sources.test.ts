// Sources of manifests that fail, with real pods: nothing that happens to files and servers stops a running container,
// and what ran starts again from disk when neither directory nor server is there.
import assert from 'node:assert/strict';
import { mkdir, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pod } from '../../src/api/kubernetes.ts';
import type { SourceTrouble } from '../../src/ports/runner.ts';
import { containerIds, patientPod, restarts, Workplace } from '../support/solopod.ts';

const NAMES = ['alpha', 'beta', 'gamma'] as const;

describe('sources that fail', () => {
  let place: Workplace;
  let server: Server;
  let url = '';
  let answer: { readonly status: number; readonly body: string };

  before(async () => {
    place = await Workplace.make('sources');
    server = createServer((_, response) => response.writeHead(answer.status).end(answer.body)).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/pods.yaml`;
    answer = { status: 200, body: patientPod('remote') };
    for (const name of NAMES) await place.give(`${name}.yaml`, patientPod(name));
  });
  after(async () => {
    server.close();
    await place.abandon();
  });

  const start = (): void =>
    place.start([place.manifests, url], {
      SOLOPOD_FILE_CHECK_FREQUENCY: '300ms',
      SOLOPOD_HTTP_CHECK_FREQUENCY: '300ms',
    });

  async function untilTrouble(kind: SourceTrouble['kind'], pattern: RegExp): Promise<void> {
    let seen: readonly SourceTrouble[] = [];
    for (const end = Date.now() + 90_000; Date.now() < end; await sleep(100)) {
      seen = await place.snapshot().then(
        ({ troubles }) => troubles,
        () => [],
      );
      if (seen.some((t) => t.kind === kind && pattern.test(`${t.location}: ${t.message}`))) return;
    }
    assert.fail(`No trouble ${kind} ${pattern} in ${JSON.stringify(seen)}`);
  }

  function same(pods: readonly Pod[], ids: readonly string[]): void {
    assert.deepEqual([containerIds(pods), restarts(pods)], [ids, pods.map(() => 0)]);
  }

  test('no fault of a file, a directory or a server stops a container, also over restarts of the runner', async () => {
    start();
    const ids = containerIds(await place.untilReady(...NAMES, 'remote'));

    await writeFile(path.join(place.manifests, 'alpha.yaml'), patientPod('alpha').replace('image', 'imagge'));
    await untilTrouble('rejected', /alpha\.yaml: 7:\d+: /);
    const shown = await place.call('status');
    assert.match(shown.out, /default\/alpha-node: running [0-9a-f]{8}, [0-9a-f]{8} rejected/);
    answer = { status: 404, body: 'not here' };
    await untilTrouble('failed', /answered 404 Not Found: 1 pod \(default\/remote-node\) keep running/);
    answer = { status: 200, body: '' };
    await untilTrouble('failed', /the answer is empty/);
    same(await place.pods(), ids);

    assert.equal((await place.end('SIGTERM')).code, 0);
    await rename(place.manifests, `${place.manifests}.away`);
    start();
    await untilTrouble('held', /does not exist/);
    same(await place.untilReady(...NAMES, 'remote'), ids);

    await mkdir(place.manifests);
    await sleep(1_000);
    same(await place.pods(), ids);
    await rmdir(place.manifests);
    await rename(`${place.manifests}.away`, place.manifests);
    await untilTrouble('rejected', /alpha\.yaml/);
    same(await place.pods(), ids);

    for (const name of await readdir(place.manifests)) await rm(path.join(place.manifests, name));
    await untilTrouble('held', /no longer gives 3 pods/);
    same(await place.pods(), ids);
    for (const name of NAMES) await place.give(`${name}.yaml`, patientPod(name));
    answer = { status: 200, body: patientPod('remote') };
    await place.until((pods) => pods.length === 4);
    for (const end = Date.now() + 90_000; (await place.snapshot()).troubles.length > 0; await sleep(100))
      assert.ok(Date.now() < end, JSON.stringify((await place.snapshot()).troubles));
    same(await place.pods(), ids);
  });

  test('with directory and server away everything that had run starts again from disk after the runtime lost it all', async (t) => {
    await place.end('SIGKILL');
    // What a power cut leaves: the disk. The runtime has forgotten every pod.
    assert.equal((await place.call('stop', '--all')).code, 0);
    await rename(place.manifests, `${place.manifests}.away`);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    const startedAt = performance.now();
    start();
    await place.untilReady(...NAMES, 'remote');
    t.diagnostic(`ready again after ${Math.round(performance.now() - startedAt)} ms`);
    await untilTrouble('failed', /connection refused/);
  });

  test('one command ends what is held', async () => {
    const { code, out } = await place.call('accept');
    assert.deepEqual([code, out], [0, NAMES.map((name) => `default/${name}-node ends\n`).join('')]);
    const left = await place.until((pods) => pods.length === 1);
    assert.deepEqual(
      left.map((pod) => pod.metadata?.name),
      ['remote-node'],
    );
    assert.deepEqual(await place.leave(), []);
  });
});
