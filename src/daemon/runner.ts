// The running loop as the local API sees it: snapshots, subscriptions, requests.
import type { World } from '../core/world.ts';
import type {
  PodSelection,
  RunnerPort,
  RunnerReply,
  RunnerSnapshot,
  RunnerVerb,
  SourceTrouble,
} from '../ports/runner.ts';
import { podKey, selectPods } from '../server/selectPods.ts';
import type { Fact } from './loop.ts';
import { projectSnapshot } from './snapshot.ts';
import type { VolumeDesk } from './volumeDesk.ts';

export interface RunnerOptions {
  readonly world: () => World;
  readonly troubles: () => readonly SourceTrouble[];
  readonly tell: (fact: Fact) => void;
  /** Resolves when what operators wish is on disk. */
  readonly recorded: () => Promise<void>;
  readonly volumes: VolumeDesk;
  readonly accept: () => readonly string[];
  readonly config: RunnerPort['config'];
}

export interface Runner extends RunnerPort {
  /** Says that the world or the troubles have changed. */
  changed(): void;
}

export function createRunner(options: RunnerOptions): Runner {
  let version = 0;
  let latest: RunnerSnapshot | undefined;
  const listeners = new Set<() => void>();

  return {
    changed() {
      version++;
      latest = undefined;
      for (const listener of listeners) listener();
    },
    snapshot() {
      latest ??= projectSnapshot(options.world(), { version, troubles: options.troubles() });
      return latest;
    },
    instances(podUid) {
      const record = options.world().pods.get(podUid);
      const sandbox = record?.sandboxes.find(({ state }) => state === 'ready');
      const containers = (record?.containers ?? []).map(({ id, name, attempt, state, logPath }) => {
        return { id, name, attempt, isRunning: state === 'running', logPath };
      });
      return { ...(sandbox === undefined ? {} : { sandboxId: sandbox.id }), containers };
    },
    subscribe(changed, signal) {
      if (signal.aborted) return;
      listeners.add(changed);
      signal.addEventListener('abort', () => listeners.delete(changed), { once: true });
    },
    async request(verb, selection) {
      const reply = select(options.world(), verb, selection);
      if (!reply.ok) return reply;
      options.tell({ kind: 'request', verb, keys: reply.pods });
      await afterNextTurn();
      await options.recorded();
      return reply;
    },
    volumes: (signal) => options.volumes.list(signal),
    removeVolumes: (volumes, signal) => options.volumes.remove(volumes, signal),
    async accept() {
      const ended = options.accept();
      await afterNextTurn();
      await options.recorded();
      return ended;
    },
    config: options.config,
  };
}

/** Turns run in setImmediate callbacks, in order: one asked for now runs after a turn that is due. */
function afterNextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(() => setImmediate(resolve));
  });
}

/** The keys that a selection means, among pods that some manifest gives. */
function select(world: World, verb: RunnerVerb, selection: PodSelection): RunnerReply {
  const given = [...world.pods.values()].filter((r) => r.desired !== undefined);
  // Two incarnations of one key are one pod to a person.
  const byKey = new Map(given.map(({ key, name, namespace }) => [key, { metadata: { name, namespace } }]));
  const pods = [...byKey.values()];
  const keys = [...byKey.keys()].sort();
  if ('all' in selection) return { ok: true, pods: keys };
  const selected = selectPods(pods, { ...selection, nodeName: world.settings.nodeName });
  if (selected.ok) return { ok: true, pods: selected.value.map(podKey) };
  const known = keys.length === 0 ? 'There are none' : `There are ${keys.join(', ')}`;
  return { ok: false, status: 404, message: `Cannot ${verb}: ${selected.error}. ${known}` };
}
