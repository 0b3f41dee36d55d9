import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkSubnet, encodeConfList, gatewayOf, pickSubnet } from '../../../../src/platform/embedded/cniConfig.ts';
import { planRemoval } from '../../../../src/platform/embedded/iptables.ts';

describe('subnet', () => {
  const picks = [
    {
      name: 'is the first of the pool on a quiet host',
      inUse: ['192.0.2.0/24', '10.0.0.0/16'],
      expected: '10.213.0.0/24',
    },
    { name: 'steps over a /24 in use', inUse: ['10.213.0.0/24', '10.213.1.7'], expected: '10.213.2.0/24' },
    { name: 'steps over a wider network', inUse: ['10.213.0.0/20'], expected: '10.213.16.0/24' },
    { name: 'is none where the whole pool is in use', inUse: ['10.0.0.0/8'], expected: undefined },
  ];
  for (const { name, inUse, expected } of picks) {
    it(name, () => assert.equal(pickSubnet(inUse), expected));
  }

  const checks = [
    { subnet: '10.213.0.0/24', isGood: true },
    { subnet: '172.31.16.0/20', isGood: true },
    { subnet: '10.213.0.1/24', isGood: false },
    { subnet: '10.213.0.0/30', isGood: false },
    { subnet: '10.213.0.0/7', isGood: false },
    { subnet: '10.300.0.0/24', isGood: false },
    { subnet: '10.213.0.0', isGood: false },
    { subnet: 'fd00::/64', isGood: false },
  ];
  for (const { subnet, isGood } of checks) {
    it(`${subnet} is ${isGood ? 'accepted' : 'refused'}`, () => {
      assert.equal(checkSubnet(subnet), isGood ? subnet : undefined);
    });
  }

  it('gives its first address to the bridge', () => {
    assert.deepEqual(['10.213.4.0/24', '10.255.255.248/29'].map(gatewayOf), ['10.213.4.1', '10.255.255.249']);
  });
});

it('the CNI configuration is a bridge with host-local addresses of ours, and port mappings', () => {
  const text = encodeConfList({ bridge: 'solopod3', subnet: '10.213.3.0/24' }, '/r/cni/addresses');
  assert.deepEqual(JSON.parse(text), {
    cniVersion: '0.4.0',
    name: 'solopod3',
    plugins: [
      {
        type: 'bridge',
        bridge: 'solopod3',
        isGateway: true,
        ipMasq: true,
        hairpinMode: true,
        ipam: {
          type: 'host-local',
          dataDir: '/r/cni/addresses',
          ranges: [[{ subnet: '10.213.3.0/24', gateway: '10.213.3.1' }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
      { type: 'portmap', capabilities: { portMappings: true }, snat: true },
    ],
  });
});

/** What the plugins of Debian 12 leave in the nat table for one pod with a host port. */
function podRules(network: string, octet: number): readonly string[] {
  const comment = `-m comment --comment "name: \\"${network}\\" id: \\"i${octet}\\""`;
  const dnat = `-m comment --comment "dnat name: \\"${network}\\" id: \\"i${octet}\\""`;
  return [
    `-A POSTROUTING -s 10.213.0.${octet}/32 ${comment} -j CNI-a${octet}`,
    `-A CNI-a${octet} -d 10.213.0.0/24 ${comment} -j ACCEPT`,
    `-A CNI-a${octet} ! -d 224.0.0.0/4 ${comment} -j MASQUERADE`,
    `-A CNI-DN-d${octet} -s 10.213.0.0/24 -p tcp -m tcp --dport 8080 -j CNI-HOSTPORT-SETMARK`,
    `-A CNI-DN-d${octet} -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.213.0.${octet}:80`,
    `-A CNI-HOSTPORT-DNAT -p tcp ${dnat} -m multiport --dports 8080 -j CNI-DN-d${octet}`,
  ];
}

const FRAME = [
  '-A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT',
  '-A OUTPUT -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT',
  '-A POSTROUTING -m comment --comment "CNI portfwd requiring masquerade" -j CNI-HOSTPORT-MASQ',
  '-A CNI-HOSTPORT-MASQ -m mark --mark 0x2000/0x2000 -j MASQUERADE',
  '-A CNI-HOSTPORT-SETMARK -m comment --comment "CNI portfwd masquerade mark" -j MARK --set-xmark 0x2000/0x2000',
];
const SHARED = ['CNI-HOSTPORT-DNAT', 'CNI-HOSTPORT-SETMARK', 'CNI-HOSTPORT-MASQ'];

function natTable(rules: readonly string[], chains: readonly string[]): string {
  return ['*nat', ...chains.map((chain) => `:${chain} - [0:0]`), ...rules, 'COMMIT', ''].join('\n');
}

describe('rules of a network', () => {
  const docker = '-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE';

  it('go with their chains and with the shared chains that nobody else uses', () => {
    const saved = natTable([docker, ...FRAME, ...podRules('solopod1', 2)], [...SHARED, 'CNI-a2', 'CNI-DN-d2']);
    const [masquerade = '', , , , , dnat = ''] = podRules('solopod1', 2);
    const gone = ['CNI-a2', 'CNI-DN-d2', ...SHARED];
    assert.deepEqual(planRemoval(saved, { bridge: 'solopod1', chainsBefore: [] })?.split('\n'), [
      '*nat',
      masquerade.replace('-A', '-D'),
      ...FRAME.slice(0, 3).map((rule) => rule.replace('-A', '-D')),
      ...gone.map((chain) => `-F ${chain}`),
      ...gone.map((chain) => `-X ${chain}`),
      'COMMIT',
      '',
    ]);
    assert.ok(dnat.includes('CNI-HOSTPORT-DNAT'));
  });

  it('leave those of another network alone, even one whose name begins alike', () => {
    const rules = [...FRAME, ...podRules('solopod1', 2), ...podRules('solopod10', 3)];
    const saved = natTable(rules, [...SHARED, 'CNI-a2', 'CNI-DN-d2', 'CNI-a3', 'CNI-DN-d3']);
    const [masquerade = '', , , , , dnat = ''] = podRules('solopod1', 2);
    assert.deepEqual(planRemoval(saved, { bridge: 'solopod1', chainsBefore: [] })?.split('\n'), [
      '*nat',
      masquerade.replace('-A', '-D'),
      dnat.replace('-A', '-D'),
      '-F CNI-a2',
      '-F CNI-DN-d2',
      '-X CNI-a2',
      '-X CNI-DN-d2',
      'COMMIT',
      '',
    ]);
  });

  it('leave shared chains alone that were there before', () => {
    const saved = natTable(FRAME, SHARED);
    assert.equal(planRemoval(saved, { bridge: 'solopod1', chainsBefore: SHARED }), undefined);
  });

  it('include those that let forwarded packets through', () => {
    const rule = '-A FORWARD -i solopod1 -m comment --comment "name: \\"solopod1\\" id: \\"forward\\"" -j ACCEPT';
    const saved = ['*filter', ':FORWARD DROP [0:0]', '-A FORWARD -j DOCKER-USER', rule, 'COMMIT', ''].join('\n');
    assert.equal(
      planRemoval(saved, { bridge: 'solopod1', chainsBefore: [] }),
      ['*filter', rule.replace('-A', '-D'), 'COMMIT', ''].join('\n'),
    );
  });

  it('are none on a host without any', () => {
    assert.equal(planRemoval('', { bridge: 'solopod1', chainsBefore: [] }), undefined);
  });
});
