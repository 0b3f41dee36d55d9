// A container runtime that exists only in memory: a gRPC server on a unix socket with the product's own descriptor.
// Calls can be made to fail, before or after they took effect, or to hang; the server can die and come back.
import { rmSync } from 'node:fs';
import {
  status as Code,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import descriptor from '../../../src/generated/cri.json' with { type: 'json' };
import { answerCall } from './answers.ts';
import { type FakeContainer, FakeState, Refusal } from './state.ts';

/** `refused`: the calls are known and always fail, as where events are switched off. */
export type EventService = 'cri' | 'containerd' | 'none' | 'refused';

export interface Failure {
  readonly code: number;
  readonly details: string;
  /** refuse: nothing is done. lose: it is done, and the answer is this failure. hang: it is done and never answered. */
  readonly mode: 'refuse' | 'lose' | 'hang';
}

type Stream = ServerWritableStream<object, object>;

export class FakeCri {
  readonly state = new FakeState();
  /** Names of the calls received, oldest first. */
  readonly calls: string[] = [];
  readonly socket: string;
  /** Which event stream is served. */
  events: EventService = 'cri';
  /** Called once for each subscription that stands. */
  onSubscribe: () => void = () => undefined;
  #server: Server | undefined;
  #failures = new Map<string, Failure[]>();
  #streams = new Map<'cri' | 'containerd', Set<Stream>>([
    ['cri', new Set()],
    ['containerd', new Set()],
  ]);

  constructor(socket: string) {
    this.socket = socket;
    this.state.onExit = (container) => this.#announce(container);
  }

  get endpoint(): string {
    return `unix://${this.socket}`;
  }

  failNext(method: string, failure: Failure): void {
    this.#failures.set(method, [...(this.#failures.get(method) ?? []), failure]);
  }

  async start(): Promise<void> {
    rmSync(this.socket, { force: true });
    const server = new Server();
    const definitions = fromJSON(descriptor as Parameters<typeof fromJSON>[0], {
      longs: BigInt,
      enums: String,
      defaults: true,
    });
    for (const service of [
      'runtime.v1.RuntimeService',
      'runtime.v1.ImageService',
      'containerd.services.events.v1.Events',
    ]) {
      const definition = definitions[service] as ServiceDefinition;
      server.addService(definition, this.#handlersOf(definition));
    }
    await new Promise<void>((resolve, reject) => {
      server.bindAsync(this.endpoint, ServerCredentials.createInsecure(), (error) =>
        error ? reject(error) : resolve(),
      );
    });
    this.#server = server;
  }

  /** Dies at once: connections break, what it holds stays. */
  kill(): void {
    this.#server?.forceShutdown();
    this.#server = undefined;
    for (const streams of this.#streams.values()) streams.clear();
  }

  #handlersOf(definition: ServiceDefinition): UntypedServiceImplementation {
    const entries = Object.entries(definition).map(([name, { responseStream }]) => [
      name,
      responseStream
        ? (call: Stream) => this.#subscribe(call, name === 'Subscribe' ? 'containerd' : 'cri')
        : (call: ServerUnaryCall<object, object>, reply: Reply) => this.#answer(name, call.request, reply),
    ]);
    return Object.fromEntries(entries);
  }

  #answer(name: string, request: object, reply: Reply): void {
    this.calls.push(name);
    const failure = this.#failures.get(name)?.shift();
    try {
      if (failure?.mode === 'refuse') throw new Refusal(failure.code, failure.details);
      const answer = answerCall(this.state, name, request);
      if (failure?.mode === 'lose') reply(failure);
      else if (failure === undefined) reply(null, answer);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      reply({ code: error.code, details: error.message });
    }
  }

  #subscribe(call: Stream, service: 'cri' | 'containerd'): void {
    if (this.events !== service) {
      const code = this.events === 'refused' ? Code.UNKNOWN : Code.UNIMPLEMENTED;
      call.emit('error', { code, details: 'no events here' });
      return;
    }
    const streams = this.#streams.get(service);
    streams?.add(call);
    call.on('cancelled', () => streams?.delete(call));
    this.onSubscribe();
  }

  #announce(container: FakeContainer): void {
    const sandbox = this.state.sandboxes.get(container.sandboxId);
    const podSandboxStatus = sandbox && {
      id: sandbox.id,
      metadata: sandbox.config.metadata,
      labels: sandbox.config.labels,
      annotations: sandbox.config.annotations,
    };
    for (const stream of this.#streams.get('cri') ?? []) {
      stream.write({ containerId: container.id, containerEventType: 'CONTAINER_STOPPED_EVENT', podSandboxStatus });
    }
    for (const stream of this.#streams.get('containerd') ?? []) {
      const value = { containerId: container.id, id: container.id };
      stream.write({
        namespace: 'k8s.io',
        topic: '/tasks/exit',
        event: { typeUrl: 'containerd.events.TaskExit', value },
      });
    }
  }
}

type Reply = (error: { readonly code: number; readonly details: string } | null, answer?: object) => void;
