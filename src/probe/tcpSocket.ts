// tcpSocket probe: success when a connection comes about; it is closed at once and nothing is sent.
// Rule: kubelet pkg/probe/tcp.
import { connect } from 'node:net';
import type { TCPSocketAction } from '../api/kubernetes.ts';
import type { ProbeVerdict } from '../ports/probes.ts';
import type { HandlerCall } from './call.ts';
import { startDeadline } from './deadline.ts';
import { describeNetError } from './netError.ts';
import { addressOf, formatAddress } from './target.ts';
import { failure, success, unknown } from './verdicts.ts';

export async function probeTcpSocket(action: TCPSocketAction, call: HandlerCall): Promise<ProbeVerdict> {
  const address = addressOf(call.target, action);
  if (!address.ok) return unknown(address.error);
  using deadline = startDeadline(call.timeoutMs, call.signal);
  const { host, port } = address.value;
  const shown = formatAddress(address.value);
  // Awaited here: the deadline ends with this function.
  return await new Promise((resolve) => {
    const socket = connect({ host, port, signal: deadline.signal, autoSelectFamily: true });
    socket.once('connect', () => {
      socket.destroy();
      resolve(success(''));
    });
    socket.once('error', (error) => {
      if (deadline.isOver()) resolve(failure(`dial tcp ${shown}: i/o timeout`));
      else if (call.signal.aborted) resolve(unknown('cancelled'));
      else resolve(failure(describeNetError(error, shown)));
    });
  });
}
