// What the calls of this adapter share. Made once, in runtime.ts.
import type { NodeFacts } from '../api/node.ts';
import type { CriChannel } from './channel.ts';
import type { Downloads } from './downloads.ts';
import type { HostAbilities } from './hostAbilities.ts';
import type { Observer } from './observe.ts';

export interface RuntimeContext {
  readonly channel: CriChannel;
  readonly node: NodeFacts;
  /** Root directory of this runner. */
  readonly owner: string;
  readonly host: HostAbilities;
  readonly observer: Observer;
  readonly downloads: Downloads;
  readonly canMountRecursivelyReadOnly: (signal: AbortSignal) => Promise<boolean>;
}
