// Rows that ask what a container sees: each row has a container of its own that prints and ends, or prints whatever
// changes in a file. Containers share pods, because most of the time that a row takes is the sandbox.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Container, Volume } from '../../src/api/kubernetes.ts';
import { type Given, type Lab, statusOf } from './lab.ts';

const POLL_MS = 150;
const PATIENCE_MS = 90_000;

/** What one container of a shared pod is, without its name. */
export type Part = Omit<Container, 'name'> & { readonly volumes?: readonly Volume[] };

/** A line as it is, or what it looks like. */
export type Line = string | RegExp;

/** The rest of a shared pod. */
export type Around = Omit<Given, 'containers' | 'volumes'>;

export class SharedPods {
  readonly #pods = new Map<string, { around: Around; containers: Container[]; volumes: Map<string, Volume> }>();

  /** Says what the pod has beside its containers; to be called before the first of them is added. */
  pod(name: string, around: Around): this {
    this.#pods.set(name, { around, containers: [], volumes: new Map() });
    return this;
  }

  /** Volumes of one name are one volume. @returns the name of the container */
  add(pod: string, id: string, { volumes = [], ...part }: Part): string {
    const shared = this.#pods.get(pod);
    assert.ok(shared !== undefined, `pod ${pod} is declared`);
    const name = id.toLowerCase();
    shared.containers.push({ ...part, name });
    for (const volume of volumes) shared.volumes.set(volume.name, volume);
    return name;
  }

  /** Writes a manifest for every pod. */
  async give(lab: Lab): Promise<void> {
    for (const [name, { around, containers, volumes }] of this.#pods) {
      if (containers.length === 0) continue;
      await lab.give(name, { restartPolicy: 'Never', ...around, containers, volumes: [...volumes.values()] });
    }
  }
}

/** A container that runs a script and ends. */
export function script(lines: readonly string[], more: Part = {}): Part {
  return { command: ['sh', '-c', lines.join('\n')], ...more };
}

/** A container that prints a file whenever it is not what it was, or why it cannot be read. */
export function watching(file: string, more: Part = {}): Part {
  const look = `now=$(cat ${file} 2>&1)`;
  const told = '[ "$now" = "$last" ] || echo "$now"';
  return script([`last=; while :; do ${look}; ${told}; last=$now; sleep 0.2; done`], more);
}

/** What a container printed so far, without the times of its lines. */
export async function printed(lab: Lab, pod: string, container: string): Promise<readonly string[]> {
  const found = lab.pod(pod);
  const text = found === undefined ? '' : await lab.place.log(found, container).catch(() => '');
  return text.split('\n').flatMap((line) => (line === '' ? [] : [line.split(' ').slice(3).join(' ')]));
}

/** What a container has printed when it has ended. */
export async function finalPrint(lab: Lab, pod: string, container: string): Promise<readonly string[]> {
  await lab.until(pod, (p) => statusOf(p, container)?.state?.terminated !== undefined);
  return printed(lab, pod, container);
}

/** Waits until a container has printed at least so many lines. */
export async function linesOf(
  lab: Lab,
  { pod, container, count }: { readonly pod: string; readonly container: string; readonly count: number },
): Promise<readonly string[]> {
  for (const end = Date.now() + PATIENCE_MS; ; await sleep(POLL_MS)) {
    const lines = await printed(lab, pod, container);
    if (lines.length >= count) return lines;
    const status = JSON.stringify(lab.pod(pod)?.status);
    assert.ok(Date.now() < end, `${count} lines of ${pod}/${container}: ${JSON.stringify(lines)}; ${status}`);
  }
}

export function assertLines(found: readonly string[], expected: readonly Line[]): void {
  const shown = found.map((line, index) => {
    const wanted = expected[index];
    return wanted instanceof RegExp && wanted.test(line) ? String(wanted) : line;
  });
  assert.deepEqual(shown, expected.map(String));
}

/** A volume with the name of the row that it is for, and its mount. */
export function mounted(id: string, source: Omit<Volume, 'name'>, mountPath = '/v'): Part {
  const name = id.toLowerCase();
  return { volumes: [{ name, ...source }], volumeMounts: [{ name, mountPath }] };
}

/** Runs once, whoever asks first; the others wait for it. */
export function once(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= run();
    return running;
  };
}
