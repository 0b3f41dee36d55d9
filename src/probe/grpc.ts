// grpc probe: asks the standard health service (grpc.health.v1.Health/Check) over plain text at the pod's address.
// Rule: kubelet pkg/probe/grpc. The two messages of that service have one field each, so they are coded here by hand.
import { Client, status as Code, connectivityState, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { formatGoDuration } from '../api/duration.ts';
import type { GRPCAction } from '../api/kubernetes.ts';
import type { ProbeVerdict } from '../ports/probes.ts';
import type { HandlerCall } from './call.ts';
import { type Deadline, startDeadline } from './deadline.ts';
import { type Address, addressOf, formatAddress } from './target.ts';
import { failure, success, unknown } from './verdicts.ts';

const METHOD = '/grpc.health.v1.Health/Check';
/** enum ServingStatus of the health protocol, by number. */
const SERVING_STATUS = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];
const ANSWER_BYTES_MAX = 64 * 1024;

export async function probeGrpc({ port, service = '' }: GRPCAction, call: HandlerCall): Promise<ProbeVerdict> {
  const address = addressOf(call.target, { port });
  if (!address.ok) return unknown(address.error);
  using deadline = startDeadline(call.timeoutMs, call.signal);
  const client = connect(address.value, call);
  const answer = await check(client, service, deadline);
  client.close();
  const limit = formatGoDuration(call.timeoutMs);
  switch (answer.kind) {
    case 'status':
      if (answer.status === 'SERVING') return success('service healthy');
      return failure(`service unhealthy (responded with "${answer.status}")`);
    case 'refused':
      return failure(describe(answer.error, limit));
    case 'ended': {
      if (!deadline.isOver()) return unknown('cancelled');
      if (answer.wasConnected) return failure(`timeout: health rpc did not complete within ${limit}`);
      const shown = formatAddress(address.value);
      return failure(`timeout: failed to connect service "${shown}" within ${limit}: context deadline exceeded`);
    }
  }
}

type Answer =
  | { readonly kind: 'status'; readonly status: string }
  | { readonly kind: 'refused'; readonly error: ServiceError }
  /** The deadline came first. */
  | { readonly kind: 'ended'; readonly wasConnected: boolean };

function connect(address: Address, { version }: HandlerCall): Client {
  const family = address.host.includes(':') ? 'ipv6' : 'ipv4';
  return new Client(`${family}:${formatAddress(address)}`, credentials.createInsecure(), {
    'grpc.primary_user_agent': `kube-probe/${version}`,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 1_000,
    'grpc.max_receive_message_length': ANSWER_BYTES_MAX,
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_http_proxy': 0,
    'grpc.enable_retries': 0,
    'grpc.service_config_disable_resolution': 1,
  });
}

/**
 * Connects, again and again while there is time, because a service may just be starting, and asks. Not by the client's
 * waitForReady: closing a channel with such a watcher makes grpc-js connect once more and keep the channel for ever.
 */
function check(client: Client, service: string, { signal }: Deadline): Promise<Answer> {
  return new Promise((resolve) => {
    const metadata = new Metadata({ waitForReady: true });
    const call = client.makeUnaryRequest(METHOD, encodeRequest, decodeAnswer, service, metadata, (error, status) =>
      resolve(error === null ? { kind: 'status', status: status ?? 'UNKNOWN' } : { kind: 'refused', error }),
    );
    const end = (): void => {
      const wasConnected = client.getChannel().getConnectivityState(false) === connectivityState.READY;
      resolve({ kind: 'ended', wasConnected });
      call.cancel();
    };
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
  });
}

function describe({ code, details }: ServiceError, limit: string): string {
  if (code === Code.DEADLINE_EXCEEDED) return `timeout: health rpc did not complete within ${limit}`;
  if (code === Code.UNIMPLEMENTED) {
    return `error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${details}`;
  }
  return `error: health rpc probe failed: rpc error: code = ${codeName(code)} desc = ${details}`;
}

/** "NOT_FOUND" as Go spells it: "NotFound". */
function codeName(code: Code): string {
  const words = (Code[code] ?? String(code)).split('_');
  return words.map((word) => word.slice(0, 1) + word.slice(1).toLowerCase()).join('');
}

/** message HealthCheckRequest { string service = 1; } */
function encodeRequest(service: string): Buffer {
  const text = Buffer.from(service, 'utf8');
  if (text.length === 0) return Buffer.alloc(0);
  return Buffer.concat([Buffer.from([0x0a, ...varint(text.length)]), text]);
}

/** message HealthCheckResponse { ServingStatus status = 1; } where 0 is not sent. */
function decodeAnswer(bytes: Buffer): string {
  const number = bytes[0] === 0x08 ? (bytes[1] ?? 0) : 0;
  return SERVING_STATUS[number] ?? String(number);
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}
