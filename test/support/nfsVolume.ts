// A program of its own, for a mount namespace of its own: sets an NFS volume up twice, tears it down, and tells what it saw.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { now } from '../../src/platform/clock.ts';
import { mountsBelow, readMountTable } from '../../src/volume/mountTable.ts';
import { createVolumes } from '../../src/volume/volumes.ts';
import { aNode } from './node.ts';
import { NO_OBJECTS } from './objects.ts';
import { aContainer, aPod } from './pods.ts';

const [, , top = '', nfs = '{}'] = process.argv;
const signal = new AbortController().signal;
const rootDir = join(top, 'root');
const volumes = createVolumes({ node: aNode({ rootDir }), now, objects: NO_OBJECTS });
const volumeMounts = [{ name: 'data', mountPath: '/v' }];
const containers = [aContainer('app', { volumeMounts })];
const pod = aPod({ spec: { volumes: [{ name: 'data', nfs: JSON.parse(nfs) }], containers } });

const first = await volumes.setUp(pod, signal);
const second = await volumes.setUp(pod, signal);
const mounted = mountsBelow(await readMountTable(), rootDir).length;
await volumes.tearDown('uid-web', signal);
const left = mountsBelow(await readMountTable(), rootDir).length;
const text = await readFile(join(top, 'asked'), 'utf8').catch(() => '');
const asked = text.split('\n').filter((line) => line !== '');
process.stdout.write(JSON.stringify({ first, second, asked, mounted, left }));
