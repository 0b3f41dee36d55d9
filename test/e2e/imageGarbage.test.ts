// Image garbage collection on a real runtime: what nobody needs goes, and nothing else.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { newWorld, type Settings, type World } from '../../src/core/world.ts';
import { createRuntime } from '../../src/cri/runtime.ts';
import { createImageCollector } from '../../src/daemon/imageCollector.ts';
import { openImageLedger } from '../../src/daemon/imageLedger.ts';
import { now } from '../../src/platform/clock.ts';
import { importImages } from '../../src/platform/imageImport.ts';
import { BUSYBOX_IMAGE, PAUSE_IMAGE } from '../../src/platform/localImages.ts';
import { encodeImageArchive } from '../../src/platform/ociArchive.ts';
import { createSilentLogger } from '../../src/telemetry/log.ts';
import { startContainerd, whyNoRuntime } from '../support/containerd.ts';
import { aNode } from '../support/node.ts';
import { aContainer, aPod } from '../support/pods.ts';

const SIGNAL = new AbortController().signal;
const RULES = { highPercent: 85, lowPercent: 80, minAgeMs: 0, maxAgeMs: 0 };

/** A small image that is like no other. */
function archive(name: string): Buffer {
  const files = [{ kind: 'file', path: 'name', mode: 0o644, content: Buffer.from(name) }] as const;
  return encodeImageArchive({ architecture: 'amd64', name, files, command: ['/name'], env: [] });
}

function worldWith(image: string): World {
  const world = newWorld({} as Settings, ['file'], { stopped: {}, carried: {} }, now());
  const pod = aPod({ spec: { containers: [aContainer('app', { image })] } });
  const given = { ...pod, hash: image };
  return { ...world, sources: { file: [given] }, runtime: { ...world.runtime, observed: true } };
}

test('Unused images go; those of a pod, of its previous version, of the image folder and of the runtime stay', {
  skip: whyNoRuntime(),
  timeout: 120_000,
}, async (t) => {
  const { embedded, rootDir, stop } = await startContainerd({ name: 'images', test: t });
  const names = ['localhost/unused:1', 'localhost/before:1', 'localhost/present:1'];
  const directory = path.join(rootDir, 'more');
  await mkdir(directory);
  for (const [i, name] of names.entries()) await writeFile(path.join(directory, `${i}.tar`), archive(name));
  const folder = { directory, recordFile: path.join(rootDir, 'more.json') };
  const imported = await importImages(embedded.importTarget, folder, SIGNAL);
  assert.ok(imported.ok && imported.value.every(({ outcome }) => outcome === 'imported'), JSON.stringify(imported));
  const runtime = createRuntime({ endpoint: embedded.endpoint, node: aNode({ rootDir }), owner: rootDir });
  const file = path.join(rootDir, 'images.json');
  // The pod had another version, before a restart of the runner.
  const first = await openImageLedger(file, createSilentLogger());
  first.noteWorld(worldWith('localhost/before:1'));
  await first.written();
  const ledger = await openImageLedger(file, createSilentLogger());
  const world = worldWith('localhost/present:1');
  ledger.noteWorld(world);
  const collectorOf = (ownsAll: boolean) =>
    createImageCollector({
      world: () => world,
      store: runtime.imageStore,
      ledger,
      rules: RULES,
      ownsAll,
      imported: [BUSYBOX_IMAGE],
      now,
      log: createSilentLogger(),
      announce: assert.fail,
    });
  const present = async (): Promise<readonly string[]> => {
    const images = await runtime.imageStore.list(SIGNAL);
    assert.ok(images.ok);
    return images.value.flatMap((image) => image.names.filter((name) => !name.includes('@'))).sort();
  };
  const all = [BUSYBOX_IMAGE, PAUSE_IMAGE, ...names].sort();
  assert.deepEqual(await present(), all);

  assert.equal(await collectorOf(false).removeUnused(SIGNAL), 0, 'what others brought is not ours to remove');
  assert.deepEqual(await present(), all);
  assert.ok((await collectorOf(true).removeUnused(SIGNAL)) > 0);
  assert.deepEqual(
    await present(),
    all.filter((name) => name !== 'localhost/unused:1'),
  );
  assert.ok((await collectorOf(true).mountpoint(SIGNAL))?.startsWith('/'), 'the runtime says where its images are');
  await ledger.written();
  runtime.close();
  assert.deepEqual(await stop(), []);
});
