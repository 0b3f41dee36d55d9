// PodSandbox messages to ObservedSandbox. Pure.
import type { ObservedSandbox } from '../../api/observed.ts';
import { POD_UID_LABEL } from '../encode/labels.ts';
import type { ReadSandbox, ReadSandboxStatus } from '../messages.ts';
import { decodeTime } from './time.ts';

/** @returns undefined where the sandbox has no pod uid: it is not a kubelet-style pod */
export function decodeSandbox(sandbox: ReadSandbox | ReadSandboxStatus): ObservedSandbox | undefined {
  const podUid = sandbox.labels[POD_UID_LABEL];
  if (!podUid || sandbox.metadata === null) return undefined;
  const { name, namespace, attempt } = sandbox.metadata;
  return {
    id: sandbox.id,
    podUid,
    name,
    namespace,
    attempt,
    state: sandbox.state === 'SANDBOX_READY' ? 'ready' : 'notReady',
    createdAt: decodeTime(sandbox.createdAt),
    ips: 'network' in sandbox ? decodeIps(sandbox) : [],
    network: 'linux' in sandbox && networkMode(sandbox) === 'NODE' ? 'node' : 'pod',
    labels: sandbox.labels,
    annotations: sandbox.annotations,
  };
}

function decodeIps({ network }: ReadSandboxStatus): readonly string[] {
  if (network === null || network.ip === '') return [];
  return [network.ip, ...network.additionalIps.map(({ ip }) => ip)];
}

function networkMode({ linux }: ReadSandboxStatus): string | undefined {
  return linux?.namespaces?.options?.network;
}
