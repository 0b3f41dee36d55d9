// PersistentVolumeClaim documents: what becomes of them, and which are refused.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadManifest } from '../../../src/manifest/load.ts';

function load(spec: string, mode: 'run' | 'validate' = 'run') {
  const text = `apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\nspec:\n${spec.replace(/^/gm, '  ')}\n`;
  const { objects, diagnostics } = loadManifest(text, {
    file: 'a.yaml',
    location: '/a.yaml',
    source: 'file',
    nodeName: 'node',
    mode,
  });
  return { objects, said: diagnostics.map((d) => `${d.severity} ${d.path}: ${d.message}`) };
}

const GOOD = 'accessModes: [ReadWriteOnce]\nresources: {requests: {storage: 1024Mi}}';

describe('claims', () => {
  it('are an identity, access modes and a size', () => {
    const { objects, said } = load(GOOD);
    assert.deepEqual(said, []);
    assert.deepEqual(
      objects.map(({ hash, ...rest }) => ({ ...rest, hash: hash.length })),
      [
        {
          kind: 'PersistentVolumeClaim',
          namespace: 'default',
          name: 'data',
          accessModes: ['ReadWriteOnce'],
          storage: '1Gi',
          origin: { location: '/a.yaml', line: 1 },
          hash: 16,
        },
      ],
    );
  });

  it('note what has no meaning on one machine, and are taken all the same', () => {
    const { objects, said } = load(`${GOOD.replace('}}', '}, limits: {storage: 2Gi}}')}\nstorageClassName: fast`);
    assert.equal(objects.length, 1);
    assert.deepEqual(said, [
      'warning spec.resources.limits: ignored: nothing holds a pod to the size of a claim',
      'warning spec.storageClassName: ignored: a claim is a directory on this machine',
    ]);
  });

  const MODES = 'spec.accessModes';
  const STORAGE = 'spec.resources.requests[storage]';
  const refused: readonly (readonly [string, string, string])[] = [
    ['no access mode', 'resources: {requests: {storage: 1Gi}}', `${MODES}: required field is missing, such as`],
    ['an unknown access mode', GOOD.replace('ReadWriteOnce', 'Once'), `${MODES}[0]: `],
    [
      'a mode that stands alone',
      GOOD.replace('Once]', 'Once, ReadWriteOncePod]'),
      `${MODES}: "ReadWriteOncePod" may not`,
    ],
    ['no size', 'accessModes: [ReadWriteOnce]', `${STORAGE}: required field is missing, such as "1Gi"`],
    ['a size of 0', GOOD.replace('1024Mi', '0'), `${STORAGE}: must be greater than 0`],
    ['block devices', `${GOOD}\nvolumeMode: Block`, 'spec.volumeMode: valid, but solopod refuses it: block devices'],
    [
      'a choice of volume',
      `${GOOD}\nvolumeName: pv1`,
      'spec.volumeName: valid, but solopod refuses it: a claim is a new',
    ],
    ['a selector', `${GOOD}\nselector: {matchLabels: {a: b}}`, 'spec.selector: valid, but solopod refuses it'],
    ['a misspelt field', `${GOOD}\nacessModes: []`, 'spec.acessModes: unknown field'],
  ];
  for (const [title, spec, expected] of refused) {
    it(`are refused with ${title}`, () => {
      const { objects, said } = load(spec);
      assert.deepEqual(objects, []);
      assert.ok(
        said.some((line) => line.startsWith(`error ${expected}`)),
        said.join('\n'),
      );
    });
  }

  it('are valid where they only cannot run here', () => {
    assert.deepEqual(load(`${GOOD}\nvolumeMode: Block`, 'validate').said, [
      'warning spec.volumeMode: valid, but solopod refuses it: block devices from claims are not implemented',
    ]);
  });
});
