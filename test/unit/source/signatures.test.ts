// Manifests that must be signed, in directories and from URLs: what is not is refused like any other bad content.
import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { createSignatureCheck, parseKey, type SignatureKeys } from '../../../src/daemon/signatures.ts';
import { createDirectorySource } from '../../../src/source/directory.ts';
import { createHttpSource } from '../../../src/source/http.ts';
import { serveManifests } from '../../support/manifestServer.ts';
import { now, podText, SourceLab, untilHolds } from '../../support/sourceLab.ts';
import { tempDir } from '../../support/tempDir.ts';

function newSigner() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const der = publicKey.export({ format: 'der', type: 'spki' });
  return {
    key: der.toString('base64'),
    id: createHash('sha256').update(der).digest('hex').slice(0, 8),
    sign: (text: string) => sign(null, Buffer.from(text), privateKey),
  };
}

const OURS = newSigner();
const OLD = newSigner();
const STRANGER = newSigner();

async function scene(t: TestContext, keys: Partial<SignatureKeys> = { trusted: [OURS.key] }) {
  const parent = await tempDir(t, () => SourceLab.stopAll());
  const dir = path.join(parent, 'm');
  await mkdir(dir);
  const options = {
    state: path.join(parent, 'state'),
    sources: () => [createDirectorySource({ path: dir, intervalMs: 100, now, isSigned: true })],
  };
  return { dir, open: (other = keys) => SourceLab.open(t, { ...options, keys: other }) };
}

function put(file: string, content: string | Uint8Array): void {
  writeFileSync(`${path.dirname(file)}/.tmp`, content);
  renameSync(`${path.dirname(file)}/.tmp`, file);
}

function putSigned(file: string, text: string, signer = OURS): void {
  put(`${file}.sig`, `${signer.sign(text).toString('base64')}\n`);
  put(file, text);
}

test('a signed manifest counts; signatures are no manifests and no clutter', async (t) => {
  const { dir, open } = await scene(t);
  putSigned(`${dir}/a.yaml`, podText('a', 'v1'));
  put(`${dir}/b.yaml`, podText('b', 'v1'));
  put(`${dir}/b.yaml.sig`, OURS.sign(podText('b', 'v1')));
  const lab = await open();
  await lab.untilPods({ a: 'v1', b: 'v1' });
  assert.deepEqual(lab.troubles(), []);
});

const REFUSED: readonly (readonly [name: string, spoil: (file: string, text: string) => void, says: string])[] = [
  [
    'without a signature',
    (file, text) => {
      rmSync(`${file}.sig`);
      put(file, text);
    },
    'is not signed: a signature "NAME.sig" must stand beside it',
  ],
  [
    'with the signature of another text',
    (file, text) => put(file, text),
    'has a signature that no trusted key made for this content',
  ],
  [
    'signed by a stranger',
    (file, text) => putSigned(file, text, STRANGER),
    'has a signature that no trusted key made for this content',
  ],
  [
    'with rubbish for a signature',
    (file, text) => {
      put(`${file}.sig`, 'rubbish');
      put(file, text);
    },
    'has a signature that is not 64 bytes, nor their base64',
  ],
];

for (const [name, spoil, says] of REFUSED) {
  test(`a manifest ${name} is refused and its pod stays, also over a restart`, async (t) => {
    const { dir, open } = await scene(t);
    putSigned(`${dir}/a.yaml`, podText('a', 'v1'));
    const lab = await open();
    await lab.untilPods({ a: 'v1' });
    spoil(`${dir}/a.yaml`, podText('a', 'v2'));
    const told = [`rejected ${dir}/a.yaml: 1:1: ${says}`];
    await untilHolds(() => assert.deepEqual(lab.troubles('rejected'), told));
    await lab.restart();
    await untilHolds(() => assert.deepEqual(lab.troubles('rejected'), told));
    assert.deepEqual([lab.pods, lab.lost], [{ a: 'v1' }, []]);
    putSigned(`${dir}/a.yaml`, podText('a', 'v3'));
    await lab.untilPods({ a: 'v3' });
  });
}

test('a retired key signs nothing new, and what it signed stays while it is named', async (t) => {
  const { dir, open } = await scene(t);
  putSigned(`${dir}/a.yaml`, podText('a', 'v1'), OLD);
  const before = await open({ trusted: [OLD.key] });
  await before.untilPods({ a: 'v1' });
  await before.stop();
  const retired = await open({ trusted: [OURS.key], retired: [OLD.key] });
  await retired.untilPods({ a: 'v1' });
  assert.deepEqual(retired.troubles(), []);
  putSigned(`${dir}/a.yaml`, podText('a', 'v2'), OLD);
  const says = `rejected ${dir}/a.yaml: 1:1: is signed with the retired key ${OLD.id}: sign it with a trusted one`;
  await untilHolds(() => assert.deepEqual(retired.troubles(), [says]));
  assert.deepEqual(retired.pods, { a: 'v1' });
  putSigned(`${dir}/a.yaml`, podText('a', 'v1'), OLD);
  await untilHolds(() => assert.deepEqual(retired.pods, { a: 'v1' }));
  await retired.stop();
  const removed = await open({ trusted: [OURS.key] });
  await removed.untilTrouble(/has a signature that no trusted key made/);
  assert.deepEqual(removed.pods, {});
});

test('a URL gives its signature beside it, and the pods stay while that is missing', async (t) => {
  const parent = await tempDir(t, () => SourceLab.stopAll());
  let text = podText('a', 'v1');
  let signature: Uint8Array | undefined = OURS.sign(text);
  const asked: string[] = [];
  const server = await serveManifests(t, (response, request) => {
    asked.push(request.url ?? '');
    const isSignature = request.url === '/pods.yaml.sig?device=1';
    if (isSignature && signature === undefined) response.writeHead(404).end();
    else response.end(isSignature ? signature : text);
  });
  const url = new URL(`${server.origin}/pods.yaml?device=1`);
  const lab = await SourceLab.open(t, {
    state: path.join(parent, 'state'),
    keys: { trusted: [OURS.key] },
    sources: () => [createHttpSource({ url, headers: {}, intervalMs: 30, timeoutMs: 2_000, isSigned: true })],
  });
  await lab.untilPods({ a: 'v1' });
  assert.deepEqual(asked.slice(0, 2), ['/pods.yaml?device=1', '/pods.yaml.sig?device=1']);
  text = podText('a', 'v2');
  await lab.untilTrouble(/no trusted key made for this content/);
  signature = undefined;
  await lab.untilTrouble(/is not signed/);
  assert.deepEqual([lab.pods, lab.lost], [{ a: 'v1' }, []]);
  signature = OURS.sign(text);
  await lab.untilPods({ a: 'v2' });
});

test('without keys nothing needs a signature', () => {
  const check = createSignatureCheck({ trusted: [], retired: [] });
  assert.deepEqual([check.isRequired, check.refusal(Buffer.from('x'), undefined)], [false, undefined]);
});

test('a key is 32 raw bytes or a SubjectPublicKeyInfo in base64, and nothing else', () => {
  const raw = Buffer.from(OURS.key, 'base64').subarray(12).toString('base64');
  const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'der', type: 'spki' });
  const verdicts = [OURS.key, raw, rsa.toString('base64'), '', 'not base64!', 'AAAA'].map((text) => parseKey(text).ok);
  assert.deepEqual(verdicts, [true, true, false, false, false, false]);
});
