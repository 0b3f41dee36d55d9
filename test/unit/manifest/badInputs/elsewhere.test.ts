// Census rows that are about files and directories, or show only when a pod is to run. Rows 210, 254 and 272 are held by
// objects and subPath tests, 245 by hostPath tests, 319 by the host name's, all with a real runtime (test/e2e).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { readManifests } from '../../../../src/cli/commands/validate.ts';
import { loadManifest } from '../../../../src/manifest/load.ts';
import { Machine } from '../../../support/machine.ts';
import { aContainer, aPod } from '../../../support/pods.ts';
import { podText, SourceLab, untilHolds } from '../../../support/sourceLab.ts';
import { tempDir } from '../../../support/tempDir.ts';

async function manifestDir(t: TestContext): Promise<string> {
  const dir = path.join(await tempDir(t, () => SourceLab.stopAll()), 'm');
  fs.mkdirSync(dir);
  return dir;
}

test('171 a pod whose host port another pod has is refused, and the other is named', () => {
  const withPort = (name: string) =>
    aPod({ name, spec: { containers: [aContainer('app', { ports: [{ containerPort: 80, hostPort: 80 }] })] } });
  const machine = new Machine()
    .connect()
    .give([withPort('a'), withPort('b')])
    .settle();
  const { reason, message = '' } = machine.status('default/b') ?? {};
  assert.equal(reason, 'NodePorts');
  assert.match(message, /80\/TCP is held by pod default\/a/);
});

test('301 a pod with an unsafe sysctl is refused', () => {
  const spec = { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '65536' }] } };
  const machine = new Machine()
    .connect()
    .give([aPod({ spec })])
    .settle();
  assert.equal(machine.status()?.reason, 'SysctlForbidden');
});

test('335 of two files for one pod the second is refused by validate, with the place of the first', async (t) => {
  const dir = await manifestDir(t);
  for (const name of ['a.yaml', 'b.yaml']) fs.writeFileSync(`${dir}/${name}`, podText('web', name));
  const { verdicts } = await readManifests([dir], { nodeName: 'n', mode: 'validate' });
  const errors = verdicts.flatMap(({ diagnostics }) =>
    diagnostics.map(({ file, code, message }) => [file, code, message]),
  );
  assert.deepEqual(errors, [
    [`${dir}/b.yaml`, 'Duplicate', `pod "default/web-n" is already defined in ${dir}/a.yaml at line 1`],
  ]);
});

test('336 a file that moves to another directory becomes another version of the same pod', () => {
  const uidAt = (location: string) =>
    loadManifest(podText('web', 'v1'), { file: location, location, source: 'file', nodeName: 'n' }).pods.map((pod) => [
      pod.key,
      pod.uid,
    ]);
  const [[key, uid] = []] = uidAt('/a/web.yaml');
  const [[otherKey, otherUid] = []] = uidAt('/b/web.yaml');
  assert.equal(key, otherKey);
  assert.notEqual(uid, otherUid);
  assert.deepEqual(uidAt('/a/web.yaml'), [[key, uid]]);
});

test('337-339 backups, sub-directories, FIFOs, sockets and devices are named and give no pod', async (t) => {
  const dir = await manifestDir(t);
  fs.writeFileSync(`${dir}/web.yaml`, podText('web', 'v1'));
  for (const name of ['pod.yaml~', '.pod.yaml.swp', '4913']) fs.writeFileSync(`${dir}/${name}`, podText('old', 'v1'));
  fs.mkdirSync(`${dir}/sub`);
  fs.writeFileSync(`${dir}/sub/deep.yaml`, podText('deep', 'v1'));
  fs.mkdirSync(`${dir}/sub.yaml`);
  execFileSync('mkfifo', [`${dir}/fifo.yaml`]);
  fs.symlinkSync('/dev/null', `${dir}/device.yaml`);
  const socket = createServer().listen(`${dir}/socket.yaml`);
  await new Promise((resolve) => socket.once('listening', resolve));
  t.after(() => socket.close());
  const lab = await SourceLab.onDirectory(t, dir);
  await lab.untilPods({ web: 'v1' });
  assert.deepEqual(
    lab.troubles().map((line) => line.replace(`${dir}/`, '')),
    [
      'ignored .pod.yaml.swp: is a dotfile',
      'ignored 4913: is an editor probe file',
      'ignored device.yaml: is a device, not a regular file',
      'ignored fifo.yaml: is a FIFO, not a regular file',
      'ignored pod.yaml~: is an editor backup',
      'ignored socket.yaml: is a socket, not a regular file',
      'ignored sub: does not end in .yaml, .yml or .json',
      'ignored sub.yaml: is a directory: sub-directories are not read',
    ],
  );
});

test('340 a manifest or a directory that everybody may write is refused, and what ran stays', async (t) => {
  const dir = await manifestDir(t);
  for (const name of ['a', 'b']) fs.writeFileSync(`${dir}/${name}.yaml`, podText(name, 'v1'));
  const lab = await SourceLab.onDirectory(t, dir);
  await lab.untilPods({ a: 'v1', b: 'v1' });
  fs.chmodSync(`${dir}/a.yaml`, 0o666);
  fs.writeFileSync(`${dir}/a.yaml`, podText('a', 'v2'));
  const says = 'has insecure permissions: everybody may write it (chmod o-w)';
  await untilHolds(() => assert.deepEqual(lab.troubles(), [`failed ${dir}/a.yaml: ${says}`]));
  fs.chmodSync(dir, 0o777);
  await lab.untilTrouble(/^failed file:.*\/m has insecure permissions/m);
  await lab.restart();
  await lab.untilPods({ a: 'v1', b: 'v1' });
  assert.deepEqual(lab.lost, []);
  fs.chmodSync(dir, 0o755);
  fs.chmodSync(`${dir}/a.yaml`, 0o644);
  await lab.untilPods({ a: 'v2', b: 'v1' });
});
