import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FaultKind } from '../../../src/api/fault.ts';
import { faultOf, reservedFor } from '../../../src/cri/errors.ts';

describe('faultOf', () => {
  const cases: readonly { name: string; code: number; details: string; kind: FaultKind; message?: string }[] = [
    {
      name: 'no socket: nothing was sent',
      code: 14,
      details: 'No connection established. Last error: Error: connect ENOENT /run/x.sock. Resolution note: ',
      kind: 'unavailable',
      message: 'Cannot connect to the container runtime: connect ENOENT /run/x.sock',
    },
    { name: 'no connection, no reason', code: 14, details: 'No connection established', kind: 'unavailable' },
    { name: 'closed channel', code: 14, details: 'Channel has been shut down', kind: 'unavailable' },
    { name: 'connection lost under way', code: 14, details: 'Connection dropped', kind: 'unknownOutcome' },
    { name: 'connection reset', code: 14, details: 'read ECONNRESET', kind: 'unknownOutcome' },
    { name: 'deadline', code: 4, details: 'Deadline exceeded after 120.0s', kind: 'unknownOutcome' },
    { name: 'cancelled by the runtime', code: 1, details: 'context canceled', kind: 'unknownOutcome' },
    {
      name: 'stream reset',
      code: 13,
      details: 'Received RST_STREAM with code 2 (Internal server error)',
      kind: 'unknownOutcome',
    },
    { name: 'internal error of the runtime', code: 13, details: 'grpc: error while marshaling', kind: 'refused' },
    { name: 'no such object', code: 5, details: 'container "x": not found', kind: 'notFound' },
    { name: 'no such call', code: 12, details: 'unknown method GetContainerEvents', kind: 'unimplemented' },
    { name: 'answer too large', code: 8, details: 'Received message larger than max', kind: 'refused' },
    {
      name: 'status inside a status',
      code: 2,
      details: 'failed to pull: rpc error: code = NotFound desc = no such image',
      kind: 'refused',
      message: 'failed to pull: no such image',
    },
    {
      name: 'no message',
      code: 2,
      details: '',
      kind: 'refused',
      message: 'The container runtime failed with code 2 and no message',
    },
  ];
  for (const { name, code, details, kind, message = details } of cases) {
    it(`${name}: ${kind}`, () => {
      assert.deepEqual(faultOf({ code, details }, 'SomeReason'), { kind, reason: 'SomeReason', message });
    });
  }
});

it('reads for whom a name is held', () => {
  const fault = (message: string) => ({ kind: 'refused', reason: '', message }) as const;
  const id = '30c92fab7dcf0b8b2bbf3a9107b912040ce06068615aa0e9ef9b0801b28b3ae0';
  assert.equal(reservedFor(fault(`failed to reserve container name "a_b": name "a_b" is reserved for "${id}"`)), id);
  assert.equal(reservedFor(fault(`container name a is reserved for ${id}`)), id);
  assert.equal(reservedFor(fault('something else')), undefined);
});
