// ConfigMap and Secret documents: what becomes of them, and that nothing ever repeats what they hold.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DataObject } from '../../../src/api/dataObject.ts';
import { loadManifest } from '../../../src/manifest/load.ts';

const CANARY = 'canary-4711';

function load(text: string, mode: 'run' | 'validate' = 'run') {
  return loadManifest(text, { file: 'a.yaml', location: '/a.yaml', source: 'file', nodeName: 'node', mode });
}

function only(text: string): DataObject {
  const { objects, diagnostics } = load(text);
  assert.deepEqual(diagnostics, []);
  const [object] = objects;
  assert.ok(object !== undefined && object.kind !== 'PersistentVolumeClaim' && objects.length === 1);
  return object;
}

const texts = (entries: ReadonlyMap<string, Uint8Array>): object =>
  Object.fromEntries([...entries].map(([key, bytes]) => [key, Buffer.from(bytes).toString('latin1')]));

describe('ConfigMaps and Secrets', () => {
  it('become bytes by key, with the namespace that pods have by default', () => {
    const map = only(
      '# first\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {k: ü}\nbinaryData: {b: 3q3+}',
    );
    const { kind, namespace, name, origin, data, binaryData } = map;
    assert.deepEqual(
      { kind, namespace, name, origin, data: texts(data), binaryData: texts(binaryData) },
      {
        kind: 'ConfigMap',
        namespace: 'default',
        name: 'm',
        origin: { location: '/a.yaml', line: 2 },
        data: { k: 'Ã¼' },
        binaryData: { b: '\xde\xad\xfe' },
      },
    );
  });

  it('lets stringData of a Secret win over data', () => {
    const secret = only(
      'apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: ns}\ntype: Opaque\ndata: {a: YQ==, b: Yg==}\nstringData: {a: new}',
    );
    assert.deepEqual([secret.namespace, secret.type, texts(secret.data)], ['ns', 'Opaque', { a: 'new', b: 'b' }]);
  });

  it('have a hash of what a pod can see, however it is written', () => {
    const hash = (rest: string): string => only(`apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n${rest}`).hash;
    const one = hash('data: {a: YQ==}');
    assert.match(one, /^[0-9a-f]{16}$/);
    assert.equal(hash('stringData: {a: a}'), one);
    assert.equal(hash('immutable: true\ndata: {a: YQ==}'), one);
    assert.notEqual(hash('data: {a: Yg==}'), one);
    assert.notEqual(hash('data: {b: YQ==}'), one);
    assert.notEqual(hash('type: x/y\ndata: {a: YQ==}'), one);
  });

  it('stand beside pods, in documents and in lists', () => {
    const map = '{apiVersion: v1, kind: ConfigMap, metadata: {name: m}}';
    const secret = '{apiVersion: v1, kind: Secret, metadata: {name: m}}';
    const pod = '{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: a, image: a:1}]}}';
    const list = `{apiVersion: v1, kind: List, items: [${secret}, ${pod}]}`;
    const { pods, objects } = load(`${map}\n---\n${list}\n`);
    assert.deepEqual(
      [...pods.map((p) => p.key), ...objects.map((o) => `${o.kind} ${o.name} ${o.origin.line}`)],
      ['default/p-node', 'ConfigMap m 1', 'Secret m 3'],
    );
  });

  it('keep the first of two of one name', () => {
    const map = (text: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {k: ${text}}\n`;
    const { objects, diagnostics } = load(`${map('first')}---\n${map('second')}`);
    assert.deepEqual(
      objects.map((object) => ('data' in object ? texts(object.data) : object)),
      [{ k: 'first' }],
    );
    assert.deepEqual(
      diagnostics.map((d) => `${d.line} ${d.path}: ${d.message}`),
      ['8 metadata.name: ConfigMap "default/m" is already defined at line 1'],
    );
  });

  const bad: readonly [string, string][] = [
    ['a number', `data: {pin: 4711}`],
    ['a fraction', `data: {pin: 47.11}`],
    ['a truth', `stringData: {pin: true}`],
    ['a list', `stringData: {pin: [${CANARY}]}`],
    ['what is not base64', `data: {pin: ${CANARY}}`],
    ['a placeholder', `data: {pin: "\${${CANARY}}"}`],
    ['a bad key', `data: {"a/b": ${btoa(CANARY)}}`],
    ['a text instead of a mapping', `stringData: ${CANARY}`],
    ['an unclosed quote', `stringData: {pin: "${CANARY}`],
    ['a bad escape', `stringData: {pin: "\\q${CANARY}"}`],
    ['a repeated key', `stringData: {pin: ${CANARY}, pin: ${CANARY}}`],
    ['an unknown alias', `stringData: {pin: *${CANARY}}`],
    ['a block with a text', `stringData: {}\ndata:\n  pin: |${CANARY}`],
    ['an unknown tag', `stringData: {pin: !${CANARY} x}`],
  ];
  for (const [name, rest] of bad) {
    it(`does not repeat a secret that is ${name}`, () => {
      const { objects, diagnostics } = load(`apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n${rest}\n`);
      assert.deepEqual(objects, []);
      const messages = diagnostics.map((d) => `${d.message} ${d.suggestion ?? ''}`).join('\n');
      assert.notEqual(messages, '');
      assert.doesNotMatch(messages, /4711|47\.11|true/);
    });
  }
});

describe('solopod.dev/on-config-change', () => {
  const pod = (value: string): string =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: p, annotations: {solopod.dev/on-config-change: ${value}}}\nspec: {containers: [{name: a, image: a:1}]}`;
  for (const value of ['restart', 'none', 'signal=SIGHUP', 'signal=SIGUSR1']) {
    it(`may be ${value}`, () => assert.deepEqual(load(pod(value)).diagnostics, []));
  }

  for (const [value, message] of [
    ['reload', 'must be "none", "restart" or "signal=<signal>", such as "signal=SIGHUP", got "reload"'],
    ['signal=HUP', /^must name one of the signals SIGHUP, .*SIGPWR, got "signal=HUP"$/],
    ['signal=SIGKILL', /^must name one of the signals/],
  ] as const) {
    it(`may not be ${value}`, () => {
      const [found, ...more] = load(pod(value)).diagnostics;
      assert.deepEqual([found?.path, more], ['metadata.annotations[solopod.dev/on-config-change]', []]);
      if (typeof message === 'string') assert.equal(found?.message, message);
      else assert.match(found?.message ?? '', message);
    });
  }
});
