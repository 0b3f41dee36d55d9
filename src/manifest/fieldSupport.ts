// What becomes of every field of a pod: the one table behind refusals, "ignored" notes and the documentation.
// By definition and field, for PodSpec and everything below it that is looked into; a test proves that none is missing.
//
// To make a field work: implement it, then change its line to `yes`. Definitions under a refused or ignored field need
// no lines; they do as soon as the field is looked into.
import type { Finding } from './finding.ts';

export type FieldSupport =
  | 'honoured'
  /** Valid, but without meaning on one machine without a cluster. */
  | { readonly ignored: string }
  /** Would change what the pod does, and is not implemented; `unless` names values that ask for nothing. */
  | { readonly refused: string; readonly unless?: (value: unknown) => boolean };

const yes = 'honoured' satisfies FieldSupport;
const scheduling: FieldSupport = { ignored: 'there is no scheduler: the pod always runs on this node' };
const noApiServer: FieldSupport = { ignored: 'there is no API server to ask' };
const cloudVolume: FieldSupport = { refused: 'volumes of this type are not implemented' };
const referenceVolume: FieldSupport = { refused: 'volumes from other objects are not implemented yet' };
const referenceEnv: FieldSupport = { refused: 'environment variables from other objects are not implemented yet' };
const probe: FieldSupport = { refused: 'probes are not implemented yet' };
const hook: FieldSupport = { refused: 'lifecycle hooks are not implemented yet' };
const windows: FieldSupport = { refused: 'this is not a Windows machine' };

const container: { readonly [field: string]: FieldSupport } = {
  args: yes,
  command: yes,
  env: yes,
  envFrom: yes,
  image: yes,
  imagePullPolicy: yes,
  lifecycle: yes,
  livenessProbe: probe,
  name: yes,
  ports: yes,
  readinessProbe: probe,
  resizePolicy: { ignored: 'resources change by replacing the pod' },
  resources: yes,
  restartPolicy: yes,
  restartPolicyRules: yes,
  securityContext: yes,
  startupProbe: probe,
  stdin: yes,
  stdinOnce: yes,
  terminationMessagePath: yes,
  terminationMessagePolicy: yes,
  tty: yes,
  volumeDevices: { refused: 'block devices from claims are not implemented' },
  volumeMounts: yes,
  workingDir: yes,
};

export const FIELD_SUPPORT: { readonly [definition: string]: { readonly [field: string]: FieldSupport } } = {
  PodSpec: {
    activeDeadlineSeconds: yes,
    affinity: scheduling,
    automountServiceAccountToken: noApiServer,
    containers: yes,
    dnsConfig: yes,
    dnsPolicy: yes,
    enableServiceLinks: { ignored: 'there are no services' },
    ephemeralContainers: { refused: 'they are added to running pods through an API server only' },
    hostAliases: yes,
    hostIPC: yes,
    hostNetwork: yes,
    hostPID: yes,
    hostUsers: { refused: 'user namespaces are not implemented yet', unless: (value) => value === true },
    hostname: yes,
    hostnameOverride: yes,
    imagePullSecrets: { refused: 'registry credentials in manifests are not implemented yet', unless: isEmptyList },
    initContainers: yes,
    nodeName: { ignored: 'the pod always runs on this node' },
    nodeSelector: scheduling,
    os: yes,
    overhead: { ignored: 'it belongs to runtime classes' },
    preemptionPolicy: scheduling,
    priority: scheduling,
    priorityClassName: scheduling,
    readinessGates: { refused: 'conditions set from outside are not implemented yet', unless: isEmptyList },
    resourceClaims: { refused: 'devices by claim need an API server', unless: isEmptyList },
    resources: { refused: 'resources of the whole pod are not implemented yet' },
    restartPolicy: yes,
    runtimeClassName: { refused: 'runtime classes are not implemented yet' },
    schedulerName: scheduling,
    schedulingGates: scheduling,
    schedulingGroup: scheduling,
    securityContext: yes,
    serviceAccount: noApiServer,
    serviceAccountName: noApiServer,
    setHostnameAsFQDN: yes,
    shareProcessNamespace: yes,
    subdomain: yes,
    terminationGracePeriodSeconds: yes,
    tolerations: scheduling,
    topologySpreadConstraints: scheduling,
    volumes: yes,
  },
  Container: container,
  ContainerPort: { containerPort: yes, hostIP: yes, hostPort: yes, name: yes, protocol: yes },
  ContainerRestartRule: {
    action: { refused: 'only the action "Restart" is implemented', unless: (value) => value === 'Restart' },
    exitCodes: yes,
  },
  ContainerRestartRuleOnExitCodes: { operator: yes, values: yes },
  EnvVar: { name: yes, value: yes, valueFrom: yes },
  EnvVarSource: {
    configMapKeyRef: referenceEnv,
    fieldRef: yes,
    fileKeyRef: { refused: 'environment variables from files are not implemented yet' },
    resourceFieldRef: yes,
    secretKeyRef: referenceEnv,
  },
  EnvFromSource: { configMapRef: referenceEnv, prefix: yes, secretRef: referenceEnv },
  ObjectFieldSelector: { apiVersion: yes, fieldPath: yes },
  ResourceFieldSelector: { containerName: yes, divisor: yes, resource: yes },
  Lifecycle: {
    postStart: hook,
    preStop: hook,
    stopSignal: { refused: 'stop signals are not implemented yet' },
  },
  ResourceRequirements: {
    claims: { refused: 'devices by claim need an API server', unless: isEmptyList },
    limits: yes,
    requests: yes,
  },
  SecurityContext: {
    allowPrivilegeEscalation: yes,
    appArmorProfile: yes,
    capabilities: yes,
    privileged: yes,
    procMount: yes,
    readOnlyRootFilesystem: yes,
    runAsGroup: yes,
    runAsNonRoot: yes,
    runAsUser: yes,
    seLinuxOptions: yes,
    seccompProfile: yes,
    windowsOptions: windows,
  },
  PodSecurityContext: {
    appArmorProfile: yes,
    fsGroup: yes,
    fsGroupChangePolicy: yes,
    runAsGroup: yes,
    runAsNonRoot: yes,
    runAsUser: yes,
    seLinuxChangePolicy: yes,
    seLinuxOptions: yes,
    seccompProfile: yes,
    supplementalGroups: yes,
    supplementalGroupsPolicy: yes,
    sysctls: yes,
    windowsOptions: windows,
  },
  AppArmorProfile: { localhostProfile: yes, type: yes },
  Capabilities: { add: yes, drop: yes },
  SELinuxOptions: { level: yes, role: yes, type: yes, user: yes },
  SeccompProfile: { localhostProfile: yes, type: yes },
  Sysctl: { name: yes, value: yes },
  HostAlias: { hostnames: yes, ip: yes },
  PodDNSConfig: { nameservers: yes, options: yes, searches: yes },
  PodDNSConfigOption: { name: yes, value: yes },
  PodOS: { name: { refused: 'this is a Linux machine', unless: (value) => value === 'linux' } },
  Volume: {
    awsElasticBlockStore: cloudVolume,
    azureDisk: cloudVolume,
    azureFile: cloudVolume,
    cephfs: cloudVolume,
    cinder: cloudVolume,
    configMap: referenceVolume,
    csi: cloudVolume,
    downwardAPI: yes,
    emptyDir: yes,
    ephemeral: cloudVolume,
    fc: cloudVolume,
    flexVolume: cloudVolume,
    flocker: cloudVolume,
    gcePersistentDisk: cloudVolume,
    gitRepo: cloudVolume,
    glusterfs: cloudVolume,
    hostPath: yes,
    image: { refused: 'image volumes are not implemented yet' },
    iscsi: cloudVolume,
    name: yes,
    nfs: { refused: 'NFS volumes are not implemented yet' },
    persistentVolumeClaim: referenceVolume,
    photonPersistentDisk: cloudVolume,
    portworxVolume: cloudVolume,
    projected: { refused: 'projected volumes are not implemented yet' },
    quobyte: cloudVolume,
    rbd: cloudVolume,
    scaleIO: cloudVolume,
    secret: referenceVolume,
    storageos: cloudVolume,
    vsphereVolume: cloudVolume,
  },
  DownwardAPIVolumeSource: { defaultMode: yes, items: yes },
  DownwardAPIVolumeFile: { fieldRef: yes, mode: yes, path: yes, resourceFieldRef: yes },
  EmptyDirVolumeSource: { medium: yes, sizeLimit: yes },
  HostPathVolumeSource: { path: yes, type: yes },
  VolumeMount: {
    mountPath: yes,
    mountPropagation: yes,
    name: yes,
    readOnly: yes,
    recursiveReadOnly: {
      refused: 'recursive read-only mounts are not implemented yet',
      unless: (value) => value !== 'Enabled',
    },
    subPath: { refused: 'mounting a part of a volume is not implemented yet', unless: (value) => value === '' },
    subPathExpr: { refused: 'mounting a part of a volume is not implemented yet', unless: (value) => value === '' },
  },
};

/** Objects beside pods that a manifest file may hold; what `run` does with them. */
export const KIND_SUPPORT: { readonly [kind: string]: { readonly code: Finding['code']; readonly refused: string } } = {
  ConfigMap: { code: 'NotImplemented', refused: 'ConfigMaps in files are not implemented yet' },
  Secret: { code: 'NotImplemented', refused: 'Secrets in files are not implemented yet' },
  PersistentVolumeClaim: { code: 'NotImplemented', refused: 'claims in files are not implemented yet' },
};

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
