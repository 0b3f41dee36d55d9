import assert from 'node:assert/strict';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import type { DataObject, FindObject } from '../../../src/api/dataObject.ts';
import { createCredentials } from '../../../src/credentials/credentials.ts';
import { aPod } from '../../support/pods.ts';
import { tempDir } from '../../support/tempDir.ts';

const IMAGE = 'reg.example/team/app:1';

function config(user: string, more: object = {}): string {
  return JSON.stringify({ auths: { 'reg.example': { username: user, password: 'pw' } }, ...more });
}

function secret(name: string, text: string, more: Partial<DataObject> = {}): DataObject {
  return {
    kind: 'Secret',
    namespace: 'default',
    name,
    hash: `hash-${name}`,
    origin: { location: '/manifests/secrets.yaml', line: 1 },
    type: 'kubernetes.io/dockerconfigjson',
    data: new Map([['.dockerconfigjson', new TextEncoder().encode(text)]]),
    binaryData: new Map(),
    ...more,
  };
}

interface Scene {
  readonly secrets?: readonly DataObject[];
  readonly pullSecrets?: readonly string[];
  /** Files by their path below the scene's folder, which has a `root` and a `home`. */
  readonly files?: { readonly [file: string]: string };
}

async function look(t: TestContext, { secrets = [], pullSecrets = [], files = {} }: Scene) {
  const directory = await tempDir(t);
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(directory, file)), { recursive: true });
    await writeFile(path.join(directory, file), text, { mode: 0o600 });
    if (file.startsWith('bin/')) await chmod(path.join(directory, file), 0o755);
  }
  const find: FindObject = ({ namespace, name }) => secrets.find((s) => s.namespace === namespace && s.name === name);
  const port = createCredentials({
    find,
    rootDir: path.join(directory, 'root'),
    home: path.join(directory, 'home'),
    env: { PATH: `${directory}/bin:${process.env['PATH']}` },
  });
  const pod = aPod({ spec: { imagePullSecrets: pullSecrets.map((name) => ({ name })) } });
  const { credentials, troubles } = await port.find(pod, IMAGE, new AbortController().signal);
  const users = credentials.map(({ username, secret: from }) =>
    from === undefined ? username : `${username} of ${from.name}`,
  );
  return { users, troubles: troubles.map((text) => text.replaceAll(directory, '')) };
}

test('pull secrets come before what the node has', async (t) => {
  const found = await look(t, {
    secrets: [secret('a', config('jane')), secret('b', config('joe'))],
    pullSecrets: ['b', 'a', 'missing'],
    files: { 'root/config.json': config('node') },
  });
  assert.deepEqual(found, { users: ['joe of b', 'jane of a', 'node'], troubles: [] });
});

test('a secret of the old form counts too', async (t) => {
  const data = new Map([
    ['.dockercfg', new TextEncoder().encode('{"reg.example":{"username":"old","password":"pw"}}')],
  ]);
  const old = secret('old', '', { type: 'kubernetes.io/dockercfg', data });
  assert.deepEqual(await look(t, { secrets: [old], pullSecrets: ['old'] }), { users: ['old of old'], troubles: [] });
});

test('a secret of another namespace is not found', async (t) => {
  const other = secret('a', config('jane'), { namespace: 'other' });
  assert.deepEqual(await look(t, { secrets: [other], pullSecrets: ['a'] }), { users: [], troubles: [] });
});

test('a secret that holds no credentials is told by name, never by content', async (t) => {
  const { type: _, ...opaque } = secret('opaque', 'hunter2');
  const found = await look(t, {
    secrets: [opaque, secret('torn', '{"auths": "hunter2'), secret('empty', '', { data: new Map() })],
    pullSecrets: ['opaque', 'torn', 'empty'],
  });
  assert.deepEqual(found, {
    users: [],
    troubles: [
      'pull secret "opaque" has type Opaque, must be kubernetes.io/dockerconfigjson or kubernetes.io/dockercfg',
      'pull secret "torn" is not a JSON object',
      'pull secret "empty" has no key ".dockerconfigjson"',
    ],
  });
});

test('a secret names no helper programs', async (t) => {
  const found = await look(t, {
    secrets: [secret('a', JSON.stringify({ credsStore: 'test' }))],
    pullSecrets: ['a'],
    files: { 'bin/docker-credential-test': '#!/bin/sh\necho \'{"Username":"jane","Secret":"pw"}\'' },
  });
  assert.deepEqual(found, { users: [], troubles: [] });
});

test('of the places for files the first one that has a usable file is taken', async (t) => {
  const files = {
    'root/config.json': '{"auths": "hunter2"}',
    'home/.docker/config.json': config('home'),
    'root/.dockercfg': '{"reg.example":{"username":"old","password":"pw"}}',
  };
  const troubles = ['/root/config.json has "auths" that is not a JSON object'];
  assert.deepEqual(await look(t, { files }), { users: ['home'], troubles });
});

test('a file of the old form is taken where there is none of the new one', async (t) => {
  const files = { 'home/.dockercfg': '{"reg.example":{"username":"old","password":"pw"}}' };
  assert.deepEqual(await look(t, { files }), { users: ['old'], troubles: [] });
});

test('a file that others can read is used and told', async (t) => {
  const directory = await tempDir(t);
  await writeFile(path.join(directory, 'config.json'), config('node'));
  await chmod(path.join(directory, 'config.json'), 0o644);
  const port = createCredentials({ find: () => undefined, rootDir: directory, home: undefined, env: {} });
  const found = await port.find(aPod(), IMAGE, new AbortController().signal);
  assert.deepEqual(found, {
    credentials: [{ username: 'node', password: 'pw', identityToken: '' }],
    troubles: [`${directory}/config.json can be read by other users: chmod 0600 it`],
  });
});

test('a helper for the registry is asked instead of the one for all, before the entries of the file', async (t) => {
  const files = {
    'root/config.json': config('node', { credHelpers: { 'reg.example': 'one' }, credsStore: 'all' }),
    'bin/docker-credential-one': '#!/bin/sh\necho \'{"Username":"one","Secret":"pw"}\'',
    'bin/docker-credential-all': '#!/bin/sh\necho \'{"Username":"all","Secret":"pw"}\'',
  };
  assert.deepEqual(await look(t, { files }), { users: ['one', 'node'], troubles: [] });
  const all = { ...files, 'root/config.json': JSON.stringify({ credsStore: 'all' }) };
  assert.deepEqual(await look(t, { files: all }), { users: ['all'], troubles: [] });
});

test('a helper that fails is told, and the file is used', async (t) => {
  const files = { 'root/config.json': config('node', { credsStore: 'absent' }) };
  const troubles = ['docker-credential-absent is not installed'];
  assert.deepEqual(await look(t, { files }), { users: ['node'], troubles });
});
