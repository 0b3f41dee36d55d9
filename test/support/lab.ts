// A laboratory for black-box tests of many pods at once: the built program in a workplace of its own, one shared look at
// its pods several times a second, and the whole history of what each pod looked like. Containers leave notes with the
// time in a folder that outlives them.
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Container, ContainerStatus, Pod, PodSpec } from '../../src/api/kubernetes.ts';
import type { PodEvent } from '../../src/ports/runner.ts';
import { Workplace } from './solopod.ts';

const POLL_MS = 150;
const PATIENCE_MS = 90_000;
const NODE = 'node';
const PROBE_TIMEOUT_S = 10;
export const BUSYBOX = 'localhost/busybox:1';

export type Env = { readonly [name: string]: string };

/** Back-off of 1 s, doubling to 4 s: the same story as with 10 s and 5 min, told quickly. */
export const QUICK_RESTARTS: Env = {
  SOLOPOD_CRASH_LOOP_BACK_OFF_INITIAL_CONTAINER_RESTART_PERIOD: '1s',
  SOLOPOD_CRASH_LOOP_BACK_OFF_MAX_CONTAINER_RESTART_PERIOD: '4s',
};

/** One look of a pod that differs from the look before; undefined: it was not there. */
export interface Look {
  readonly at: number;
  readonly pod: Pod | undefined;
}

export interface Note {
  /** Seconds since the machine started. */
  readonly at: number;
  readonly text: string;
}

export type Given = Partial<PodSpec> & {
  readonly containers: readonly Container[];
  readonly metadata?: Pod['metadata'];
};

export class Lab {
  readonly place: Workplace;
  #looks = new Map<string, Look[]>();
  #events: readonly PodEvent[] = [];
  #rounds = 0;
  #isOpen = true;
  #looking: Promise<void> = Promise.resolve();

  readonly #flags: readonly string[];

  private constructor(place: Workplace, flags: readonly string[]) {
    this.place = place;
    this.#flags = flags;
  }

  /** Starts the program, after what `prepare` does; `env` and the text of a configuration file are for `solopod run`. */
  static async open(
    name: string,
    env: Env = QUICK_RESTARTS,
    prepare: (place: Workplace) => Promise<void> = async () => {},
    config?: string,
  ): Promise<Lab> {
    const place = await Workplace.make(name);
    const file = path.join(path.dirname(place.root), 'config.yaml');
    if (config !== undefined) await writeFile(file, config);
    const lab = new Lab(place, config === undefined ? [] : ['--config', file]);
    await prepare(place);
    await mkdir(lab.notesDir, { recursive: true });
    lab.start(env);
    lab.#looking = lab.#lookAround();
    return lab;
  }

  start(env: Env = QUICK_RESTARTS): void {
    // Rows remove their pods at the same time: that is no accident here.
    this.place.start([...this.#flags, this.place.manifests], { SOLOPOD_ALLOW_EMPTY: 'true', ...env });
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    await this.#looking;
    await this.place.abandon();
  }

  /** Writes a manifest for a pod. Its containers see the folder of notes as /notes. */
  async give(name: string, { metadata, ...spec }: Given): Promise<void> {
    await mkdir(path.join(this.notesDir, name), { recursive: true });
    const withNotes = (c: Container): Container => ({
      image: BUSYBOX,
      ...c,
      ...patientProbes(c),
      volumeMounts: [...(c.volumeMounts ?? []), { name: 'notes', mountPath: '/notes' }],
    });
    const volume = { name: 'notes', hostPath: { path: path.join(this.notesDir, name) } };
    const { containers, initContainers, volumes = [], ...rest } = spec;
    const manifest = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, ...metadata },
      spec: {
        terminationGracePeriodSeconds: 2,
        ...rest,
        ...(initContainers === undefined ? {} : { initContainers: initContainers.map(withNotes) }),
        containers: containers.map(withNotes),
        volumes: [...volumes, volume],
      },
    };
    await this.place.give(`${name}.json`, JSON.stringify(manifest));
  }

  async take(name: string): Promise<void> {
    await this.place.take(`${name}.json`);
  }

  /** What the containers of a pod noted, in the order of time. */
  async notes(name: string): Promise<readonly Note[]> {
    const text = await readFile(path.join(this.notesDir, name, 'notes'), 'utf8').catch(() => '');
    const notes = text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => ({ at: Number.parseFloat(line), text: line.slice(line.indexOf(' ') + 1) }));
    return notes.sort((a, b) => a.at - b.at);
  }

  /** The notes without their times. */
  async story(name: string): Promise<readonly string[]> {
    return (await this.notes(name)).map(({ text }) => text);
  }

  /** Time of the first note with this text. @throws when there is none */
  async noted(name: string, text: string): Promise<number> {
    const notes = await this.notes(name);
    const note = notes.find((n) => n.text === text);
    assert.ok(note, `pod ${name} noted "${text}"; notes: ${JSON.stringify(notes)}`);
    return note.at;
  }

  /** Waits until a note is there. */
  async untilNoted(name: string, text: string, patienceMs = PATIENCE_MS): Promise<void> {
    for (const end = Date.now() + patienceMs; ; await sleep(POLL_MS)) {
      const story = await this.story(name);
      if (story.includes(text)) return;
      assert.ok(Date.now() < end, `pod ${name} noted "${text}" within ${patienceMs} ms; notes: ${story.join('; ')}`);
    }
  }

  /** Creates a file that a container waits for, in the folder of notes. */
  async signal(name: string, file: string): Promise<void> {
    await writeFile(path.join(this.notesDir, name, file), '');
  }

  get notesDir(): string {
    return path.join(path.dirname(this.place.root), 'notes');
  }

  /** How often somebody has looked. */
  get rounds(): number {
    return this.#rounds;
  }

  /** Every look of a pod so far, oldest first. */
  looks(name: string): readonly Look[] {
    return this.#looks.get(name) ?? [];
  }

  pod(name: string): Pod | undefined {
    return this.looks(name).at(-1)?.pod;
  }

  events(name: string): readonly PodEvent[] {
    return this.#events.filter((e) => e.pod?.endsWith(`/${name}-${NODE}`));
  }

  /** Waits until a pod answers a question with yes. */
  async until(name: string, question: (pod: Pod) => boolean, patienceMs = PATIENCE_MS): Promise<Pod> {
    for (const end = Date.now() + patienceMs; ; await sleep(POLL_MS)) {
      const pod = this.pod(name);
      if (pod !== undefined && question(pod)) return pod;
      assert.ok(Date.now() < end, `Not within ${patienceMs} ms: ${question}; ${this.#account(name)}`);
    }
  }

  untilEvent(name: string, question: (event: PodEvent) => boolean, patienceMs = PATIENCE_MS): Promise<Pod> {
    return this.until(name, () => this.events(name).some(question), patienceMs);
  }

  /** Waits until a pod has gone, and all that was of it. @returns how long that took, in seconds */
  async untilGone(name: string, patienceMs = PATIENCE_MS): Promise<number> {
    const begun = Date.now();
    for (; this.pod(name) !== undefined; await sleep(POLL_MS))
      assert.ok(Date.now() < begun + patienceMs, `Not gone within ${patienceMs} ms; ${this.#account(name)}`);
    return (Date.now() - begun) / 1000;
  }

  /** Looks on for a while: the question must be answered with yes at every look. */
  async during(name: string, ms: number, question: (pod: Pod) => boolean): Promise<void> {
    const from = this.looks(name).length - 1;
    const rounds = this.#rounds;
    for (const end = Date.now() + ms; Date.now() < end; ) await sleep(POLL_MS);
    assert.ok(this.#rounds > rounds, 'somebody looked');
    this.always(name, question, from);
  }

  /** The question must have been answered with yes at every look since `from`. */
  always(name: string, question: (pod: Pod) => boolean, from = 0): void {
    for (const { pod } of this.looks(name).slice(Math.max(0, from)))
      assert.ok(pod !== undefined && question(pod), `At a look: not ${question}; ${JSON.stringify(pod?.status)}`);
  }

  /** Runs a pod once. @returns how it ended and what its container `app` left as its last words */
  async ended(name: string, spec: Given): Promise<readonly [phase: string | undefined, words: string | undefined]> {
    await this.give(name, { restartPolicy: 'Never', ...spec });
    const pod = await this.until(name, ({ status }) => status?.phase === 'Succeeded' || status?.phase === 'Failed');
    return [pod.status?.phase, statusOf(pod, 'app')?.state?.terminated?.message?.trim()];
  }

  #account(name: string): string {
    const events = this.events(name).map((e) => `${e.reason}: ${e.message}`);
    return `pod ${name}: ${JSON.stringify(this.pod(name)?.status)}; events: ${events.join('; ')}`;
  }

  async #lookAround(): Promise<void> {
    while (this.#isOpen) {
      const snapshot = await this.place.snapshot().catch(() => undefined);
      if (snapshot !== undefined) this.#see(snapshot);
      await sleep(POLL_MS);
    }
  }

  #see({ pods, events }: Awaited<ReturnType<Workplace['snapshot']>>): void {
    const seen = new Map(pods.map((pod) => [(pod.metadata?.name ?? '').replace(/-node$/, ''), pod]));
    const at = Date.now();
    for (const name of new Set([...seen.keys(), ...this.#looks.keys()])) {
      const looks = this.#looks.get(name) ?? [];
      this.#looks.set(name, looks);
      const pod = seen.get(name);
      if (JSON.stringify(looks.at(-1)?.pod) !== JSON.stringify(pod)) looks.push({ at, pod });
    }
    this.#events = events;
    this.#rounds += 1;
  }
}

/** Probes that say nothing of a timeout get a long one: a command may take its time on a busy machine. */
function patientProbes(container: Container): Partial<Container> {
  const types = ['startupProbe', 'livenessProbe', 'readinessProbe'] as const;
  const given = types.filter((type) => container[type] !== undefined);
  return Object.fromEntries(given.map((type) => [type, { timeoutSeconds: PROBE_TIMEOUT_S, ...container[type] }]));
}

// --- what containers run ---

/** Shell: notes a text with the time. */
export function note(text: string): string {
  return `read t rest </proc/uptime; echo "$t ${text}" >>/notes/notes`;
}

/** Shell: waits for ever, and can be interrupted by a trap. */
export const FOREVER = 'while :; do sleep 1000 & wait $!; done';

export function shell(name: string, ...script: readonly string[]): Container {
  return { name, command: ['sh', '-c', script.join('\n')] };
}

/** Notes its start, runs until it is told to stop, notes that, and ends with 0 after `slowly` seconds. */
export function patient(name: string, slowly = 0): Container {
  const stop = `${note(`${name} term`)}; ${slowly > 0 ? `sleep ${slowly};` : ''} ${note(`${name} exit`)}; exit 0`;
  return shell(name, `trap '${stop}' TERM`, note(`${name} start`), FOREVER);
}

/** Notes its start and never minds a request to stop. */
export function stubborn(name: string): Container {
  return shell(name, `trap '' TERM`, note(`${name} start`), FOREVER);
}

/** Does not mind a request to stop in its first run, so that it has to be killed; is well (/tmp/well) from the second. */
export function stubbornOnce(name: string): Container {
  const again = `if [ -e /notes/again ]; then trap 'exit 0' TERM; touch /tmp/well; else trap '' TERM; touch /notes/again; fi`;
  return shell(name, again, FOREVER);
}

/** Notes its start and its end, in between sleeps. */
export function brief(name: string, { seconds = 0, code = 0 }: { seconds?: number; code?: number } = {}): Container {
  return shell(name, note(`${name} start`), `sleep ${seconds}`, note(`${name} exit`), `exit ${code}`);
}

export function sidecar(container: Container): Container {
  return { ...container, restartPolicy: 'Always' };
}

/** A handler that runs a shell script in the container. */
export function sh(...script: readonly string[]): { readonly exec: { readonly command: readonly string[] } } {
  return { exec: { command: ['sh', '-c', script.join('\n')] } };
}

// --- questions ---

export function statusOf(pod: Pod, container: string): ContainerStatus | undefined {
  const all = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  return all.find((s) => s.name === container);
}

export function restartsOf(pod: Pod, container = 'app'): number {
  return statusOf(pod, container)?.restartCount ?? 0;
}

export function isTrue(pod: Pod, type: string): boolean {
  return pod.status?.conditions?.some((c) => c.type === type && c.status === 'True') ?? false;
}

export function isRunning(pod: Pod, container = 'app'): boolean {
  return statusOf(pod, container)?.state?.running !== undefined;
}

/** Seconds since the machine started, as notes have them. */
export async function uptime(): Promise<number> {
  return Number.parseFloat(await readFile('/proc/uptime', 'utf8'));
}
