// A containerd of its own for one end-to-end test: the product's embedded runtime in a temporary root, with the images
// that tests need. Afterwards everything is removed, and `leftovers` says what was not.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Embedded, type EmbeddedOptions, startEmbedded } from '../../src/platform/embedded/embedded.ts';
import type { EmbeddedEvent } from '../../src/platform/embedded/supervise.ts';
import { importImages } from '../../src/platform/imageImport.ts';
import { BUSYBOX_IMAGE, busyboxArchive } from '../../src/platform/localImages.ts';
import { captureHostState, diffHostState } from './hostState.ts';

export interface TestContainerdOptions {
  /** Part of the root directory's name. */
  readonly name: string;
  /** Folder with containerd, shim and ctr; default: the host's. */
  readonly binDir?: string;
  /** Stops the containerd when this test fails before it does so itself. */
  readonly test?: TestContext;
  /** Keep using this root directory instead of making one; it is not removed at the end. */
  readonly rootDir?: string;
}

export interface TestContainerd {
  readonly embedded: Embedded;
  readonly rootDir: string;
  /** Deaths and restarts of containerd so far. */
  readonly events: readonly EmbeddedEvent[];
  /** Ends containerd and everything that it runs. @returns differences of the host from before: must be empty */
  readonly stop: () => Promise<readonly string[]>;
}

/** Why end-to-end tests cannot run here; pass it as `skip`. */
export function whyNoRuntime(): string | false {
  return process.getuid?.() === 0 ? false : 'needs root';
}

/** @throws when containerd does not start or an image cannot be imported: the test cannot say anything then */
export async function startContainerd(options: TestContainerdOptions): Promise<TestContainerd> {
  const before = await captureHostState();
  const rootDir = options.rootDir ?? (await mkdtemp(join(tmpdir(), `solopod-test-${options.name}-`)));
  const events: EmbeddedEvent[] = [];
  const embedded = await startOrThrow({
    rootDir,
    env: process.env,
    ...(options.binDir === undefined ? {} : { binDir: options.binDir }),
    report: (event) => events.push(event),
  });
  let isStopped = false;
  const stop = async (): Promise<readonly string[]> => {
    isStopped = true;
    const problems = await embedded.stop({ cleanup: true });
    if (options.rootDir === undefined) await rm(rootDir, { recursive: true, force: true });
    return [...problems, ...diffHostState(before, await captureHostState())];
  };
  options.test?.after(async () => {
    if (!isStopped) await stop();
  });
  await importBusybox(embedded, rootDir);
  return { embedded, rootDir, events, stop };
}

/** Writes the busybox archive into a folder, as the bootstrap of the examples does. */
export async function writeBusyboxArchive(directory: string): Promise<void> {
  const archive = await busyboxArchive(BUSYBOX_IMAGE);
  if (!archive.ok) throw new Error(archive.error);
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'busybox.tar'), archive.value);
}

async function startOrThrow(options: EmbeddedOptions): Promise<Embedded> {
  const started = await startEmbedded(options, new AbortController().signal);
  if (!started.ok) throw new Error(started.error);
  return started.value;
}

async function importBusybox(embedded: Embedded, rootDir: string): Promise<void> {
  const directory = join(rootDir, 'images');
  await writeBusyboxArchive(directory);
  const folder = { directory, recordFile: join(rootDir, 'containerd', 'imported-images.json') };
  const imported = await importImages(embedded.importTarget, folder, new AbortController().signal);
  if (!imported.ok) throw new Error(imported.error);
  for (const archive of imported.value) if (archive.outcome === 'failed') throw new Error(archive.message);
}
