import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encodeSandbox } from '../../../../src/cri/encode/sandbox.ts';
import type { PodSandboxConfig } from '../../../../src/cri/messages.ts';
import { must, someNode } from '../../../support/criStories.ts';
import { aContainer, aPod, type PodWishes } from '../../../support/pods.ts';

const facts = { node: someNode(), owner: '/root', attempt: 2, cgroupParent: '/kubepods/besteffort/poduid-web' };

function encode(spec: PodWishes['spec'] = {}, node = someNode()): PodSandboxConfig {
  return must(encodeSandbox(aPod({ spec }), { ...facts, node }));
}

describe('encodeSandbox', () => {
  it('describes a plain pod as a kubelet does', () => {
    const pod = aPod();
    const metadata = {
      ...pod.metadata,
      labels: { app: 'x', 'io.kubernetes.pod.uid': 'lie' },
      annotations: { note: 'a', 'io.kubernetes.cri-o.TrySkipVolumeSELinuxLabel': 'true' },
    };
    assert.deepEqual(must(encodeSandbox({ ...pod, metadata }, facts)), {
      metadata: { name: 'web', uid: 'uid-web', namespace: 'default', attempt: 2 },
      hostname: 'web',
      logDirectory: '/var/log/pods/default_web_uid-web',
      dnsConfig: { servers: ['192.0.2.1'], searches: ['lan.example'], options: ['edns0'] },
      portMappings: [],
      labels: {
        app: 'x',
        'io.kubernetes.pod.name': 'web',
        'io.kubernetes.pod.namespace': 'default',
        'io.kubernetes.pod.uid': 'uid-web',
      },
      annotations: { note: 'a', 'solopod.dev/root-dir': '/root', 'solopod.dev/hash': 'hash-uid-web' },
      linux: {
        cgroupParent: '/kubepods/besteffort/poduid-web',
        sysctls: {},
        resources: { cpuPeriod: 100_000, cpuQuota: 0, cpuShares: 2, memoryLimitInBytes: 0 },
        securityContext: {
          namespaceOptions: { network: 'POD', pid: 'CONTAINER', ipc: 'POD' },
          seccomp: { profileType: 'RuntimeDefault' },
          supplementalGroups: [],
          supplementalGroupsPolicy: 'Merge',
        },
      },
    });
  });

  it('has the pod’s own identity and groups in the sandbox, and tells of privileged containers', () => {
    const config = encode({
      securityContext: {
        runAsUser: 1000,
        runAsGroup: 0,
        fsGroup: 2000,
        supplementalGroups: [4000, 5000],
        supplementalGroupsPolicy: 'Strict',
        seLinuxOptions: { level: 's0:c1,c2' },
        seccompProfile: { type: 'Unconfined' },
      },
      initContainers: [aContainer('init', { securityContext: { privileged: true } })],
    });
    assert.deepEqual(config.linux.securityContext, {
      namespaceOptions: { network: 'POD', pid: 'CONTAINER', ipc: 'POD' },
      seccomp: { profileType: 'RuntimeDefault' },
      privileged: true,
      runAsUser: { value: 1000 },
      runAsGroup: { value: 0 },
      supplementalGroups: [2000, 4000, 5000],
      supplementalGroupsPolicy: 'Strict',
      selinuxOptions: { user: '', role: '', type: '', level: 's0:c1,c2' },
    });
  });

  const namespaces: readonly [PodWishes['spec'], object][] = [
    [{ hostNetwork: true }, { network: 'NODE', pid: 'CONTAINER', ipc: 'POD' }],
    [
      { hostPID: true, hostIPC: true },
      { network: 'POD', pid: 'NODE', ipc: 'NODE' },
    ],
    [{ shareProcessNamespace: true }, { network: 'POD', pid: 'POD', ipc: 'POD' }],
    [
      { shareProcessNamespace: true, hostPID: true },
      { network: 'POD', pid: 'NODE', ipc: 'POD' },
    ],
  ];
  for (const [spec, expected] of namespaces) {
    it(`has namespaces ${JSON.stringify(expected)} for ${JSON.stringify(spec)}`, () => {
      assert.deepEqual(encode(spec).linux.securityContext.namespaceOptions, expected);
    });
  }

  it('maps every port of app containers, drops later equal ones, and none of init containers', () => {
    const { portMappings } = encode({
      initContainers: [aContainer('init', { ports: [{ containerPort: 1 }] })],
      containers: [
        aContainer('a', {
          ports: [
            { containerPort: 80, hostPort: 8080, protocol: 'TCP' },
            { containerPort: 80, hostPort: 8080, protocol: 'TCP' },
            { name: 'dns', containerPort: 53, hostPort: 53, hostIP: '127.0.0.1', protocol: 'UDP' },
            { name: 'dns', containerPort: 54, protocol: 'UDP' },
            { containerPort: 80, hostPort: 8080, hostIP: '::1', protocol: 'TCP' },
          ],
        }),
        aContainer('b', { ports: [{ containerPort: 80, protocol: 'SCTP' }] }),
      ],
    });
    assert.deepEqual(portMappings, [
      { protocol: 'TCP', containerPort: 80, hostPort: 8080 },
      { protocol: 'UDP', containerPort: 53, hostPort: 53, hostIp: '127.0.0.1' },
      { protocol: 'TCP', containerPort: 80, hostPort: 8080, hostIp: '::1' },
      { protocol: 'SCTP', containerPort: 80 },
    ]);
  });

  it('writes names of sysctls with dots', () => {
    const sysctls = [
      { name: 'kernel.shm_rmid_forced', value: '1' },
      { name: 'net/ipv4/conf/eth0.1/forwarding', value: '0' },
    ];
    assert.deepEqual(encode({ securityContext: { sysctls } }).linux.sysctls, {
      'kernel.shm_rmid_forced': '1',
      'net.ipv4.conf.eth0/1.forwarding': '0',
    });
  });

  it('sums what the containers may use', () => {
    const limits = { cpu: '500m', memory: '64Mi' };
    const { resources } = encode({
      containers: [aContainer('a', { resources: { limits } }), aContainer('b', { resources: { limits } })],
    }).linux;
    assert.deepEqual(resources, {
      cpuPeriod: 100_000,
      cpuQuota: 100_000,
      cpuShares: 1024,
      memoryLimitInBytes: 134_217_728,
    });
  });

  it('refuses user namespaces instead of running without them', () => {
    const result = encodeSandbox(aPod({ spec: { hostUsers: false } }), facts);
    assert.deepEqual(result, { ok: false, error: 'the pod has no user ids for hostUsers: false' });
  });

  it('maps users and groups of a pod with users of its own', () => {
    const idRange = { hostId: 131_072, length: 65_536 };
    const config = must(encodeSandbox(aPod({ spec: { hostUsers: false } }), { ...facts, idRange }));
    const mappings = [{ hostId: 131_072, containerId: 0, length: 65_536 }];
    assert.deepEqual(config.linux.securityContext.namespaceOptions, {
      network: 'POD',
      pid: 'CONTAINER',
      ipc: 'POD',
      usernsOptions: { mode: 'POD', uids: mappings, gids: mappings },
    });
  });
});

describe('hostname', () => {
  const domain = someNode({ clusterDomain: 'cluster.local' });
  const long = 'a'.repeat(62);
  const cases: readonly [string, PodWishes['spec'], string][] = [
    ['the pod’s name', {}, 'web'],
    ['spec.hostname', { hostname: 'own' }, 'own'],
    ['nothing on the host’s network', { hostNetwork: true, hostname: 'own' }, ''],
    ['63 characters without a trailing dash', { hostname: `${long}-bcd` }, long],
    ['no domain by itself', { subdomain: 'sub' }, 'web'],
    [
      'the full name when asked for',
      { subdomain: 'sub', setHostnameAsFQDN: true },
      'web.sub.default.svc.cluster.local',
    ],
    ['the short name when there is no subdomain', { setHostnameAsFQDN: true }, 'web'],
    [
      'the override, whatever else is said',
      { hostnameOverride: 'a.b.c', subdomain: 'x', setHostnameAsFQDN: true },
      'a.b.c',
    ],
  ];
  for (const [name, spec, expected] of cases) {
    it(`is ${name}`, () => assert.equal(encode(spec, domain).hostname, expected));
  }

  it('is an error when the full name is longer than the kernel takes', () => {
    const pod = aPod({ spec: { hostname: 'a'.repeat(40), subdomain: 'sub', setHostnameAsFQDN: true } });
    const result = encodeSandbox(pod, { ...facts, node: domain });
    const fqdn = `${'a'.repeat(40)}.sub.default.svc.cluster.local`;
    assert.deepEqual(result, {
      ok: false,
      error: `Failed to construct FQDN from Pod hostname and cluster domain, FQDN ${fqdn} is too long (64 characters is the max, 70 characters requested)`,
    });
  });
});

describe('DNS', () => {
  const host = { servers: ['192.0.2.1'], searches: ['lan.example'], options: ['edns0'] };
  const cluster = someNode({ clusterDNS: ['10.96.0.10'], clusterDomain: 'cluster.local' });
  const inCluster = {
    servers: ['10.96.0.10'],
    searches: ['default.svc.cluster.local', 'svc.cluster.local', 'cluster.local', 'lan.example'],
    options: ['ndots:5'],
  };
  const cases: readonly [string, PodWishes['spec'], ReturnType<typeof someNode>, object][] = [
    ['Default is the host’s', { dnsPolicy: 'Default' }, cluster, host],
    ['ClusterFirst is the cluster’s', { dnsPolicy: 'ClusterFirst' }, cluster, inCluster],
    ['ClusterFirst without a cluster is the host’s', { dnsPolicy: 'ClusterFirst' }, someNode(), host],
    [
      'ClusterFirst on the host’s network is the host’s',
      { dnsPolicy: 'ClusterFirst', hostNetwork: true },
      cluster,
      host,
    ],
    [
      'ClusterFirstWithHostNet is the cluster’s',
      { dnsPolicy: 'ClusterFirstWithHostNet', hostNetwork: true },
      cluster,
      inCluster,
    ],
    ['None is nothing', { dnsPolicy: 'None' }, cluster, { servers: [], searches: [], options: [] }],
    [
      'dnsConfig adds to the policy’s, and its options win',
      {
        dnsPolicy: 'Default',
        dnsConfig: {
          nameservers: ['192.0.2.1', '192.0.2.2'],
          searches: ['own.example', 'lan.example'],
          options: [{ name: 'ndots', value: '2' }, { name: 'attempts', value: '1' }, { name: 'edns0' }],
        },
      },
      someNode(),
      {
        servers: ['192.0.2.1', '192.0.2.2'],
        searches: ['lan.example', 'own.example'],
        options: ['attempts:1', 'edns0', 'ndots:2'],
      },
    ],
    [
      'no more than three servers and 32 searches',
      {
        dnsPolicy: 'None',
        dnsConfig: {
          nameservers: ['1.1.1.1', '2.2.2.2', '3.3.3.3', '4.4.4.4'],
          searches: Array.from({ length: 40 }, (_, index) => `s${index}.example`),
        },
      },
      someNode(),
      {
        servers: ['1.1.1.1', '2.2.2.2', '3.3.3.3'],
        searches: Array.from({ length: 32 }, (_, index) => `s${index}.example`),
        options: [],
      },
    ],
    [
      'no more than 2048 characters of searches',
      { dnsPolicy: 'None', dnsConfig: { searches: Array.from({ length: 10 }, (_, i) => `${i}`.repeat(250)) } },
      someNode(),
      { servers: [], searches: Array.from({ length: 8 }, (_, i) => `${i}`.repeat(250)), options: [] },
    ],
  ];
  for (const [name, spec, node, expected] of cases) {
    it(name, () => assert.deepEqual(encode(spec, node).dnsConfig, expected));
  }
});
