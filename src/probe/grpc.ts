// grpc probe: asks the standard health service (grpc.health.v1.Health/Check) over plain text at the pod's address.
// Rule: kubelet pkg/probe/grpc. The two messages of that service have one field each, so they are coded here by hand.
import { Client, status as Code, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
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
  deadline.signal.addEventListener('abort', () => client.close());
  try {
    const limit = formatGoDuration(call.timeoutMs);
    const shown = formatAddress(address.value);
    if (!(await isConnected(client, deadline))) {
      if (call.signal.aborted) return unknown('cancelled');
      return failure(`timeout: failed to connect service "${shown}" within ${limit}: context deadline exceeded`);
    }
    const answer = await check(client, service, deadline);
    if (typeof answer === 'string') {
      return answer === 'SERVING'
        ? success('service healthy')
        : failure(`service unhealthy (responded with "${answer}")`);
    }
    if (call.signal.aborted) return unknown('cancelled');
    const isTimedOut = deadline.isOver() || answer.code === Code.DEADLINE_EXCEEDED;
    return failure(isTimedOut ? `timeout: health rpc did not complete within ${limit}` : describe(answer));
  } finally {
    client.close();
  }
}

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

/** Tries again until there is a connection or time is up, as a service may just be starting. */
function isConnected(client: Client, deadline: Deadline): Promise<boolean> {
  return new Promise((resolve) => {
    if (deadline.signal.aborted) return resolve(false);
    deadline.signal.addEventListener('abort', () => resolve(false));
    client.waitForReady(Number.POSITIVE_INFINITY, (error) => resolve(error === undefined));
  });
}

function check(client: Client, service: string, deadline: Deadline): Promise<string | ServiceError> {
  return new Promise((resolve) => {
    const call = client.makeUnaryRequest(METHOD, encodeRequest, decodeAnswer, service, new Metadata(), (error, value) =>
      resolve(error ?? value ?? 'UNKNOWN'),
    );
    deadline.signal.addEventListener('abort', () => call.cancel());
  });
}

function describe({ code, details }: ServiceError): string {
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
