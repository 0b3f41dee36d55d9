import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mountAt, mountsBelow, parseMountTable } from '../../../src/volume/mountTable.ts';

const TABLE = `22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
40 27 0:30 / /r/pods/u rw - tmpfs tmpfs rw,size=1k
41 40 0:31 / /r/pods/u/a\\040b rw shared:7 master:1 - tmpfs tmpfs rw
42 41 0:32 / /r/pods/u/a\\040b/c rw - fuse.sshfs x rw
43 41 0:33 / /r/pods/u/a\\040b rw - hugetlbfs nodev rw
44 27 0:34 / /r/pods/u2 rw - tmpfs tmpfs rw
`;

describe('parseMountTable', () => {
  it('reads ids, places, kinds and sharing, and undoes escapes', () => {
    assert.deepEqual(parseMountTable(TABLE).slice(1, 4), [
      { id: 27, mountPoint: '/', fsType: 'ext4', shared: true },
      { id: 40, mountPoint: '/r/pods/u', fsType: 'tmpfs', shared: false },
      { id: 41, mountPoint: '/r/pods/u/a b', fsType: 'tmpfs', shared: true },
    ]);
  });

  it('passes over lines that are none', () => assert.deepEqual(parseMountTable('\nnonsense\n1 2 3 4 /x\n'), []));
});

describe('mountAt', () => {
  it('finds the upper one of two', () => {
    assert.equal(mountAt(parseMountTable(TABLE), '/r/pods/u/a b')?.fsType, 'hugetlbfs');
  });

  it('finds nothing at a plain directory', () => assert.equal(mountAt(parseMountTable(TABLE), '/r'), undefined));
});

describe('mountsBelow', () => {
  it('lists children first and upper layers first, and no neighbour', () => {
    const ids = mountsBelow(parseMountTable(TABLE), '/r/pods/u').map((mount) => mount.id);
    assert.deepEqual(ids, [42, 43, 41, 40]);
  });
});
