// Addresses of the runtime's streaming server for one session each. The runtime answers at once; nothing runs before
// somebody connects.
import type { Fault } from '../api/fault.ts';
import { ok, type Result } from '../lib/result.ts';
import type { StreamsPort } from '../ports/streams.ts';
import type { CriChannel } from './channel.ts';

const REASON = 'StreamFailed';
const DEADLINE_MS = 30_000;

export function createStreams(channel: CriChannel): StreamsPort {
  return {
    exec: async (containerId, { command, ...flags }, signal) =>
      urlOf(
        await channel.unary(
          'RuntimeService/Exec',
          { containerId, cmd: command, ...flags },
          { reason: REASON, signal, deadlineMs: DEADLINE_MS },
        ),
      ),
    attach: async (containerId, flags, signal) =>
      urlOf(
        await channel.unary(
          'RuntimeService/Attach',
          { containerId, ...flags },
          { reason: REASON, signal, deadlineMs: DEADLINE_MS },
        ),
      ),
    portForward: async (podSandboxId, port, signal) =>
      urlOf(
        await channel.unary(
          'RuntimeService/PortForward',
          { podSandboxId, port },
          { reason: REASON, signal, deadlineMs: DEADLINE_MS },
        ),
      ),
  };
}

function urlOf(answer: Result<{ readonly url: string }, Fault>): Result<string, Fault> {
  return answer.ok ? ok(answer.value.url) : answer;
}
