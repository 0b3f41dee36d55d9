// The runtime's own conditions and abilities. Pure.
import type { RuntimeCondition, RuntimeStatus } from '../../api/observed.ts';
import type { ReadStatus } from '../messages.ts';

/** A required condition that the runtime does not report counts as not met. */
export function decodeStatus({ status, features, runtimeHandlers }: ReadStatus): RuntimeStatus {
  const condition = (type: string): RuntimeCondition => {
    const found = status?.conditions.find((candidate) => candidate.type === type);
    if (found === undefined) return { ok: false, reason: `${type}Missing`, message: `The runtime reports no ${type}` };
    return { ok: found.status, reason: found.reason, message: found.message };
  };
  return {
    runtime: condition('RuntimeReady'),
    network: condition('NetworkReady'),
    features: {
      supplementalGroupsPolicy: features?.supplementalGroupsPolicy ?? false,
      userNamespaces: runtimeHandlers.filter((handler) => handler.features?.userNamespaces).map(({ name }) => name),
      recursiveReadOnly: canMountRecursivelyReadOnly({ runtimeHandlers }),
    },
  };
}

/** Whether the default handler makes mounts read-only with everything below them. */
export function canMountRecursivelyReadOnly({ runtimeHandlers }: Pick<ReadStatus, 'runtimeHandlers'>): boolean {
  return runtimeHandlers.find(({ name }) => name === '')?.features?.recursiveReadOnlyMounts ?? false;
}
