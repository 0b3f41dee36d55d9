// Census rows 280-307: security contexts. Row 301, an unsafe sysctl, is refused by the node and shown in the status.
import { checkRows, container, pod } from './census.ts';

const OWN = 'spec.containers[0].securityContext';
const POD = 'spec.securityContext';
const APPARMOR = 'container.apparmor.security.beta.kubernetes.io';

function own(securityContext: object): object {
  return container({ securityContext });
}

function shared(securityContext: object, spec: object = {}): object {
  return pod({ ...spec, securityContext });
}

function sysctls(...list: readonly object[]): object {
  return shared({ sysctls: list });
}

checkRows([
  { row: 280, title: 'user -1', input: own({ runAsUser: -1 }), expected: [`${OWN}.runAsUser Invalid`] },
  { row: 281, title: 'user 2^32', input: own({ runAsUser: 4294967296 }), expected: [`${OWN}.runAsUser Invalid`] },
  { row: 282, title: 'user in quotes', input: own({ runAsUser: '1000' }), expected: [`${OWN}.runAsUser TypeInvalid`] },
  {
    row: 283,
    title: 'groups -1',
    input: shared({ runAsGroup: -1, fsGroup: -1, supplementalGroups: [-1] }),
    expected: [`${POD}.fsGroup Invalid`, `${POD}.runAsGroup Invalid`, `${POD}.supplementalGroups[0] Invalid`],
  },
  {
    row: 284,
    title: 'non-root as root',
    input: own({ runAsNonRoot: true, runAsUser: 0 }),
    expected: [`${OWN} Invalid`],
  },
  {
    row: 285,
    title: 'privileged without escalation',
    input: own({ privileged: true, allowPrivilegeEscalation: false }),
    expected: [`${OWN} Invalid`],
  },
  {
    row: 286,
    title: 'CAP_SYS_ADMIN without escalation',
    input: own({ allowPrivilegeEscalation: false, capabilities: { add: ['CAP_SYS_ADMIN'] } }),
    expected: [`${OWN} Invalid`],
  },
  // Kubernetes looks for the other spelling only, so this one is in use.
  {
    row: 286,
    title: 'SYS_ADMIN without escalation',
    input: own({ allowPrivilegeEscalation: false, capabilities: { add: ['SYS_ADMIN'] } }),
    expected: [`~${OWN} Invalid`],
  },
  {
    row: 287,
    title: 'capability NET_ADMINN',
    input: own({ capabilities: { add: ['NET_ADMINN'] } }),
    expected: [`${OWN}.capabilities.add[0] NotSupported`],
  },
  {
    row: 288,
    title: 'capabilities as text',
    input: own({ capabilities: { add: 'NET_ADMIN' } }),
    expected: [`${OWN}.capabilities.add TypeInvalid`],
  },
  { row: 289, title: 'procMount None', input: own({ procMount: 'None' }), expected: [`${OWN}.procMount NotSupported`] },
  {
    row: 290,
    title: 'seccomp without type',
    input: own({ seccompProfile: {} }),
    expected: [`${OWN}.seccompProfile.type Required`],
  },
  ...[undefined, ''].map((localhostProfile) => ({
    row: 291,
    title: `Localhost with profile ${JSON.stringify(localhostProfile)}`,
    input: own({ seccompProfile: { type: 'Localhost', localhostProfile } }),
    expected: [`${OWN}.seccompProfile.localhostProfile Required`] as const,
  })),
  {
    row: 292,
    title: 'RuntimeDefault with profile',
    input: own({ seccompProfile: { type: 'RuntimeDefault', localhostProfile: 'a' } }),
    expected: [`${OWN}.seccompProfile.localhostProfile Invalid`],
  },
  ...['../x', '/x'].map((localhostProfile) => ({
    row: 293,
    title: `profile ${localhostProfile}`,
    input: own({ seccompProfile: { type: 'Localhost', localhostProfile } }),
    expected: [`${OWN}.seccompProfile.localhostProfile Invalid`] as const,
  })),
  {
    row: 294,
    title: 'type runtime/default',
    input: own({ seccompProfile: { type: 'runtime/default' } }),
    expected: [`${OWN}.seccompProfile.type NotSupported`],
  },
  {
    row: 295,
    title: 'annotation and field differ',
    input: pod(
      { securityContext: { seccompProfile: { type: 'Unconfined' } } },
      { annotations: { 'seccomp.security.alpha.kubernetes.io/pod': 'runtime/default' } },
    ),
    expected: [`${POD}.seccompProfile.type Forbidden`],
  },
  {
    row: 296,
    title: 'AppArmor of an unknown container',
    input: pod({}, { annotations: { [`${APPARMOR}/x`]: 'runtime/default' } }),
    expected: [`metadata.annotations[${APPARMOR}/x] Invalid`],
  },
  {
    row: 297,
    title: 'AppArmor localhost/',
    input: pod({}, { annotations: { [`${APPARMOR}/app`]: 'localhost/' } }),
    expected: [`metadata.annotations[${APPARMOR}/app] Invalid`],
  },
  {
    row: 298,
    title: 'sysctl without name',
    input: sysctls({ value: '1' }),
    expected: [`${POD}.sysctls[0].name Required`],
  },
  {
    row: 299,
    title: 'sysctl foo-',
    input: sysctls({ name: 'foo-', value: '1' }),
    expected: [`${POD}.sysctls[0].name Invalid`],
  },
  {
    row: 300,
    title: 'one sysctl twice',
    input: sysctls({ name: 'kernel.sem', value: '1' }, { name: 'kernel/sem', value: '2' }),
    expected: [`${POD}.sysctls[1].name Duplicate`],
  },
  {
    row: 302,
    title: 'net sysctl on the host network',
    input: shared({ sysctls: [{ name: 'net.core.somaxconn', value: '1' }] }, { hostNetwork: true }),
    expected: [`${POD}.sysctls[0].name Invalid`],
  },
  ...['1\n2', '1+kernel.core_pattern'].map((value) => ({
    row: 303,
    title: `sysctl value ${JSON.stringify(value)}`,
    input: sysctls({ name: 'kernel.sem', value }),
    expected: [`${POD}.sysctls[0].value Invalid`] as const,
  })),
  {
    row: 304,
    title: 'fsGroupChangePolicy Never',
    input: shared({ fsGroupChangePolicy: 'Never' }),
    expected: [`${POD}.fsGroupChangePolicy NotSupported`],
  },
  {
    row: 305,
    title: 'shared and host processes',
    input: pod({ shareProcessNamespace: true, hostPID: true }),
    expected: ['spec.shareProcessNamespace Invalid'],
  },
  {
    row: 306,
    title: 'own users on the host network',
    input: pod({ hostUsers: false, hostNetwork: true }),
    expected: ['spec.hostUsers Forbidden'],
  },
  {
    row: 307,
    title: 'windowsOptions',
    input: own({ windowsOptions: {} }),
    expected: [`${OWN}.windowsOptions NotImplemented`],
    mode: 'run',
  },
]);
