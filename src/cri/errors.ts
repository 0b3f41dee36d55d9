// The one place where a gRPC status becomes a Fault. Of the status only the message part is kept, as the kubelet does.
// Rule: what was surely not sent is "unavailable"; a call that may have reached the runtime and got no answer is
// "unknownOutcome"; an answer that says no is "refused".
import { status as Code } from '@grpc/grpc-js';
import type { Fault, FaultKind } from '../api/fault.ts';

/** The parts of a gRPC error that count; grpc-js's ServiceError has them. */
export interface GrpcStatus {
  readonly code: number;
  readonly details: string;
}

/** Texts by which grpc-js says that it never had a connection to send the call on. */
const NEVER_SENT = ['No connection established', 'Name resolution failed', 'Channel has been shut down'];
/** Texts by which grpc-js says that the answer was lost on the way. */
const LOST = ['Received RST_STREAM', 'Connection dropped', 'Call ended without gRPC status'];

/** @param reason what the kubelet would show for this call, such as "CreateContainerError" */
export function faultOf(status: GrpcStatus, reason: string): Fault {
  return { kind: kindOf(status), reason, message: messageOf(status) };
}

/** The caller's signal aborted before there was an answer: the runtime may or may not have acted. */
export function cancelledFault(reason: string): Fault {
  return { kind: 'cancelled', reason, message: 'The call was given up' };
}

/** Ids of objects for which a name is held, out of messages such as: name "x" is reserved for "0123abcd". */
export function reservedFor(fault: Fault): string | undefined {
  return /is reserved for "?([0-9a-f]{8,64})"?/.exec(fault.message)?.[1];
}

function kindOf({ code, details }: GrpcStatus): FaultKind {
  switch (code) {
    case Code.NOT_FOUND:
      return 'notFound';
    case Code.UNIMPLEMENTED:
      return 'unimplemented';
    case Code.DEADLINE_EXCEEDED:
    case Code.CANCELLED:
      return 'unknownOutcome';
    case Code.UNAVAILABLE:
      return NEVER_SENT.some((text) => details.startsWith(text)) ? 'unavailable' : 'unknownOutcome';
    case Code.INTERNAL:
    case Code.UNKNOWN:
      return LOST.some((text) => details.includes(text)) ? 'unknownOutcome' : 'refused';
    default:
      return 'refused';
  }
}

/** A runtime that passes on another's status wraps it in "rpc error: code = … desc = …"; people want the end of it. */
function messageOf({ code, details }: GrpcStatus): string {
  const inner = details.replace(/rpc error: code = \w+ desc = /g, '');
  const lastError = /^No connection established\. Last error: (?:Error: )?(.*?)\.? Resolution note: .*$/s.exec(
    inner,
  )?.[1];
  if (lastError !== undefined) return `Cannot connect to the container runtime: ${lastError}`;
  return inner === '' ? `The container runtime failed with code ${code} and no message` : inner;
}
