// Details of runtime objects that do not change while the object's state stays the same, so that a look at everything
// costs two list calls and not one call per object. Bounded; forgets what is gone.

/** Far above what one machine runs; reached only when something makes containers without end. */
const ENTRIES_MAX = 20_000;

export interface DetailCache<Detail> {
  get(id: string, state: string): Detail | undefined;
  set(id: string, entry: { readonly state: string; readonly detail: Detail }): void;
  /** Keeps only these ids. */
  retain(ids: ReadonlySet<string>): void;
  /** Every detail held, for lookups by id whatever the state. */
  peek(id: string): Detail | undefined;
}

export function createDetailCache<Detail>(): DetailCache<Detail> {
  const entries = new Map<string, { readonly state: string; readonly detail: Detail }>();
  return {
    get(id, state) {
      const entry = entries.get(id);
      return entry?.state === state ? entry.detail : undefined;
    },
    set(id, entry) {
      const oldest = entries.keys().next();
      if (entries.size >= ENTRIES_MAX && !oldest.done) entries.delete(oldest.value);
      entries.set(id, entry);
    },
    retain(ids) {
      for (const id of entries.keys()) {
        if (!ids.has(id)) entries.delete(id);
      }
    },
    peek: (id) => entries.get(id)?.detail,
  };
}
