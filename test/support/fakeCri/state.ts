// The fake runtime's memory: sandboxes, containers and images, with the transitions that the CRI allows. Keeps times in
// nanoseconds as the wire does. Refusals are thrown as Refusal and become gRPC errors in server.ts.
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { status as Code } from '@grpc/grpc-js';
import type { AuthConfig, ContainerConfig, PodSandboxConfig } from '../../../src/cri/messages.ts';
import { readScript } from './script.ts';

export class Refusal extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export interface FakeSandbox {
  readonly id: string;
  readonly config: PodSandboxConfig;
  state: 'SANDBOX_READY' | 'SANDBOX_NOTREADY';
  readonly createdAt: bigint;
  readonly ip: string;
}

export interface FakeContainer {
  readonly id: string;
  readonly sandboxId: string;
  readonly config: ContainerConfig;
  readonly logPath: string;
  state: 'CONTAINER_CREATED' | 'CONTAINER_RUNNING' | 'CONTAINER_EXITED';
  readonly createdAt: bigint;
  startedAt: bigint;
  finishedAt: bigint;
  exitCode: number;
  reason: string;
  message: string;
  /** What it was given while it ran. */
  resized?: object;
}

export interface FakeImage {
  readonly id: string;
  readonly name: string;
  readonly size: number;
  readonly uid?: number;
  readonly username?: string;
}

/** What the registry behind the runtime gives, to whom: a password, a token, or nobody has to say anything. */
export interface FakeRemote {
  readonly image: FakeImage;
  readonly secret?: string;
}

export class FakeState {
  readonly sandboxes = new Map<string, FakeSandbox>();
  readonly containers = new Map<string, FakeContainer>();
  readonly images = new Map<string, FakeImage>();
  readonly remote = new Map<string, FakeRemote>();
  /** Told of every exit, oom and removal. */
  onExit: (container: FakeContainer) => void = () => undefined;
  #made = 0;

  addImage(image: FakeImage): void {
    this.images.set(image.name, image);
    this.images.set(image.id, image);
  }

  pullImage(name: string, auth: AuthConfig | null): string {
    const remote = this.remote.get(name);
    if (remote === undefined) throw new Refusal(Code.NOT_FOUND, `failed to pull and unpack image "${name}": not found`);
    const shown = auth?.identityToken || auth?.password || undefined;
    if (remote.secret !== undefined && remote.secret !== shown) {
      throw new Refusal(Code.UNKNOWN, `failed to authorize ${auth?.username || 'nobody'}: 401 Unauthorized`);
    }
    this.addImage(remote.image);
    return remote.image.id;
  }

  runSandbox(config: PodSandboxConfig): FakeSandbox {
    const { uid, attempt } = config.metadata;
    for (const { id, config: other } of this.sandboxes.values()) {
      if (other.metadata.uid === uid && other.metadata.attempt === attempt) throw reserved('sandbox', id);
    }
    const id = this.#newId();
    const ip = config.linux.securityContext.namespaceOptions.network === 'NODE' ? '' : `10.88.0.${this.#made}`;
    const sandbox: FakeSandbox = { id, config, ip, state: 'SANDBOX_READY', createdAt: now() };
    this.sandboxes.set(id, sandbox);
    return sandbox;
  }

  stopSandbox(id: string): void {
    const sandbox = this.sandboxes.get(id);
    if (sandbox === undefined) return;
    for (const container of this.#containersOf(id)) this.end(container, { exitCode: 137, reason: 'Error' });
    sandbox.state = 'SANDBOX_NOTREADY';
  }

  removeSandbox(id: string): void {
    this.stopSandbox(id);
    for (const container of this.#containersOf(id)) this.containers.delete(container.id);
    this.sandboxes.delete(id);
  }

  sandbox(id: string): FakeSandbox {
    const sandbox = this.sandboxes.get(id);
    if (sandbox === undefined)
      throw new Refusal(Code.NOT_FOUND, `an error occurred when try to find sandbox: not found`);
    return sandbox;
  }

  createContainer(sandboxId: string, config: ContainerConfig): FakeContainer {
    const sandbox = this.sandbox(sandboxId);
    if (sandbox.state !== 'SANDBOX_READY') throw new Refusal(Code.UNKNOWN, 'sandbox container is not running');
    if (!this.images.has(config.image.image))
      throw new Refusal(Code.NOT_FOUND, `image "${config.image.image}": not found`);
    for (const other of this.#containersOf(sandboxId)) {
      const { name, attempt } = other.config.metadata;
      if (name === config.metadata.name && attempt === config.metadata.attempt) throw reserved('container', other.id);
    }
    const container: FakeContainer = {
      id: this.#newId(),
      sandboxId,
      config,
      logPath: join(sandbox.config.logDirectory, config.logPath),
      state: 'CONTAINER_CREATED',
      createdAt: now(),
      startedAt: 0n,
      finishedAt: 0n,
      exitCode: 0,
      reason: '',
      message: '',
    };
    this.containers.set(container.id, container);
    return container;
  }

  startContainer(id: string): void {
    const container = this.container(id);
    if (container.state !== 'CONTAINER_CREATED')
      throw new Refusal(Code.UNKNOWN, `container is in ${container.state} state`);
    const script = readScript(container.config.command);
    if (script === undefined) {
      const message = `exec: "${container.config.command[0]}": executable file not found in $PATH: unknown`;
      this.end(container, { exitCode: 128, reason: 'StartError', message });
      throw new Refusal(Code.UNKNOWN, message);
    }
    container.state = 'CONTAINER_RUNNING';
    container.startedAt = now();
    mkdirSync(dirname(container.logPath), { recursive: true });
    writeFileSync(
      container.logPath,
      script.log.map((line) => `2026-01-01T00:00:00.000000000Z stdout F ${line}\n`).join(''),
    );
    const terminationLog = container.config.mounts.at(-1)?.hostPath;
    if (script.terminationMessage !== '' && terminationLog) appendFileSync(terminationLog, script.terminationMessage);
    const { exitCode } = script;
    if (exitCode === undefined) return;
    setImmediate(() => this.end(container, { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error' }));
  }

  stopContainer(id: string): void {
    const container = this.containers.get(id);
    if (container !== undefined) this.end(container, { exitCode: 137, reason: 'Error' });
  }

  reopenLog(id: string): void {
    const container = this.container(id);
    if (container.state !== 'CONTAINER_RUNNING') throw new Refusal(Code.UNKNOWN, 'container is not running');
    appendFileSync(container.logPath, '');
  }

  removeContainer(id: string): void {
    this.stopContainer(id);
    this.containers.delete(id);
  }

  container(id: string): FakeContainer {
    const container = this.containers.get(id);
    if (container === undefined) throw new Refusal(Code.NOT_FOUND, `container "${id}": not found`);
    return container;
  }

  end(
    container: FakeContainer,
    how: { readonly exitCode: number; readonly reason: string; readonly message?: string },
  ): void {
    if (container.state === 'CONTAINER_EXITED') return;
    container.state = 'CONTAINER_EXITED';
    container.finishedAt = now();
    Object.assign(container, { message: '' }, how);
    this.onExit(container);
  }

  #containersOf(sandboxId: string): readonly FakeContainer[] {
    return [...this.containers.values()].filter((container) => container.sandboxId === sandboxId);
  }

  #newId(): string {
    this.#made += 1;
    return this.#made.toString(16).padStart(64, '0');
  }
}

function reserved(kind: string, id: string): Refusal {
  return new Refusal(Code.UNKNOWN, `failed to reserve ${kind} name "x": name "x" is reserved for "${id}"`);
}

/** With a part that does not fit into milliseconds, as real runtimes have it. */
function now(): bigint {
  return BigInt(Date.now()) * 1_000_000n + 123_456n;
}
