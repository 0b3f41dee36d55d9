import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DesiredContainer, DesiredPod } from '../../../../src/api/desiredPod.ts';
import { containerSpecHash } from '../../../../src/api/specHash.ts';
import { type ContainerFacts, encodeContainer } from '../../../../src/cri/encode/container.ts';
import type { ContainerConfig } from '../../../../src/cri/messages.ts';
import { must, someNode } from '../../../support/criStories.ts';
import { aContainer, aPod, type PodWishes } from '../../../support/pods.ts';

const FACTS: ContainerFacts = {
  node: someNode({ rootDir: '/root' }),
  owner: '/root',
  attempt: 3,
  image: { ref: 'sha256:1', sizeBytes: 1 },
  environment: new Map(),
  volumes: {},
  subPaths: {},
  volumeImages: {},
  files: { hostsFile: '/root/pods/uid-web/etc-hosts', terminationLog: '/root/log' },
  recursiveReadOnly: false,
  selinux: false,
  swapController: false,
};

interface Wishes {
  readonly container?: Partial<DesiredContainer>;
  readonly spec?: PodWishes['spec'];
  readonly facts?: Partial<ContainerFacts>;
  readonly annotations?: { readonly [key: string]: string };
}

function tryEncode({ container, spec, facts, annotations = {} }: Wishes) {
  const app = aContainer('app', container);
  const plain = aPod({ spec: { containers: [app], ...spec } });
  const pod: DesiredPod = { ...plain, metadata: { ...plain.metadata, annotations, labels: { tier: 'front' } } };
  return encodeContainer(pod, app, { ...FACTS, ...facts });
}

const encode = (wishes: Wishes = {}): ContainerConfig => must(tryEncode(wishes));
const security = (wishes: Wishes = {}) => encode(wishes).linux.securityContext;

describe('encodeContainer', () => {
  it('describes a plain container as a kubelet does', () => {
    assert.deepEqual(encode(), {
      metadata: { name: 'app', attempt: 3 },
      image: { image: 'sha256:1', userSpecifiedImage: 'localhost/busybox:1' },
      command: [],
      args: [],
      workingDir: '',
      envs: [],
      mounts: [
        { containerPath: '/etc/hosts', hostPath: '/root/pods/uid-web/etc-hosts' },
        { containerPath: '/dev/termination-log', hostPath: '/root/log' },
      ],
      labels: {
        'io.kubernetes.pod.name': 'web',
        'io.kubernetes.pod.namespace': 'default',
        'io.kubernetes.pod.uid': 'uid-web',
        'io.kubernetes.container.name': 'app',
      },
      annotations: {
        'io.kubernetes.container.hash': containerSpecHash({ name: 'app', image: 'localhost/busybox:1' }),
        'io.kubernetes.container.restartCount': '3',
        'io.kubernetes.container.terminationMessagePath': '/dev/termination-log',
        'io.kubernetes.container.terminationMessagePolicy': 'File',
        'io.kubernetes.pod.terminationGracePeriod': '30',
        'solopod.dev/root-dir': '/root',
        'solopod.dev/size': '{"cpu":"0/0","memory":"0"}',
      },
      logPath: 'app/3.log',
      stdin: false,
      stdinOnce: false,
      tty: false,
      linux: {
        resources: {
          cpuPeriod: 100_000,
          cpuQuota: 0,
          cpuShares: 2,
          memoryLimitInBytes: 0,
          oomScoreAdj: -997,
          hugepageLimits: [],
        },
        securityContext: {
          namespaceOptions: { network: 'POD', pid: 'CONTAINER', ipc: 'POD' },
          seccomp: { profileType: 'Unconfined' },
          runAsUser: { value: 0 },
          supplementalGroups: [],
          supplementalGroupsPolicy: 'Merge',
          maskedPaths: [
            '/proc/acpi',
            '/proc/kcore',
            '/proc/keys',
            '/proc/latency_stats',
            '/proc/timer_list',
            '/proc/timer_stats',
            '/proc/sched_debug',
            '/proc/scsi',
            '/sys/firmware',
          ],
          readonlyPaths: ['/proc/asound', '/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
        },
      },
    });
  });

  it('keeps ports and preStop in annotations, in the order of the API, so that an orphan can be stopped well', () => {
    const { annotations } = encode({
      container: {
        ports: [{ protocol: 'UDP', hostIP: '127.0.0.1', containerPort: 53, hostPort: 5353, name: 'dns' }],
        lifecycle: { preStop: { httpGet: { scheme: 'HTTP', port: 'dns', path: '/bye' } } },
      },
    });
    assert.equal(
      annotations['io.kubernetes.container.ports'],
      '[{"name":"dns","hostPort":5353,"containerPort":53,"protocol":"UDP","hostIP":"127.0.0.1"}]',
    );
    assert.equal(
      annotations['io.kubernetes.container.preStopHandler'],
      '{"httpGet":{"path":"/bye","port":"dns","scheme":"HTTP"}}',
    );
  });

  it('puts variables into command and args', () => {
    const { command, args, envs } = encode({
      container: { command: ['$(A)', '$$(A)'], args: ['$(NO)', '-$(A)-'] },
      facts: { environment: new Map([['A', 'b']]) },
    });
    assert.deepEqual(
      { command, args, envs },
      { command: ['b', '$(A)'], args: ['$(NO)', '-b-'], envs: [{ key: 'A', value: 'b' }] },
    );
  });

  const signals = [
    ['SIGUSR1', 'SIGUSR1'],
    ['SIGRTMIN+1', 'SIGRTMINPLUS1'],
    ['SIGRTMAX-14', 'SIGRTMAXMINUS14'],
  ] as const;
  for (const [stopSignal, expected] of signals) {
    it(`calls ${stopSignal} ${expected}`, () => {
      assert.equal(encode({ container: { lifecycle: { stopSignal } } }).stopSignal, expected);
    });
  }
});

describe('mounts', () => {
  const volumes = {
    disk: { hostPath: '/root/disk', readOnly: false },
    info: { hostPath: '/root/info', readOnly: true },
    host: { hostPath: '/etc', readOnly: false },
  };

  it('come in the order of the manifest, then hosts file, then termination log', () => {
    const { mounts } = encode({
      facts: { volumes },
      container: {
        volumeMounts: [
          { name: 'host', mountPath: 'relative', mountPropagation: 'HostToContainer' },
          { name: 'disk', mountPath: '/disk', mountPropagation: 'Bidirectional' },
          { name: 'disk', mountPath: '/ro', readOnly: true, mountPropagation: 'None' },
          { name: 'info', mountPath: '/info' },
        ],
      },
    });
    assert.deepEqual(mounts, [
      { containerPath: '/relative', hostPath: '/etc', propagation: 'PROPAGATION_HOST_TO_CONTAINER' },
      { containerPath: '/disk', hostPath: '/root/disk', propagation: 'PROPAGATION_BIDIRECTIONAL' },
      { containerPath: '/ro', hostPath: '/root/disk', readonly: true },
      { containerPath: '/info', hostPath: '/root/info', readonly: true },
      { containerPath: '/etc/hosts', hostPath: '/root/pods/uid-web/etc-hosts' },
      { containerPath: '/dev/termination-log', hostPath: '/root/log' },
    ]);
  });

  it('show the part of a volume that was prepared for them', () => {
    const { mounts } = encode({
      facts: { volumes, subPaths: { 1: '/root/parts/1' } },
      container: {
        volumeMounts: [
          { name: 'info', mountPath: '/all' },
          { name: 'info', mountPath: '/part', subPath: 'part' },
        ],
      },
    });
    assert.deepEqual(mounts.slice(0, 2), [
      { containerPath: '/all', hostPath: '/root/info', readonly: true },
      { containerPath: '/part', hostPath: '/root/parts/1', readonly: true },
    ]);
  });

  it('leave out the hosts file where there is none', () => {
    const { mounts } = encode({ facts: { files: { terminationLog: '/root/log' } } });
    assert.deepEqual(mounts, [{ containerPath: '/dev/termination-log', hostPath: '/root/log' }]);
  });

  it('gives the runtime the image of an image volume, read-only, with the part that is asked for', () => {
    const { mounts } = encode({
      spec: { volumes: [{ name: 'data', image: { reference: 'reg.example/data:1' } }] },
      container: {
        volumeMounts: [
          { name: 'data', mountPath: '/data' },
          { name: 'data', mountPath: 'part', subPath: 'etc/app' },
        ],
      },
      facts: {
        volumes: { data: { hostPath: '', readOnly: true } },
        volumeImages: { data: { ref: 'sha256:2', sizeBytes: 1 } },
        subPaths: { 1: 'etc/app' },
      },
    });
    const image = { image: 'sha256:2', userSpecifiedImage: 'reg.example/data:1' };
    assert.deepEqual(mounts.slice(0, 2), [
      { containerPath: '/data', hostPath: '', readonly: true, image },
      { containerPath: '/part', hostPath: '', readonly: true, image, imageSubPath: 'etc/app' },
    ]);
  });

  it('are labelled under SELinux: own files always, own volumes for their first container, host paths never', () => {
    const volumeMounts = [
      { name: 'disk', mountPath: '/disk' },
      { name: 'host', mountPath: '/host' },
    ];
    const first = aContainer('first', { volumeMounts });
    const second = aContainer('second', { volumeMounts });
    const spec = {
      containers: [first, second],
      volumes: [
        { name: 'disk', emptyDir: {} },
        { name: 'host', hostPath: { path: '/etc' } },
      ],
    };
    const relabelled = (container: DesiredContainer) =>
      must(encodeContainer(aPod({ spec }), container, { ...FACTS, volumes, selinux: true }))
        .mounts.filter(({ selinuxRelabel }) => selinuxRelabel)
        .map(({ containerPath }) => containerPath);
    assert.deepEqual(relabelled(first), ['/disk', '/etc/hosts', '/dev/termination-log']);
    assert.deepEqual(relabelled(second), ['/etc/hosts', '/dev/termination-log']);
  });

  const recursive: readonly [string, boolean, boolean | undefined][] = [
    ['Enabled', true, true],
    ['IfPossible', true, true],
    ['IfPossible', false, undefined],
    ['Disabled', true, undefined],
  ];
  for (const [mode, supported, expected] of recursive) {
    it(`are ${expected ? '' : 'not '}recursively read-only for ${mode} where the runtime ${supported ? 'can' : 'cannot'}`, () => {
      const volumeMounts = [{ name: 'disk', mountPath: '/disk', readOnly: true, recursiveReadOnly: mode }];
      const { mounts } = encode({ container: { volumeMounts }, facts: { volumes, recursiveReadOnly: supported } });
      assert.equal(mounts[0]?.recursiveReadOnly, expected);
    });
  }

  const refused: readonly [string, NonNullable<DesiredContainer['volumeMounts']>[number], string][] = [
    [
      'a volume that is not there',
      { name: 'gone', mountPath: '/x' },
      'cannot find volume "gone" to mount into container "app"',
    ],
    [
      'a part of a volume that was not prepared, rather than mounting all of it',
      { name: 'disk', mountPath: '/x', subPath: 'part' },
      'failed to prepare subPath for volumeMount "disk" of container "app"',
    ],
    [
      'recursive read-only where the runtime cannot',
      { name: 'disk', mountPath: '/x', readOnly: true, recursiveReadOnly: 'Enabled' },
      'volume mount "/x": recursiveReadOnly is not supported by the container runtime',
    ],
  ];
  for (const [name, mount, error] of refused) {
    it(`refuse ${name}`, () => {
      assert.deepEqual(tryEncode({ container: { volumeMounts: [mount] }, facts: { volumes } }), { ok: false, error });
    });
  }
});

describe('security context', () => {
  const image = (more: object) => ({ image: { ref: 'sha256:1', sizeBytes: 1, ...more } });

  it('belong to the pod’s own users where it has some', () => {
    const uidMappings = [{ hostId: 65_536, containerId: 0, length: 65_536 }];
    const facts = { idRange: { hostId: 65_536, length: 65_536 } };
    const { mounts, linux } = encode({ spec: { hostUsers: false }, facts });
    assert.deepEqual(mounts, [
      { containerPath: '/etc/hosts', hostPath: '/root/pods/uid-web/etc-hosts', uidMappings, gidMappings: uidMappings },
      { containerPath: '/dev/termination-log', hostPath: '/root/log', uidMappings, gidMappings: uidMappings },
    ]);
    assert.deepEqual(linux.securityContext.namespaceOptions.usernsOptions, {
      mode: 'POD',
      uids: uidMappings,
      gids: uidMappings,
    });
  });

  it('takes the user from the container, the pod, the image, in this order', () => {
    const pod = { securityContext: { runAsUser: 1000, runAsGroup: 3000 } };
    const user = (wishes: Wishes) => {
      const { runAsUser, runAsGroup, runAsUsername } = security(wishes);
      return [runAsUser?.value, runAsGroup?.value, runAsUsername];
    };
    assert.deepEqual(user({ spec: pod, container: { securityContext: { runAsUser: 2000 } } }), [2000, 3000, undefined]);
    assert.deepEqual(user({ spec: pod, facts: image({ uid: 5 }) }), [1000, 3000, undefined]);
    assert.deepEqual(user({ facts: image({ uid: 5 }) }), [5, undefined, undefined]);
    assert.deepEqual(user({ facts: image({ username: 'nobody' }) }), [undefined, undefined, 'nobody']);
    assert.deepEqual(user({}), [0, undefined, undefined]);
  });

  it('carries capabilities, privilege, read-only root and no new privileges', () => {
    const { capabilities, privileged, readonlyRootfs, noNewPrivs } = security({
      container: {
        securityContext: {
          capabilities: { add: ['NET_ADMIN', 'cap_sys_time'], drop: ['ALL'] },
          privileged: true,
          readOnlyRootFilesystem: true,
          allowPrivilegeEscalation: false,
        },
      },
    });
    assert.deepEqual(
      { capabilities, privileged, readonlyRootfs, noNewPrivs },
      {
        capabilities: { addCapabilities: ['NET_ADMIN', 'SYS_TIME'], dropCapabilities: ['ALL'] },
        privileged: true,
        readonlyRootfs: true,
        noNewPrivs: true,
      },
    );
  });

  it('hides nothing of /proc when it is to be unmasked', () => {
    const { maskedPaths, readonlyPaths } = security({ container: { securityContext: { procMount: 'Unmasked' } } });
    assert.deepEqual({ maskedPaths, readonlyPaths }, { maskedPaths: [], readonlyPaths: [] });
  });

  const profiles: readonly [string, Wishes, object][] = [
    [
      'the container’s before the pod’s',
      {
        container: { securityContext: { seccompProfile: { type: 'RuntimeDefault' } } },
        spec: { securityContext: { seccompProfile: { type: 'Unconfined' } } },
      },
      { profileType: 'RuntimeDefault' },
    ],
    [
      'the pod’s',
      { spec: { securityContext: { seccompProfile: { type: 'RuntimeDefault' } } } },
      { profileType: 'RuntimeDefault' },
    ],
    [
      'a file below the root directory',
      { container: { securityContext: { seccompProfile: { type: 'Localhost', localhostProfile: 'p/a.json' } } } },
      { profileType: 'Localhost', localhostRef: '/root/seccomp/p/a.json' },
    ],
    ['the node’s default', { facts: { node: someNode({ seccompDefault: true }) } }, { profileType: 'RuntimeDefault' }],
  ];
  for (const [name, wishes, expected] of profiles) {
    it(`has as seccomp profile ${name}`, () => assert.deepEqual(security(wishes).seccomp, expected));
  }

  const apparmor: readonly [string, Wishes, unknown][] = [
    ['none', {}, [undefined, undefined]],
    [
      'the field',
      { container: { securityContext: { appArmorProfile: { type: 'Localhost', localhostProfile: 'web' } } } },
      [{ profileType: 'Localhost', localhostRef: 'web' }, 'localhost/web'],
    ],
    [
      'the annotation',
      { annotations: { 'container.apparmor.security.beta.kubernetes.io/app': 'localhost/old' } },
      [{ profileType: 'Localhost', localhostRef: 'old' }, 'localhost/old'],
    ],
    [
      'the pod’s',
      { spec: { securityContext: { appArmorProfile: { type: 'Unconfined' } } } },
      [{ profileType: 'Unconfined' }, 'unconfined'],
    ],
  ];
  for (const [name, wishes, expected] of apparmor) {
    it(`has as AppArmor profile ${name}`, () => {
      const context = security(wishes);
      assert.deepEqual([context.apparmor, context.apparmorProfile], expected);
    });
  }

  const where = '(pod: "web_default(uid-web)", container: app)';
  const denied: readonly [string, Wishes, string][] = [
    [
      'root by number',
      { container: { securityContext: { runAsNonRoot: true, runAsUser: 0 } } },
      `container's runAsUser breaks non-root policy ${where}`,
    ],
    [
      'an image that runs as root',
      { spec: { securityContext: { runAsNonRoot: true } } },
      `container has runAsNonRoot and image will run as root ${where}`,
    ],
    [
      'an image user that no user id can hold',
      { spec: { securityContext: { runAsNonRoot: true } }, facts: image({ uid: 2 ** 32 }) },
      `container has runAsNonRoot and image has a user id out of range (4294967296), cannot verify user is non-root ${where}`,
    ],
    [
      'an image user that is a name',
      { container: { securityContext: { runAsNonRoot: true } }, facts: image({ username: 'nobody' }) },
      `container has runAsNonRoot and image has non-numeric user (nobody), cannot verify user is non-root ${where}`,
    ],
  ];
  for (const [name, wishes, error] of denied) {
    it(`does not run ${name} where root is forbidden`, () => assert.deepEqual(tryEncode(wishes), { ok: false, error }));
  }

  it('does not let HOME and USER break out of a line', () => {
    for (const name of ['HOME', 'USER']) {
      for (const value of ['/x\nroot::0:0', '/x\\nroot::0:0', 'a\u007f']) {
        const result = tryEncode({ facts: { environment: new Map([[name, value]]) } });
        const error = `the variable ${name} must not contain control characters or "\\n"`;
        assert.deepEqual(result, { ok: false, error });
      }
    }
    assert.equal(
      tryEncode({
        facts: {
          environment: new Map([
            ['HOME', '/home/näme'],
            ['X', 'a\nb'],
          ]),
        },
      }).ok,
      true,
    );
  });

  it('runs another user where root is forbidden', () => {
    const container = { securityContext: { runAsNonRoot: true } };
    assert.deepEqual(security({ container, facts: image({ uid: 7 }) }).runAsUser, { value: 7 });
  });

  it('refuses a local seccomp profile without a name', () => {
    const container = { securityContext: { seccompProfile: { type: 'Localhost' } } };
    const error = 'localhostProfile must be set if seccompProfile type is Localhost.';
    assert.deepEqual(tryEncode({ container }), { ok: false, error });
  });
});

describe('resources', () => {
  const resources = (wishes: Wishes) => encode(wishes).linux.resources;

  const cpu: readonly [object, object][] = [
    [
      { requests: { cpu: '250m' }, limits: { cpu: '1500m' } },
      { cpuShares: 256, cpuQuota: 150_000 },
    ],
    [{ limits: { cpu: '200m' } }, { cpuShares: 204, cpuQuota: 20_000 }],
    [
      { requests: { cpu: '1m' }, limits: { cpu: '1m' } },
      { cpuShares: 2, cpuQuota: 1000 },
    ],
    [{ requests: { cpu: '1000' } }, { cpuShares: 262_144, cpuQuota: 0 }],
  ];
  for (const [asked, expected] of cpu) {
    it(`turns ${JSON.stringify(asked)} into ${JSON.stringify(expected)}`, () => {
      const { cpuShares, cpuQuota } = resources({ container: { resources: asked } });
      assert.deepEqual({ cpuShares, cpuQuota }, expected);
    });
  }

  it('takes the pod’s limits where the container has none of its own', () => {
    const spec = { resources: { limits: { cpu: '1', memory: '1Gi' } } };
    const { cpuQuota, memoryLimitInBytes } = resources({
      spec,
      container: { resources: { limits: { memory: '1Mi' } } },
    });
    assert.deepEqual({ cpuQuota, memoryLimitInBytes }, { cpuQuota: 100_000, memoryLimitInBytes: 1_048_576 });
  });

  it('limits huge pages of every size that the kernel has', () => {
    const node = someNode({ hugePageSizes: [1_073_741_824, 2_097_152, 65_536] });
    const limits = { 'hugepages-2Mi': '6Mi' };
    assert.deepEqual(resources({ facts: { node }, container: { resources: { limits } } }).hugepageLimits, [
      { pageSize: '1GB', limit: 0 },
      { pageSize: '2MB', limit: 6_291_456 },
      { pageSize: '64KB', limit: 0 },
    ]);
  });

  it('kills all of a container that runs out of memory and forbids swap, on cgroup v2', () => {
    const node = someNode({ cgroupVersion: 2 });
    assert.deepEqual(resources({ facts: { node } }).unified, { 'memory.oom.group': '1' });
    assert.deepEqual(resources({ facts: { node, swapController: true } }).unified, {
      'memory.oom.group': '1',
      'memory.swap.max': '0',
    });
  });
});
