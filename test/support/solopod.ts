// The built program as people run it: `bin/solopod run` on manifests in a temporary folder, with an embedded runtime in
// a root directory of its own. Tests look at it from outside: its API, its exit code, the host.
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { json, text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pod } from '../../src/api/kubernetes.ts';
import type { RunnerSnapshot } from '../../src/ports/runner.ts';
import { writeBusyboxArchive } from './containerd.ts';
import { captureHostState, diffHostState } from './hostState.ts';

export const PROGRAM = path.resolve(import.meta.dirname, '../../bin/solopod');
const NODE_NAME = 'node';
/** Far more than anything takes: a slow machine is no failure. Every wait is for a fact, so a fast one pays nothing. */
const PATIENCE_MS = 90_000;
const CALL_PATIENCE_MS = 120_000;
const ANSWER_PATIENCE_MS = 10_000;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export class Workplace {
  readonly root: string;
  readonly manifests: string;
  readonly socket: string;
  readonly #before: Awaited<ReturnType<typeof captureHostState>>;
  #child: ChildProcess | undefined;
  #output = '';

  private constructor(folder: string, before: Awaited<ReturnType<typeof captureHostState>>) {
    this.root = path.join(folder, 'root');
    this.manifests = path.join(folder, 'manifests');
    this.socket = path.join(folder, 'api.sock');
    this.#before = before;
    process.once('exit', () => this.#kill());
  }

  static async make(name: string): Promise<Workplace> {
    const before = await captureHostState();
    const folder = await mkdtemp(path.join(tmpdir(), `solopod-e2e-${name}-`));
    const place = new Workplace(folder, before);
    await mkdir(place.manifests);
    await writeBusyboxArchive(path.join(place.root, 'images'));
    return place;
  }

  get pid(): number {
    assert.ok(this.#child?.pid !== undefined, 'the runner is started');
    return this.#child.pid;
  }

  /** Everything that the runner printed and logged. */
  get output(): string {
    return this.#output;
  }

  /** Starts the runner on the manifest folder, or on what is named. */
  start(places: readonly string[] = [this.manifests], env: { readonly [name: string]: string } = {}): void {
    // One that a failed test left would keep the lock, and the failure of one test would be the failure of all.
    this.#kill();
    const child = spawn(PROGRAM, ['run', '--runtime', 'embedded', ...this.#flags(), ...places], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    child.stdout.on('data', (text) => {
      this.#output += String(text);
    });
    child.stderr.on('data', (text) => {
      this.#output += String(text);
    });
    // A runner that a failed test leaves behind must not keep the test file from ending.
    for (const handle of [child, child.stdout, child.stderr]) (handle as { unref?(): void }).unref?.();
    this.#child = child;
  }

  /** Sends a signal and waits for the end of the runner. */
  async end(signal: NodeJS.Signals): Promise<Ended> {
    const child = this.#child;
    assert.ok(child !== undefined, 'the runner is started');
    const ended = new Promise<Ended>((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null)
        resolve({ code: child.exitCode, signal: child.signalCode });
      child.once('exit', (code, by) => resolve({ code, signal: by }));
    });
    child.kill(signal);
    const patience = new AbortController();
    const late = sleep(PATIENCE_MS, undefined, { signal: patience.signal }).catch(() => undefined);
    const result = await Promise.race([ended, late]);
    patience.abort();
    if (result !== undefined) return result;
    child.kill('SIGKILL');
    throw new Error(`Not ended within ${PATIENCE_MS} ms of ${signal}\n${this.#output}`);
  }

  /** Arguments of another verb against this runner. The flags come first: what follows a "--" is for a container. */
  commandLine(...args: readonly string[]): readonly string[] {
    return ['--runtime', 'embedded', ...this.#flags(), ...args];
  }

  /** Runs another verb against this runner. */
  call(...args: readonly string[]): Promise<Outcome> {
    return new Promise((resolve) => {
      const options = { timeout: CALL_PATIENCE_MS, killSignal: 'SIGKILL' } as const;
      execFile(PROGRAM, [...this.commandLine(...args)], options, (error, out, err) => {
        resolve({ code: error === null ? 0 : Number(error.code), out, err });
      });
    });
  }

  /** Writes a manifest as a careful editor does: beside, then renamed into place. */
  async give(file: string, text: string): Promise<void> {
    const hidden = path.join(this.manifests, `.${file}.tmp`);
    await writeFile(hidden, text);
    await rename(hidden, path.join(this.manifests, file));
  }

  async take(file: string): Promise<void> {
    await rm(path.join(this.manifests, file));
  }

  async pods(): Promise<readonly Pod[]> {
    return ((await this.get('/pods')) as { items: readonly Pod[] }).items;
  }

  async pod(name: string): Promise<Pod | undefined> {
    return (await this.pods()).find((p) => p.metadata?.name === `${name}-${NODE_NAME}`);
  }

  async snapshot(): Promise<RunnerSnapshot> {
    return (await this.get('/status')) as RunnerSnapshot;
  }

  /** The same as text. */
  text(route: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const signal = AbortSignal.timeout(ANSWER_PATIENCE_MS);
      const call = request({ socketPath: this.socket, path: route, signal }, (response) => resolve(text(response)));
      call.on('error', reject);
      call.end();
    });
  }

  get(route: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const signal = AbortSignal.timeout(ANSWER_PATIENCE_MS);
      const call = request({ socketPath: this.socket, path: route, signal }, (response) => resolve(json(response)));
      call.on('error', reject);
      call.end();
    });
  }

  /** Waits until a question about the pods is answered with true. */
  async until(question: (pods: readonly Pod[]) => boolean, patienceMs = PATIENCE_MS): Promise<readonly Pod[]> {
    const end = Date.now() + patienceMs;
    for (;;) {
      const pods = await this.pods().catch(() => []);
      if (question(pods)) return pods;
      if (Date.now() > end) throw new Error(`Not within ${patienceMs} ms; pods: ${summary(pods)}\n${this.#output}`);
      await sleep(50);
    }
  }

  /** Waits until these pods run and are ready. */
  untilReady(...names: readonly string[]): Promise<readonly Pod[]> {
    return this.until((pods) =>
      names.every((name) => pods.some((p) => p.metadata?.name === `${name}-${NODE_NAME}` && isReady(p))),
    );
  }

  /** Ends everything, removes the folder. @returns what differs on the host from before: must be empty */
  async leave(): Promise<readonly string[]> {
    const child = this.#child;
    if (child?.exitCode === null && child.signalCode === null) await this.end('SIGINT');
    const cleaned = await this.call('stop', '--all');
    assert.equal(cleaned.code, 0, cleaned.err);
    const folder = path.dirname(this.root);
    await rm(folder, { recursive: true, force: true });
    return diffHostState(this.#before, await captureHostState());
  }

  /** Process of the embedded containerd. */
  async runtimePid(): Promise<number> {
    const config = path.join(this.root, 'containerd', 'config.toml');
    for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
      const argv = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      if (argv.includes(config)) return Number(pid);
    }
    throw new Error(`No containerd runs with ${config}`);
  }

  /** For `after` hooks: whatever happened in between, nothing of this place keeps running. */
  async abandon(): Promise<void> {
    this.#kill();
    const stopped = (await exists(this.root)) ? await this.call('stop', '--all') : undefined;
    await rm(path.dirname(this.root), { recursive: true, force: true }).catch((cause: Error) => {
      throw new Error(`${cause.message}; stop --all: ${stopped?.code} ${stopped?.out} ${stopped?.err}`, { cause });
    });
  }

  #kill(): void {
    const child = this.#child;
    if (child?.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  }

  async log(pod: Pod, container: string, attempt = 0): Promise<string> {
    const { namespace, name, uid } = pod.metadata ?? {};
    return readFile(`/var/log/pods/${namespace}_${name}_${uid}/${container}/${attempt}.log`, 'utf8');
  }

  #flags(): readonly string[] {
    return [
      '--root-dir',
      this.root,
      '--socket',
      this.socket,
      '--node-name',
      NODE_NAME,
      '--log-level',
      'info',
      '--log-format',
      'json',
    ];
  }
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

export function isReady(pod: Pod): boolean {
  return pod.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false;
}

export function containerIds(pods: readonly Pod[]): readonly string[] {
  return pods.flatMap((p) => (p.status?.containerStatuses ?? []).map((c) => c.containerID ?? '')).sort();
}

export function restarts(pods: readonly Pod[]): readonly number[] {
  return pods.flatMap((p) => (p.status?.containerStatuses ?? []).map((c) => c.restartCount));
}

function summary(pods: readonly Pod[]): string {
  return JSON.stringify(
    pods.map((p) => [p.metadata?.name, p.status?.phase, p.status?.containerStatuses?.map((c) => c.state)]),
  );
}

/** A pod that runs until it is told to stop, and then stops at once. */
export function patientPod(name: string, more = ''): string {
  return `apiVersion: v1
kind: Pod
metadata: {name: ${name}}
spec:
  terminationGracePeriodSeconds: 2
  containers:
  - name: app
    image: localhost/busybox:1
    command: [sh, -c, "trap 'exit 0' TERM; while true; do sleep 0.2; done"]
${more}`;
}
