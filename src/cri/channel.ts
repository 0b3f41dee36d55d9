// The connection to the container runtime: one gRPC channel, every call with a deadline and a signal, a bounded number
// in flight. Knows no Kubernetes; turns answers into Results. Options and reasons: reconnecting within a second, no
// keepalive (containerd ends connections that ping more often than every five minutes).
import { Client, status as Code, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { fromJSON, type MethodDefinition } from '@grpc/proto-loader';
import type { Fault } from '../api/fault.ts';
import descriptor from '../generated/cri.json' with { type: 'json' };
import { Bug } from '../lib/assert.ts';
import { err, ok, type Result } from '../lib/result.ts';
import { createCallGate } from './callGate.ts';
import { cancelledFault, faultOf } from './errors.ts';
import type { StreamCalls, UnaryCalls } from './messages.ts';

/** The kubelet's runtimeRequestTimeout. */
export const CALL_DEADLINE_MS = 120_000;
const MESSAGE_BYTES_MAX = 16 * 1024 * 1024;
const SHORT_CALLS_MAX = 32;
const LONG_CALLS_MAX = 256;

const PACKAGES: { readonly [service: string]: string } = {
  RuntimeService: 'runtime.v1',
  ImageService: 'runtime.v1',
  Events: 'containerd.services.events.v1',
  Content: 'containerd.services.content.v1',
};

/** Calls that last as long as a container wants them to. */
const LONG_CALLS: ReadonlySet<string> = new Set([
  'RuntimeService/RunPodSandbox',
  'RuntimeService/StopContainer',
  'RuntimeService/StopPodSandbox',
  'RuntimeService/ExecSync',
  'ImageService/PullImage',
]);

export interface CallOptions {
  /** What the kubelet would show when this call fails. */
  readonly reason: string;
  readonly signal: AbortSignal;
  /** Default CALL_DEADLINE_MS; Infinity: only the signal ends it. */
  readonly deadlineMs?: number;
  /** For containerd's own services: whose objects are meant. */
  readonly namespace?: string;
}

export interface CriChannel {
  unary<Name extends keyof UnaryCalls>(
    name: Name,
    request: UnaryCalls[Name]['request'],
    options: CallOptions,
  ): Promise<Result<UnaryCalls[Name]['response'], Fault>>;
  /** Delivers messages until the stream ends; resolves with why it ended. */
  serverStream<Name extends keyof StreamCalls>(
    name: Name,
    request: StreamCalls[Name]['request'],
    options: { readonly signal: AbortSignal; readonly onMessage: (message: StreamCalls[Name]['response']) => void },
  ): Promise<Fault>;
  close(): void;
}

/** @param endpoint a unix socket, as "unix:///run/containerd/containerd.sock" or a bare path */
export function openChannel(endpoint: string): CriChannel {
  const methods = loadMethods();
  const client = new Client(targetOf(endpoint), credentials.createInsecure(), {
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 1000,
    'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
    'grpc.max_send_message_length': MESSAGE_BYTES_MAX,
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_retries': 0,
    'grpc.service_config_disable_resolution': 1,
  });
  const shortCalls = createCallGate(SHORT_CALLS_MAX);
  const longCalls = createCallGate(LONG_CALLS_MAX);
  const connection: Connection = { client, inFlight: new Set(), isClosed: false };

  return {
    async unary(name, request, options) {
      const leave = await (LONG_CALLS.has(name) ? longCalls : shortCalls).enter(options.signal);
      if (leave === undefined) return err(cancelledFault(options.reason));
      try {
        return await callUnary(connection, methodOf(methods, name), request, options);
      } finally {
        leave();
      }
    },
    serverStream: (name, request, options) => callStream(connection, methodOf(methods, name), request, options),
    close() {
      connection.isClosed = true;
      for (const call of connection.inFlight) call.cancel();
      client.close();
    },
  };
}

interface Connection {
  readonly client: Client;
  readonly inFlight: Set<{ cancel(): void }>;
  isClosed: boolean;
}

function callUnary<Request extends object, Response>(
  connection: Connection,
  method: MethodDefinition<object, object>,
  request: Request,
  { reason, signal, deadlineMs = CALL_DEADLINE_MS, namespace }: CallOptions,
): Promise<Result<Response, Fault>> {
  if (connection.isClosed) return Promise.resolve(err(closedFault(reason)));
  const metadata = new Metadata();
  if (namespace !== undefined) metadata.set('containerd-namespace', namespace);
  return new Promise((resolve) => {
    const call = connection.client.makeUnaryRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      request,
      metadata,
      Number.isFinite(deadlineMs) ? { deadline: Date.now() + deadlineMs } : {},
      (error, value) => {
        done();
        resolve(error === null ? ok(value as Response) : err(faultOfCall(error, { reason, signal })));
      },
    );
    const done = track(call, connection, signal);
  });
}

function callStream<Request extends object, Message>(
  connection: Connection,
  method: MethodDefinition<object, object>,
  request: Request,
  { signal, onMessage }: { readonly signal: AbortSignal; readonly onMessage: (message: Message) => void },
): Promise<Fault> {
  const reason = 'RuntimeEvents';
  if (connection.isClosed) return Promise.resolve(closedFault(reason));
  return new Promise((resolve) => {
    const call = connection.client.makeServerStreamRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      request,
      new Metadata(),
      {},
    );
    const done = track(call, connection, signal);
    const settle = (fault: Fault): void => {
      done();
      resolve(fault);
    };
    call.on('data', (message: object) => onMessage(message as Message));
    call.on('error', (error: ServiceError) => settle(faultOfCall(error, { reason, signal })));
    call.on('end', () => settle({ kind: 'unknownOutcome', reason, message: 'The runtime ended the event stream' }));
  });
}

/** Lets the signal and the end of the connection cancel a call. @returns what to do when the call is over */
function track(call: { cancel(): void }, { inFlight }: Connection, signal: AbortSignal): () => void {
  const cancel = (): void => call.cancel();
  inFlight.add(call);
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  return () => {
    inFlight.delete(call);
    signal.removeEventListener('abort', cancel);
  };
}

function closedFault(reason: string): Fault {
  return { kind: 'unavailable', reason, message: 'The connection to the container runtime is closed' };
}

function faultOfCall(
  error: ServiceError,
  { reason, signal }: { readonly reason: string; readonly signal: AbortSignal },
): Fault {
  return signal.aborted && error.code === Code.CANCELLED ? cancelledFault(reason) : faultOf(error, reason);
}

type Methods = ReadonlyMap<string, MethodDefinition<object, object>>;

function loadMethods(): Methods {
  const definitions = fromJSON(descriptor as Parameters<typeof fromJSON>[0], {
    longs: BigInt,
    enums: String,
    defaults: true,
    arrays: true,
    objects: true,
    oneofs: true,
  });
  const methods = new Map<string, MethodDefinition<object, object>>();
  for (const [service, packageName] of Object.entries(PACKAGES)) {
    for (const [method, definition] of Object.entries(definitions[`${packageName}.${service}`] ?? {})) {
      methods.set(`${service}/${method}`, definition);
    }
  }
  return methods;
}

function methodOf(methods: Methods, name: string): MethodDefinition<object, object> {
  const method = methods.get(name);
  if (method === undefined) throw new Bug(`Call ${name} is not in the descriptor`);
  return method;
}

function targetOf(endpoint: string): string {
  return `unix://${endpoint.replace(/^unix:\/\//, '')}`;
}
