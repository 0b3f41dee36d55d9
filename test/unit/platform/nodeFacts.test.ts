import assert from 'node:assert/strict';
import type { NetworkInterfaceInfo } from 'node:os';
import { describe, it } from 'node:test';
import {
  defaultRouteInterfaces,
  hugePageBytes,
  memTotalBytes,
  orderAddresses,
  swapOf,
} from '../../../src/platform/nodeFacts.ts';

const ROUTES = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
wlan0\t00000000\t010000C0\t0003\t0\t0\t600\t00000000\t0\t0\t0
eth0\t00000000\t010000C0\t0003\t0\t0\t100\t00000000\t0\t0\t0
down0\t00000000\t010000C0\t0002\t0\t0\t0\t00000000\t0\t0\t0
eth0\t0000000A\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0
vpn0\t00000000\t00000000\t0001\t0\t0\t0\t00000080\t0\t0\t0
`;

function address(text: string, more: { readonly internal?: boolean } = {}): NetworkInterfaceInfo {
  const base = { address: text, netmask: '', mac: '', internal: more.internal ?? false, cidr: null };
  return text.includes(':') ? { ...base, family: 'IPv6', scopeid: 0 } : { ...base, family: 'IPv4' };
}

describe('defaultRouteInterfaces', () => {
  it('names those that are up, lowest metric first', () => {
    assert.deepEqual(defaultRouteInterfaces(ROUTES), ['eth0', 'wlan0']);
  });

  it('names none without a table', () => assert.deepEqual(defaultRouteInterfaces(''), []));
});

describe('orderAddresses', () => {
  const interfaces = {
    lo: [address('127.0.0.1', { internal: true }), address('::1', { internal: true })],
    br0: [address('10.88.0.1'), address('fd00::1')],
    eth0: [
      address('fe80::1'),
      address('2001:db8::2'),
      address('169.254.1.1'),
      address('192.0.2.2'),
      address('192.0.2.3'),
    ],
    bare: undefined,
  };
  const cases: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ['takes one address of each family of the routed interface', ['eth0'], ['192.0.2.2', '2001:db8::2']],
    ['takes those of the first interface when none is routed', [], ['10.88.0.1', 'fd00::1']],
    ['takes those of the first interface when the routed one has none', ['bare'], ['10.88.0.1', 'fd00::1']],
  ];
  for (const [name, preferred, expected] of cases) {
    it(name, () => assert.deepEqual(orderAddresses(interfaces, preferred), expected));
  }

  it('takes no address of a bridge for a family that the routed interface lacks', () => {
    const plain = { ...interfaces, eth0: [address('192.0.2.2')] };
    assert.deepEqual(orderAddresses(plain, ['eth0']), ['192.0.2.2']);
  });

  it('has the loopback address when there is no other', () => {
    assert.deepEqual(orderAddresses({ lo: interfaces.lo }, []), ['127.0.0.1']);
  });
});

describe('kernel text', () => {
  it('tells the size of memory', () => {
    assert.equal(memTotalBytes('MemFree: 1 kB\nMemTotal:       2048 kB\n'), 2_097_152);
    assert.throws(() => memTotalBytes(''), /MemTotal/);
  });

  it('tells whether memory may be swapped out, and whether that can be avoided', () => {
    const swaps = 'Filename Type Size Used Priority\n/dev/sda2 partition 1 0 -2\n';
    const machine = { swaps, release: '6.4.0-1-amd64', uidMap: '         0          0 4294967295\n' };
    assert.deepEqual(
      [
        swapOf(machine),
        swapOf({ ...machine, release: '10.0' }),
        swapOf({ ...machine, release: '6.1.0-9' }),
        swapOf({ ...machine, uidMap: '0 100000 65536\n' }),
        swapOf({ ...machine, swaps: 'Filename Type Size Used Priority\n' }),
        swapOf({ ...machine, swaps: '' }),
      ],
      ['avoidable', 'avoidable', 'on', 'on', 'off', 'off'],
    );
  });

  it('tells the size of huge pages by their directory', () => {
    assert.deepEqual(['hugepages-2048kB', 'hugepages-1048576kB', 'other'].map(hugePageBytes), [
      2 ** 21,
      2 ** 30,
      undefined,
    ]);
  });
});
