// A bare CRI client for end-to-end tests of the runtime itself: no part of the product's own client is in it, so a fault
// there cannot hide one here.
import { join } from 'node:path';
import grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

type Message = { readonly [field: string]: unknown };

export interface RawCri {
  /** Unary call of runtime.v1.RuntimeService. @throws the gRPC error */
  readonly call: (method: string, request: Message) => Promise<Message>;
  readonly close: () => void;
}

const PROTO = join(import.meta.dirname, '..', '..', 'schemas', 'cri.proto');
const CALL_TIMEOUT_MS = 30_000;

export function connectRawCri(endpoint: string): RawCri {
  const definition = loadSync(PROTO, { longs: String, enums: String, defaults: true, oneofs: true });
  const service = definition['runtime.v1.RuntimeService'];
  if (service === undefined || 'format' in service) throw new Error('cri.proto has no RuntimeService');
  const Client = grpc.makeGenericClientConstructor(service, 'RuntimeService');
  const client = new Client(endpoint, grpc.credentials.createInsecure());
  const call = (method: string, request: Message): Promise<Message> =>
    new Promise((resolve, reject) => {
      const definitionOf = service[method];
      if (definitionOf === undefined) return reject(new Error(`cri.proto has no ${method}`));
      client.makeUnaryRequest(
        definitionOf.path,
        definitionOf.requestSerialize,
        definitionOf.responseDeserialize,
        request,
        { deadline: Date.now() + CALL_TIMEOUT_MS },
        (error: Error | null, reply: unknown) => (error === null ? resolve(reply as Message) : reject(error)),
      );
    });
  return { call, close: () => client.close() };
}

export interface WebPod {
  readonly sandbox: string;
  readonly container: string;
  readonly address: string;
}

/** Runs a pod whose busybox httpd serves its own name, reachable on a port of the host. */
export async function runWebPod(
  cri: RawCri,
  options: { readonly name: string; readonly hostPort: number; readonly logDirectory: string },
): Promise<WebPod> {
  const namespaceOptions = { network: 'POD', pid: 'CONTAINER', ipc: 'POD' };
  const linux = { securityContext: { namespaceOptions } };
  const sandboxConfig = {
    metadata: { name: options.name, uid: `uid-${options.name}`, namespace: 'default', attempt: 0 },
    hostname: options.name,
    logDirectory: options.logDirectory,
    portMappings: [{ protocol: 'TCP', containerPort: 80, hostPort: options.hostPort }],
    linux,
  };
  const { podSandboxId } = await cri.call('RunPodSandbox', { config: sandboxConfig });
  const script = 'hostname > /tmp/index.html; exec httpd -f -p 80 -h /tmp';
  const config = {
    metadata: { name: 'web', attempt: 0 },
    image: { image: 'localhost/busybox:1' },
    command: ['sh', '-c', script],
    logPath: `${options.name}.log`,
    linux,
  };
  const { containerId } = await cri.call('CreateContainer', { podSandboxId, config, sandboxConfig });
  await cri.call('StartContainer', { containerId });
  const { status } = await cri.call('PodSandboxStatus', { podSandboxId });
  const { network } = status as { readonly network: { readonly ip: string } };
  return { sandbox: String(podSandboxId), container: String(containerId), address: network.ip };
}

/** Stops and removes a pod in the way of an orderly caller. */
export async function removePod(cri: RawCri, pod: WebPod): Promise<void> {
  await cri.call('StopPodSandbox', { podSandboxId: pod.sandbox });
  await cri.call('RemovePodSandbox', { podSandboxId: pod.sandbox });
}

/** State of every container by id, as CRI names it. */
export async function containerStates(cri: RawCri): Promise<{ readonly [id: string]: string }> {
  const { containers } = await cri.call('ListContainers', {});
  const list = containers as readonly { readonly id: string; readonly state: string }[];
  return Object.fromEntries(list.map(({ id, state }) => [id, state]));
}
