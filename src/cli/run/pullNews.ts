// What `run` tells of pulls, as plain lines: that one began, now and then how far it is, and how it ended.
import { printable } from '../../manifest/format.ts';
import type { PullNote, RunnerSnapshot } from '../../ports/runner.ts';

const AGAIN_MS = 10_000;
/** Events that tell how a pull ended. */
const ENDS = /^(Successfully pulled image|Container image|Failed to pull image) /;

export interface PullNews {
  /** Lines about what has changed since the last call. */
  news(snapshot: RunnerSnapshot, now: number): readonly string[];
}

interface Told {
  readonly podUid: string;
  readonly pull: PullNote;
  readonly text: string;
  readonly at: number;
}

export function createPullNews(): PullNews {
  const told = new Map<string, Told>();
  return {
    news(snapshot, now) {
      const lines: string[] = [];
      const present = new Set<string>();
      for (const { uid, key, pulls = [] } of Object.values(snapshot.notes)) {
        for (const pull of pulls) {
          const id = `${uid}/${pull.container}/${pull.since}`;
          present.add(id);
          const before = told.get(id);
          const isNew = before === undefined;
          if (!isNew && (before.text === pull.text || now - before.at < AGAIN_MS)) continue;
          told.set(id, { podUid: uid, pull, text: pull.text, at: now });
          lines.push(isNew ? `${pull.text} (${key})` : pull.text);
        }
      }
      for (const [id, { podUid, pull }] of told) {
        if (present.has(id)) continue;
        told.delete(id);
        const end = snapshot.events.findLast((e) => e.podUid === podUid && isAbout(e.message, pull.image));
        if (end !== undefined) lines.push(end.message);
      }
      return lines.map(printable);
    },
  };
}

function isAbout(message: string, image: string): boolean {
  return ENDS.test(message) && message.includes(`"${image}"`);
}
