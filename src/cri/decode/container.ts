// Container messages to ObservedContainer. Pure. A list entry lacks times, exit code and log path; a status lacks the
// sandbox it belongs to, so that comes from the list.
import type { ContainerState, ObservedContainer } from '../../api/observed.ts';
import {
  CONTAINER_HASH_ANNOTATION,
  CONTAINER_NAME_LABEL,
  POD_UID_LABEL,
  RESTART_COUNT_ANNOTATION,
} from '../encode/labels.ts';
import type { ReadContainer, ReadContainerStatus } from '../messages.ts';
import { decodeOptionalTime, decodeTime } from './time.ts';

const STATES: { readonly [state: string]: ContainerState } = {
  CONTAINER_CREATED: 'created',
  CONTAINER_RUNNING: 'running',
  CONTAINER_EXITED: 'exited',
};

/** @returns undefined where the container has no pod uid: it is not part of a kubelet-style pod */
export function decodeContainer(container: ReadContainer): ObservedContainer | undefined {
  return decodeCommon(container, container.podSandboxId);
}

/** @returns undefined where the container has no pod uid */
export function decodeContainerStatus(status: ReadContainerStatus, sandboxId: string): ObservedContainer | undefined {
  const common = decodeCommon(status, sandboxId);
  if (common === undefined) return undefined;
  const startedAt = decodeOptionalTime(status.startedAt);
  const finishedAt = decodeOptionalTime(status.finishedAt);
  return {
    ...common,
    logPath: status.logPath,
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(finishedAt === undefined ? {} : { finishedAt }),
    ...(common.state === 'exited' ? { exitCode: status.exitCode } : {}),
    ...(status.reason === '' ? {} : { reason: status.reason }),
    ...(status.message === '' ? {} : { message: status.message }),
  };
}

function decodeCommon(
  container: ReadContainer | ReadContainerStatus,
  sandboxId: string,
): ObservedContainer | undefined {
  const { labels, annotations } = container;
  const podUid = labels[POD_UID_LABEL];
  if (!podUid || container.metadata === null) return undefined;
  return {
    id: container.id,
    podUid,
    sandboxId,
    name: labels[CONTAINER_NAME_LABEL] ?? container.metadata.name,
    attempt: decodeCount(annotations[RESTART_COUNT_ANNOTATION]) ?? container.metadata.attempt,
    state: STATES[container.state] ?? 'unknown',
    createdAt: decodeTime(container.createdAt),
    image: container.image?.image ?? '',
    imageRef: container.imageRef,
    specHash: annotations[CONTAINER_HASH_ANNOTATION] ?? '',
    logPath: '',
    labels,
    annotations,
  };
}

function decodeCount(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
