// Sources, catalog and memory of a runner on real files, without pods: what the core would be asked for, delivery by
// delivery. A restart keeps the files and forgets the rest, as the death of the process does.
import assert from 'node:assert/strict';
import path from 'node:path';
import type { TestContext } from 'node:test';
import type { DesiredPod } from '../../src/api/desiredPod.ts';
import { type Catalog, createCatalog } from '../../src/daemon/catalog.ts';
import { type LastGood, openLastGood } from '../../src/daemon/lastGood.ts';
import { readVariables, type VariableSources } from '../../src/daemon/manifestVariables.ts';
import type { GuardSettings } from '../../src/daemon/removalGuard.ts';
import { createSignatureCheck, type SignatureKeys } from '../../src/daemon/signatures.ts';
import { type SourceWatch, watchSources } from '../../src/daemon/sourceWatch.ts';
import type { SourceTrouble } from '../../src/ports/runner.ts';
import type { SourcePort } from '../../src/ports/sources.ts';
import { createDirectorySource } from '../../src/source/directory.ts';
import { createSilentLogger } from '../../src/telemetry/log.ts';
import { eventually } from './eventually.ts';

export const now = () => ({ wall: Date.now(), mono: performance.now() });
const PATIENCE_MS = 90_000;
const LOG = createSilentLogger();

export interface SourceLabOptions {
  readonly state: string;
  readonly sources: () => readonly SourcePort[];
  readonly guard?: Partial<GuardSettings>;
  readonly keys?: Partial<SignatureKeys>;
  readonly variables?: VariableSources;
}

export class SourceLab {
  static readonly #open = new Set<SourceLab>();
  readonly #options: SourceLabOptions;
  readonly #pods = new Map<string, readonly DesiredPod[]>();
  #catalog!: Catalog;
  #lastGood!: LastGood;
  #watch!: SourceWatch;
  #stop = new AbortController();
  #watching: Promise<void> = Promise.resolve();
  /** Every pod that ever left the set, as "name version". */
  readonly lost: string[] = [];

  private constructor(options: SourceLabOptions) {
    this.#options = options;
  }

  /** For the removal of a test's directory, which comes before what the test registered later. */
  static async stopAll(): Promise<void> {
    for (const lab of SourceLab.#open) await lab.stop();
    SourceLab.#open.clear();
  }

  static async open(t: TestContext, options: SourceLabOptions): Promise<SourceLab> {
    const lab = new SourceLab(options);
    await lab.start();
    SourceLab.#open.add(lab);
    t.after(() => lab.stop());
    return lab;
  }

  /** On one directory, looked at every 100 ms. */
  static onDirectory(t: TestContext, directory: string, more: Partial<SourceLabOptions> = {}): Promise<SourceLab> {
    const sources = () => [createDirectorySource({ path: directory, intervalMs: 100, now })];
    return SourceLab.open(t, { state: path.join(directory, '..', 'state'), sources, ...more });
  }

  async start(): Promise<void> {
    this.#lastGood = await openLastGood(this.#options.state, LOG);
    const guard = { allowEmpty: false, maxRemovalPercent: 50, ...this.#options.guard };
    const signatures = createSignatureCheck({ trusted: [], retired: [], ...this.#options.keys });
    this.#catalog = createCatalog({ nodeName: 'n', lastGood: this.#lastGood, guard, signatures });
    const { variables = { file: undefined, environment: [] } } = this.#options;
    this.#stop = new AbortController();
    this.#watch = watchSources({
      catalog: this.#catalog,
      changed: () => {},
      log: LOG,
      variables: { intervalMs: 100, read: () => readVariables(variables, process.env) },
      tell: (fact) => {
        if (fact.kind === 'sourceSnapshot') this.#take(fact.source, fact.pods);
      },
    });
    this.#watching = this.#watch.watch(this.#options.sources(), this.#stop.signal);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#watching;
    await this.#lastGood.written();
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  accept(): readonly string[] {
    return this.#watch.accept();
  }

  /** By short name, the image of the first container: it stands for the version. */
  get pods(): { readonly [name: string]: string } {
    const all = [...this.#pods.values()].flat().map(describe);
    return Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  get catalog(): Catalog {
    return this.#catalog;
  }

  troubles(kind?: SourceTrouble['kind']): readonly string[] {
    const troubles = this.#catalog.troubles().filter((trouble) => kind === undefined || trouble.kind === kind);
    return troubles.map(({ kind: of, location, message }) => `${of} ${location}: ${message}`);
  }

  untilPods(expected: { readonly [name: string]: string }): Promise<void> {
    return untilHolds(() => assert.deepEqual(this.pods, expected));
  }

  untilTrouble(pattern: RegExp): Promise<void> {
    return untilHolds(() => assert.match(this.troubles().join('\n'), pattern));
  }

  #take(source: string, pods: readonly DesiredPod[]): void {
    const after = new Map(pods.map(describe));
    for (const [name, version] of (this.#pods.get(source) ?? []).map(describe)) {
      if (after.get(name) !== version) this.lost.push(`${name} ${version}`);
    }
    this.#pods.set(source, pods);
  }
}

function describe({ metadata, spec }: DesiredPod): [name: string, version: string] {
  return [(metadata.name ?? '').replace(/-n$/, ''), spec.containers[0]?.image ?? ''];
}

/** Waits until an assertion holds. */
export async function untilHolds(claim: () => void): Promise<void> {
  await eventually(
    async () => claim(),
    () => true,
    PATIENCE_MS,
  );
}

/** A document for a pod whose image tells its version. */
export function podText(name: string, version: string): string {
  return `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec:\n  containers:\n  - {name: app, image: "${version}"}\n`;
}
