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
import type { Fact } from './loop.ts';
import { projectSnapshot } from './snapshot.ts';

export interface RunnerOptions {
  readonly world: () => World;
  readonly troubles: () => readonly SourceTrouble[];
  readonly tell: (fact: Fact) => void;
  /** Resolves when what operators wish is on disk. */
  readonly recorded: () => Promise<void>;
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
  const keys = [...new Set(given.map((r) => r.key))].sort();
  if ('all' in selection) return { ok: true, pods: keys };
  const chosen = new Set<string>();
  for (const name of selection.names) {
    const matches = matching(keys, name, { nodeName: world.settings.nodeName, namespace: selection.namespace });
    const [only] = matches;
    if (only === undefined) {
      const known = keys.length === 0 ? 'there are none' : `there are: ${keys.join(', ')}`;
      return { ok: false, status: 404, message: `No pod "${name}" to ${verb}; ${known}` };
    }
    if (matches.length > 1) {
      const message = `"${name}" means several pods: ${matches.join(', ')}; give more of the name`;
      return { ok: false, status: 409, message };
    }
    chosen.add(only);
  }
  return { ok: true, pods: [...chosen] };
}

interface NameContext {
  readonly nodeName: string;
  readonly namespace: string | undefined;
}

/** Exact names win over prefixes; a name may come with or without its namespace and its node suffix. */
function matching(keys: readonly string[], wanted: string, { nodeName, namespace }: NameContext): readonly string[] {
  const inNamespace = keys.filter((k) => namespace === undefined || k.startsWith(`${namespace}/`));
  const nameOf = (key: string): string => (wanted.includes('/') ? key : key.slice(key.indexOf('/') + 1));
  const exact = inNamespace.filter((k) => nameOf(k) === wanted || nameOf(k) === `${wanted}-${nodeName}`);
  return exact.length > 0 ? exact : inNamespace.filter((k) => nameOf(k).startsWith(wanted));
}
