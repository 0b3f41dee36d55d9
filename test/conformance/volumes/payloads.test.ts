// Files that show ConfigMaps and Secrets, alone and projected: CMVOL, PROJCM, SECVOL, PROJSEC and PROJALL of the census.
import { after, before, describe } from 'node:test';
import type { Volume } from '../../../src/api/kubernetes.ts';
import { whyNoRuntime } from '../../support/containerd.ts';
import { Lab, restartsOf } from '../../support/lab.ts';
import {
  assertLines,
  finalPrint,
  type Line,
  linesOf,
  mounted,
  once,
  type Part,
  SharedPods,
  script,
  watching,
} from '../../support/prints.ts';
import { rowsOf } from '../../support/rows.ts';
import type { RowId } from '../census.ts';

type Kind = 'configMap' | 'secret';
type Items = readonly { readonly key: string; readonly path: string; readonly mode?: number }[];

interface Wishes {
  readonly name?: string;
  readonly items?: Items;
  readonly defaultMode?: number;
  readonly optional?: true;
}

/** A volume that shows an object alone. */
function plain(kind: Kind) {
  return ({ name = 'three', ...wishes }: Wishes = {}): Omit<Volume, 'name'> =>
    kind === 'configMap' ? { configMap: { name, ...wishes } } : { secret: { secretName: name, ...wishes } };
}

/** A volume that projects it. */
function projected(kind: Kind) {
  return ({ name = 'three', defaultMode, ...wishes }: Wishes = {}): Omit<Volume, 'name'> => {
    const source = kind === 'configMap' ? { configMap: { name, ...wishes } } : { secret: { name, ...wishes } };
    return { projected: { sources: [source], ...(defaultMode === undefined ? {} : { defaultMode }) } };
  };
}

const object = (kind: 'ConfigMap' | 'Secret', name: string, more: object, namespace = 'default') => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, namespace },
  ...more,
});
const list = (...items: readonly object[]): string => JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
const THREE = { 'data-1': 'value-1', 'data-2': 'value-2', 'data-3': 'value-3' };
const ENCODED = Object.fromEntries(Object.entries(THREE).map(([key, text]) => [key, btoa(text)]));

const FIXED = list(
  object('ConfigMap', 'three', { data: THREE }),
  object('ConfigMap', 'binary', { data: { 'data-1': 'value-1' }, binaryData: { 'dump.bin': '3sr+utD+/w==' } }),
  object('ConfigMap', 'one', { data: { 'configmap-data': 'configmap-value-1' } }),
  object('Secret', 'three', { data: ENCODED }),
  object('Secret', 'one', { stringData: { 'secret-data': 'secret-value-1' } }),
  object('Secret', 'three', { stringData: { 'data-1': 'of another namespace' } }, 'other'),
);

/** What the optional objects are at first, and then: one goes, one changes, one comes. */
const OPTIONAL = { before: ['gone', 'kept'], after: ['kept', 'new'] } as const;
function optional(when: 'before' | 'after'): string {
  const content = { gone: { 'data-1': 'value-1' }, new: { 'data-1': 'value-1' } };
  const kept = when === 'before' ? { 'data-1': 'value-1' } : { 'data-3': 'value-3' };
  const items = OPTIONAL[when].flatMap((name) => {
    const data = name === 'kept' ? kept : content[name];
    return [object('ConfigMap', name, { data }), object('Secret', name, { stringData: data })];
  });
  const value = when === 'before' ? 'value-1' : 'value-2';
  return list(...items, object('ConfigMap', 'edited', { data: { 'data-1': value } }));
}

const FACTS = (file: string): readonly string[] => [`cat /v/${file}; echo`, `stat -Lc %A /v/${file}`];
const DATA_2: Items = [{ key: 'data-2', path: 'path/to/data-2' }];
const TMPFS = 'stat -f -c %T /v';

describe('files of ConfigMaps and Secrets', { skip: whyNoRuntime(), concurrency: true }, () => {
  const { row } = rowsOf(import.meta.filename);
  const pods = new SharedPods()
    .pod('prints', { hostNetwork: true })
    .pod('as-user', { hostNetwork: true, securityContext: { runAsUser: 1000 } })
    .pod('as-group', { hostNetwork: true, securityContext: { runAsUser: 1000, fsGroup: 1001 } })
    .pod('live', { hostNetwork: true, restartPolicy: 'Always' });
  let lab: Lab;
  before(async () => {
    lab = await Lab.open('payloads');
    await lab.place.give('fixed.json', FIXED);
    await lab.place.give('optional.json', optional('before'));
    await pods.give(lab);
  });
  after(() => lab.close());

  function prints(id: RowId, part: Part, expected: readonly Line[], pod = 'prints'): void {
    const container = pods.add(pod, id, part);
    row(id, async () => assertLines(await finalPrint(lab, pod, container), expected));
  }

  const change = once(async () => {
    for (const container of watchers) await linesOf(lab, { pod: 'live', container, count: 1 });
    await lab.place.give('optional.json', optional('after'));
  });
  const watchers: string[] = [];

  /** Each file is watched by a container of its own; what it shows before and after the objects have changed. */
  function follows(id: RowId, files: { readonly [name: string]: readonly [Part, before: Line, after: Line] }): void {
    const added = Object.entries(files).map(([name, [part, ...lines]]) => {
      const container = pods.add('live', `${id}-${name}`, part);
      watchers.push(container);
      return { container, lines };
    });
    row(id, async () => {
      await change();
      for (const { container, lines } of added) {
        assertLines((await linesOf(lab, { pod: 'live', container, count: 2 })).slice(0, 2), lines);
        lab.always('live', (pod) => restartsOf(pod, container) === 0);
      }
    });
  }

  for (const [group, source] of [
    ['CMVOL', plain('configMap')],
    ['PROJCM', projected('configMap')],
  ] as const) {
    const volume = (n: number, wishes?: Wishes) => mounted(`${group}-${n}`, source(wishes));
    prints(`${group}-1`, script(FACTS('data-1'), volume(1)), ['value-1', '-rw-r--r--']);
    prints(`${group}-2`, script(FACTS('data-1'), volume(2, { defaultMode: 0o400 })), ['value-1', '-r--------']);
    prints(
      `${group}-3`,
      script(['id -u', ...FACTS('data-1')], volume(3)),
      ['1000', 'value-1', '-rw-r--r--'],
      'as-user',
    );
    const mapped = ['ls /v', ...FACTS('path/to/data-2')];
    prints(`${group}-4`, script(mapped, volume(4, { items: DATA_2 })), ['path', 'value-2', '-rw-r--r--']);
    const tight = DATA_2.map((item) => ({ ...item, mode: 0o400 }));
    prints(`${group}-5`, script(mapped, volume(5, { items: tight })), ['path', 'value-2', '-r--------']);
    prints(
      `${group}-6`,
      script(['id -u', ...mapped], volume(6, { items: DATA_2 })),
      ['1000', 'path', 'value-2', '-rw-r--r--'],
      'as-user',
    );
    const edited = watching('/v/data-1', volume(7, { name: 'edited' }));
    follows(`${group}-7`, { edited: [edited, 'value-1', 'value-2'] });
  }

  prints(
    'CMVOL-8',
    script(
      ['cat /v/data-1; echo', 'hexdump -C /v/dump.bin'],
      mounted('CMVOL-8', plain('configMap')({ name: 'binary' })),
    ),
    ['value-1', /^00000000 {2}de ca fe ba d0 fe ff /, '00000007'],
  );

  for (const [id, source] of [
    ['CMVOL-9', plain('configMap')],
    ['PROJCM-8', projected('configMap')],
    ['SECVOL-8', plain('secret')],
    ['PROJSEC-8', projected('secret')],
  ] as const) {
    const file = (name: string, key: string): Part =>
      watching(`/v/${key}`, mounted(`${id}-${name}`, source({ name, optional: true })));
    follows(id, {
      gone: [file('gone', 'data-1'), 'value-1', /No such file/],
      kept: [file('kept', 'data-3'), /No such file/, 'value-3'],
      new: [file('new', 'data-1'), /No such file/, 'value-1'],
    });
  }

  for (const [id, source, facts, lines] of [
    ['CMVOL-10', plain('configMap'), 'true', []],
    ['PROJCM-9', projected('configMap'), 'true', []],
    ['SECVOL-7', plain('secret'), TMPFS, ['tmpfs']],
    ['PROJSEC-7', projected('secret'), TMPFS, ['tmpfs']],
  ] as const) {
    const [first, second] = [mounted(`${id}-a`, source()), mounted(`${id}-b`, source(), '/w')];
    const both: Part = {
      volumes: [...(first.volumes ?? []), ...(second.volumes ?? [])],
      volumeMounts: [...(first.volumeMounts ?? []), ...(second.volumeMounts ?? [])],
    };
    const other = ['cat /w/data-1; echo', 'stat -Lc %A /w/data-1'];
    prints(id, script([facts, ...FACTS('data-1'), ...other], both), [
      ...lines,
      ...['value-1', '-rw-r--r--', 'value-1', '-rw-r--r--'],
    ]);
  }

  for (const [group, source] of [
    ['SECVOL', plain('secret')],
    ['PROJSEC', projected('secret')],
  ] as const) {
    const volume = (n: number, wishes?: Wishes) => mounted(`${group}-${n}`, source(wishes));
    const facts = [...FACTS('data-1'), TMPFS];
    prints(`${group}-1`, script(facts, volume(1)), ['value-1', '-rw-r--r--', 'tmpfs']);
    prints(`${group}-2`, script(facts, volume(2, { defaultMode: 0o400 })), ['value-1', '-r--------', 'tmpfs']);
    prints(
      `${group}-3`,
      script(['id -u', ...facts], volume(3, { defaultMode: 0o440 })),
      ['1000', 'value-1', '-r--r-----', 'tmpfs'],
      'as-group',
    );
    const items = [{ key: 'data-1', path: 'new-path-data-1' }];
    const moved = [...FACTS('new-path-data-1'), 'ls /v'];
    prints(`${group}-4`, script(moved, volume(4, { items })), ['value-1', '-rw-r--r--', 'new-path-data-1']);
    const tight = items.map((item) => ({ ...item, mode: 0o400 }));
    prints(`${group}-5`, script(moved, volume(5, { items: tight })), ['value-1', '-r--------', 'new-path-data-1']);
    // The namespace "other" has one of the same name.
    prints(`${group}-6`, script(['cat /v/data-1; echo', 'ls /v | wc -l'], volume(6)), ['value-1', '3']);
  }

  prints(
    'PROJALL-1',
    script(['for f in podname cpu_limit secret-data configmap-data; do cat /v/$f; echo; done'], {
      resources: { limits: { cpu: '1250m' } },
      ...mounted('PROJALL-1', {
        projected: {
          sources: [
            { configMap: { name: 'one' } },
            { secret: { name: 'one' } },
            {
              downwardAPI: {
                items: [
                  { path: 'podname', fieldRef: { fieldPath: 'metadata.name' } },
                  { path: 'cpu_limit', resourceFieldRef: { containerName: 'projall-1', resource: 'limits.cpu' } },
                ],
              },
            },
          ],
        },
      }),
    }),
    ['prints-node', '2', 'secret-value-1', 'configmap-value-1'],
  );
});
