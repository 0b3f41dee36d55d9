// The kernel's word that something changed in a directory: a hint to look, never a fact. The only file that knows
// chokidar. Watches one directory without its entries (one inotify watch however many files), or, while that does not
// exist, its nearest ancestor that does. Queue overflow and network mounts lose events, so the caller also polls.
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type FSWatcher, watch } from 'chokidar';
import type { Touch } from './inspect.ts';

export interface Hints {
  /** Watches this directory from now on; resolves when the watch is in place, or cannot be. Idempotent. */
  aim(directory: string): Promise<void>;
  /** What was touched since the last call, by entry name. */
  take(): ReadonlyMap<string, Touch>;
  close(): Promise<void>;
}

export interface HintOptions {
  /** Something was touched. */
  hint(): void;
  /** Hints do not work; said once per reason. */
  warn(message: string): void;
}

/** More names than this are no longer told apart: the scan looks at everything anyway. */
const TOUCHED_MAX = 10_000;
const READY_TIMEOUT_MS = 1_000;
const CLOSE_TIMEOUT_MS = 1_000;

interface Aim {
  readonly directory: string;
  readonly identity: string;
  /** Where it is an ancestor: the only entry that matters. */
  readonly only: string | undefined;
}

export function createHints({ hint, warn }: HintOptions): Hints {
  let touched = new Map<string, Touch>();
  let current: { readonly aim: Aim; readonly watcher: FSWatcher } | undefined;
  let lastWarning: string | undefined;

  function note(aim: Aim, event: string, name: string | null): void {
    if (aim.only !== undefined && name !== null && name !== aim.only) return;
    if (name !== null && touched.size < TOUCHED_MAX) {
      const isWritten = event !== 'rename' || touched.get(name) === 'written';
      touched.set(name, isWritten ? 'written' : 'moved');
    }
    hint();
  }

  async function aim(wanted: string): Promise<void> {
    const next = await nearest(wanted);
    if (current !== undefined && isSame(current.aim, next)) return;
    await drop();
    const watcher = watch(next.directory, {
      depth: 0,
      ignored: (entry) => entry !== next.directory,
      ignoreInitial: true,
      followSymlinks: true,
      persistent: true,
      usePolling: false,
      atomic: false,
      awaitWriteFinish: false,
    });
    current = { aim: next, watcher };
    watcher.on('raw', (event, name) => note(next, event, name));
    const failure = await ready(watcher, (code) => fail(watcher, code));
    // What came between the caller's last look and this watch went unseen.
    if (failure === undefined) hint();
  }

  /** Hints have ended: the next aim tries again. */
  async function fail(watcher: FSWatcher, code: string): Promise<void> {
    if (current?.watcher !== watcher) return;
    const { directory } = current.aim;
    await drop();
    if (code !== lastWarning) warn(`Cannot watch ${directory} (${code}): changes are found by looking now and then`);
    lastWarning = code;
  }

  async function drop(): Promise<void> {
    const before = current;
    current = undefined;
    if (before !== undefined) await closed(before.watcher);
  }

  return {
    aim,
    take() {
      const taken = touched;
      touched = new Map();
      return taken;
    },
    close: drop,
  };
}

/** @returns undefined when the watch is in place, else the error's code; later errors go to `failed` */
function ready(watcher: FSWatcher, failed: (code: string) => Promise<void>): Promise<string | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, READY_TIMEOUT_MS, undefined);
    const settle = (code: string | undefined): void => {
      clearTimeout(timer);
      resolve(code);
    };
    watcher.once('ready', () => settle(undefined));
    watcher.on('error', (error) => {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
      settle(code);
      void failed(code);
    });
  });
}

/** A watcher that failed halfway may never be done with closing, or say that it could not: neither may stop the looking. */
async function closed(watcher: FSWatcher): Promise<void> {
  const patience = new AbortController();
  const late = pause(CLOSE_TIMEOUT_MS, undefined, { signal: patience.signal }).catch(() => {});
  await Promise.race([watcher.close().catch(() => {}), late]);
  patience.abort();
}

function isSame(a: Aim, b: Aim): boolean {
  return a.directory === b.directory && a.identity === b.identity && a.only === b.only;
}

/** The directory itself or the nearest ancestor that is there. */
async function nearest(wanted: string): Promise<Aim> {
  let directory = wanted;
  let only: string | undefined;
  for (;;) {
    const stats = await stat(directory).catch(() => undefined);
    if (stats?.isDirectory() === true || directory === path.dirname(directory)) {
      return { directory, identity: `${stats?.dev}:${stats?.ino}`, only };
    }
    only = path.basename(directory);
    directory = path.dirname(directory);
  }
}
