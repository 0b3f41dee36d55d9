// The container runtime behind its ports: one object over one channel. The only file of this folder that others import.
import type { Fault } from '../api/fault.ts';
import type { NodeFacts } from '../api/node.ts';
import { ok, type Result } from '../lib/result.ts';
import type { ImagesPort, RuntimePort } from '../ports/runtime.ts';
import type { StatsPort } from '../ports/stats.ts';
import type { StreamsPort } from '../ports/streams.ts';
import type { ImageStorePort } from '../ports/upkeep.ts';
import { type CriChannel, openChannel } from './channel.ts';
import {
  createContainer,
  execSync,
  removeContainer,
  reopenLog,
  resizeContainer,
  startContainer,
  stopContainer,
} from './containers.ts';
import type { RuntimeContext } from './context.ts';
import { canMountRecursivelyReadOnly, decodeStatus } from './decode/status.ts';
import { createDownloads } from './downloads.ts';
import { readHostAbilities } from './hostAbilities.ts';
import { createImageStore } from './imageStore.ts';
import { inspectImage, listDownloads, pullImage } from './images.ts';
import { createObserver } from './observe.ts';
import { removeSandbox, runSandbox, stopSandbox } from './sandboxes.ts';
import { signalContainer } from './signal.ts';
import { createStats } from './stats.ts';
import { createStreams } from './streams.ts';
import { watchRuntime } from './watch.ts';

const STATUS_REASON = 'RuntimeNotReady';

export interface RuntimeOptions {
  /** Unix socket of the runtime, as "unix:///run/containerd/containerd.sock" or a bare path. */
  readonly endpoint: string;
  readonly node: NodeFacts;
  /** Root directory of this runner: marks what it makes, and hides what others made. */
  readonly owner: string;
}

export interface ContainerRuntime extends RuntimePort, ImagesPort {
  /** The driver that the runtime manages cgroups with; undefined where it does not say (containerd before 2.0). */
  cgroupDriver(signal: AbortSignal): Promise<Result<'cgroupfs' | 'systemd' | undefined, Fault>>;
  readonly imageStore: ImageStorePort;
  readonly streams: StreamsPort;
  readonly stats: StatsPort;
  /** Ends the connection; calls in flight fail. */
  close(): void;
}

/** Connects at the first call and reconnects by itself; a runtime that is not there yet is no error here. */
export function createRuntime({ endpoint, node, owner }: RuntimeOptions): ContainerRuntime {
  const channel = openChannel(endpoint);
  const observer = createObserver(channel, owner);
  const context: RuntimeContext = {
    channel,
    node,
    owner,
    observer,
    downloads: createDownloads(() => listDownloads(channel)),
    host: readHostAbilities(),
    canMountRecursivelyReadOnly: (signal) => askRecursiveReadOnly(channel, signal),
  };
  return {
    async version(signal) {
      const request = { version: '0.1.0' };
      const answer = await channel.unary('RuntimeService/Version', request, { reason: STATUS_REASON, signal });
      if (!answer.ok) return answer;
      return ok({ name: answer.value.runtimeName, version: answer.value.runtimeVersion });
    },
    async status(signal) {
      const answer = await readStatus(channel, signal);
      return answer.ok ? ok(decodeStatus(answer.value)) : answer;
    },
    observe: observer.observe,
    inspectContainer: observer.inspectContainer,
    runSandbox: (request, signal) => runSandbox(context, request, signal),
    stopSandbox: (id, signal) => stopSandbox(context, id, signal),
    removeSandbox: (id, signal) => removeSandbox(context, id, signal),
    createContainer: (request, signal) => createContainer(context, request, signal),
    startContainer: (id, signal) => startContainer(context, id, signal),
    resizeContainer: (id, wanted, signal) => resizeContainer(context, { id, ...wanted }, signal),
    stopContainer: (id, graceSeconds, signal) => stopContainer(context, { id, graceSeconds }, signal),
    signalContainer: (id, name, signal) => signalContainer(channel, { id, name }, signal),
    removeContainer: (id, signal) => removeContainer(context, id, signal),
    reopenLog: (id, signal) => reopenLog(context, id, signal),
    execSync: (id, command, timeoutSeconds, signal) => execSync(context, { id, command, timeoutSeconds }, signal),
    watch: (changed, signal) => watchRuntime(context, changed, signal),
    inspect: (image, signal) => inspectImage(context, image, signal),
    pull: (request, signal) => pullImage(context, request, signal),
    cgroupDriver: (signal) => askCgroupDriver(channel, signal),
    imageStore: createImageStore(channel),
    streams: createStreams(channel),
    stats: createStats(channel),
    close: channel.close,
  };
}

async function askCgroupDriver(
  channel: CriChannel,
  signal: AbortSignal,
): Promise<Result<'cgroupfs' | 'systemd' | undefined, Fault>> {
  const answer = await channel.unary('RuntimeService/RuntimeConfig', {}, { reason: STATUS_REASON, signal });
  if (!answer.ok) return answer.error.kind === 'unimplemented' ? ok(undefined) : answer;
  const { linux } = answer.value;
  if (linux === null) return ok(undefined);
  return ok(linux.cgroupDriver === 'SYSTEMD' ? 'systemd' : 'cgroupfs');
}

async function askRecursiveReadOnly(channel: CriChannel, signal: AbortSignal): Promise<boolean> {
  const answer = await readStatus(channel, signal);
  return answer.ok && canMountRecursivelyReadOnly(answer.value);
}

function readStatus(channel: CriChannel, signal: AbortSignal) {
  return channel.unary('RuntimeService/Status', { verbose: false }, { reason: STATUS_REASON, signal });
}
