// Shapes of the CRI messages that this adapter sends and reads, as proto-loader gives them: lowerCamelCase names,
// enums by name, 64-bit integers as bigint when read, numbers when sent. Types only; wire numbers are in schemas/cri.proto.
// Sent messages leave out what has its zero value; read messages have every scalar, list and map, and null for an
// absent message.

type Labels = { readonly [key: string]: string };

export interface Int64Value {
  readonly value: number;
}

// ---- sent ----

export interface PodSandboxMetadata {
  readonly name: string;
  readonly uid: string;
  readonly namespace: string;
  readonly attempt: number;
}

export interface DnsConfig {
  readonly servers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

export interface PortMapping {
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  readonly containerPort: number;
  readonly hostPort?: number;
  readonly hostIp?: string;
}

export type NamespaceMode = 'POD' | 'CONTAINER' | 'NODE';

export interface IdMapping {
  readonly hostId: number;
  readonly containerId: number;
  readonly length: number;
}

export interface NamespaceOption {
  readonly network: NamespaceMode;
  readonly pid: NamespaceMode;
  readonly ipc: NamespaceMode;
  readonly usernsOptions?: {
    readonly mode: NamespaceMode;
    readonly uids: readonly IdMapping[];
    readonly gids: readonly IdMapping[];
  };
}

export interface SecurityProfile {
  readonly profileType: 'RuntimeDefault' | 'Unconfined' | 'Localhost';
  readonly localhostRef?: string;
}

export interface SELinuxOption {
  readonly user: string;
  readonly role: string;
  readonly type: string;
  readonly level: string;
}

export interface LinuxSandboxSecurityContext {
  readonly namespaceOptions: NamespaceOption;
  readonly seccomp: SecurityProfile;
  readonly privileged?: boolean;
  readonly selinuxOptions?: SELinuxOption;
  readonly runAsUser?: Int64Value;
  readonly runAsGroup?: Int64Value;
  readonly supplementalGroups?: readonly number[];
  readonly supplementalGroupsPolicy?: 'Merge' | 'Strict';
}

export interface HugepageLimit {
  readonly pageSize: string;
  readonly limit: number;
}

export interface LinuxContainerResources {
  readonly cpuPeriod?: number;
  readonly cpuQuota?: number;
  readonly cpuShares?: number;
  readonly memoryLimitInBytes?: number;
  readonly oomScoreAdj?: number;
  readonly hugepageLimits?: readonly HugepageLimit[];
  readonly unified?: Labels;
}

export interface LinuxPodSandboxConfig {
  readonly cgroupParent: string;
  readonly securityContext: LinuxSandboxSecurityContext;
  readonly sysctls?: Labels;
  readonly overhead?: LinuxContainerResources;
  readonly resources: LinuxContainerResources;
}

export interface PodSandboxConfig {
  readonly metadata: PodSandboxMetadata;
  readonly hostname: string;
  readonly logDirectory: string;
  readonly dnsConfig: DnsConfig;
  readonly portMappings: readonly PortMapping[];
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly linux: LinuxPodSandboxConfig;
}

export interface ImageSpec {
  readonly image: string;
  readonly annotations?: Labels;
  readonly userSpecifiedImage?: string;
}

/** For one registry; nothing of it is ever logged. */
export interface AuthConfig {
  readonly username?: string;
  readonly password?: string;
  readonly identityToken?: string;
}

export interface Mount {
  readonly containerPath: string;
  readonly hostPath: string;
  readonly readonly?: boolean;
  readonly selinuxRelabel?: boolean;
  readonly propagation?: 'PROPAGATION_PRIVATE' | 'PROPAGATION_HOST_TO_CONTAINER' | 'PROPAGATION_BIDIRECTIONAL';
  readonly recursiveReadOnly?: boolean;
  /** Mounted instead of a host path. */
  readonly image?: ImageSpec;
  readonly imageSubPath?: string;
  readonly uidMappings?: readonly IdMapping[];
  readonly gidMappings?: readonly IdMapping[];
}

export interface LinuxContainerSecurityContext {
  readonly capabilities?: { readonly addCapabilities: readonly string[]; readonly dropCapabilities: readonly string[] };
  readonly privileged?: boolean;
  readonly namespaceOptions: NamespaceOption;
  readonly selinuxOptions?: SELinuxOption;
  readonly runAsUser?: Int64Value;
  readonly runAsGroup?: Int64Value;
  readonly runAsUsername?: string;
  readonly readonlyRootfs?: boolean;
  readonly supplementalGroups?: readonly number[];
  readonly supplementalGroupsPolicy?: 'Merge' | 'Strict';
  readonly apparmorProfile?: string;
  readonly apparmor?: SecurityProfile;
  readonly noNewPrivs?: boolean;
  readonly maskedPaths: readonly string[];
  readonly readonlyPaths: readonly string[];
  readonly seccomp: SecurityProfile;
}

export interface KeyValue {
  readonly key: string;
  readonly value: string;
}

export interface ContainerConfig {
  readonly metadata: { readonly name: string; readonly attempt: number };
  readonly image: ImageSpec;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly workingDir: string;
  readonly envs: readonly KeyValue[];
  readonly mounts: readonly Mount[];
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly logPath: string;
  readonly stdin: boolean;
  readonly stdinOnce: boolean;
  readonly tty: boolean;
  readonly linux: {
    readonly resources: LinuxContainerResources;
    readonly securityContext: LinuxContainerSecurityContext;
  };
  /** Signal's name; absent means the runtime's default. */
  readonly stopSignal?: string;
}

// ---- read ----

export interface ReadSandboxMetadata {
  readonly name: string;
  readonly uid: string;
  readonly namespace: string;
  readonly attempt: number;
}

export interface ReadSandbox {
  readonly id: string;
  readonly metadata: ReadSandboxMetadata | null;
  readonly state: string;
  readonly createdAt: bigint;
  readonly labels: Labels;
  readonly annotations: Labels;
}

export interface ReadSandboxStatus extends ReadSandbox {
  readonly network: { readonly ip: string; readonly additionalIps: readonly { readonly ip: string }[] } | null;
  readonly linux: {
    readonly namespaces: { readonly options: { readonly network: string } | null } | null;
  } | null;
}

export interface ReadContainer {
  readonly id: string;
  readonly podSandboxId: string;
  readonly metadata: { readonly name: string; readonly attempt: number } | null;
  readonly image: { readonly image: string } | null;
  readonly imageRef: string;
  readonly state: string;
  readonly createdAt: bigint;
  readonly labels: Labels;
  readonly annotations: Labels;
}

export interface ReadMount {
  readonly containerPath: string;
  readonly hostPath: string;
}

export interface ReadContainerStatus {
  readonly id: string;
  readonly metadata: { readonly name: string; readonly attempt: number } | null;
  readonly state: string;
  readonly createdAt: bigint;
  readonly startedAt: bigint;
  readonly finishedAt: bigint;
  readonly exitCode: number;
  readonly image: { readonly image: string } | null;
  readonly imageRef: string;
  readonly reason: string;
  readonly message: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly mounts: readonly ReadMount[];
  readonly logPath: string;
}

export interface ReadImage {
  readonly id: string;
  readonly repoTags: readonly string[];
  readonly repoDigests: readonly string[];
  readonly size: bigint;
  readonly uid: { readonly value: bigint } | null;
  readonly username: string;
  readonly pinned: boolean;
}

export interface ReadRuntimeHandler {
  readonly name: string;
  readonly features: { readonly recursiveReadOnlyMounts: boolean; readonly userNamespaces: boolean } | null;
}

export interface ReadStatus {
  readonly status: {
    readonly conditions: readonly {
      readonly type: string;
      readonly status: boolean;
      readonly reason: string;
      readonly message: string;
    }[];
  } | null;
  readonly runtimeHandlers: readonly ReadRuntimeHandler[];
  /** Only where the request was verbose. */
  readonly info: Labels;
  readonly features: { readonly supplementalGroupsPolicy: boolean } | null;
}

export interface ReadContainerEvent {
  readonly containerId: string;
  readonly containerEventType: string;
  readonly podSandboxStatus: ReadSandboxStatus | null;
}

export interface ReadEnvelope {
  readonly namespace: string;
  readonly topic: string;
  readonly event: { readonly value: { readonly containerId: string; readonly id: string } | null } | null;
}

type Counted = { readonly value: bigint } | null;

export interface ReadCpuUsage {
  readonly timestamp: bigint;
  readonly usageCoreNanoSeconds: Counted;
  readonly usageNanoCores: Counted;
}

export interface ReadMemoryUsage {
  readonly timestamp: bigint;
  readonly workingSetBytes: Counted;
  readonly availableBytes: Counted;
  readonly usageBytes: Counted;
  readonly rssBytes: Counted;
  readonly pageFaults: Counted;
  readonly majorPageFaults: Counted;
}

export interface ReadContainerStats {
  readonly attributes: { readonly id: string } | null;
  readonly cpu: ReadCpuUsage | null;
  readonly memory: ReadMemoryUsage | null;
  readonly swap: { readonly swapUsageBytes: Counted } | null;
  readonly writableLayer: {
    readonly timestamp: bigint;
    readonly usedBytes: Counted;
    readonly inodesUsed: Counted;
  } | null;
}

export interface ReadInterfaceUsage {
  readonly name: string;
  readonly rxBytes: Counted;
  readonly rxErrors: Counted;
  readonly txBytes: Counted;
  readonly txErrors: Counted;
}

export interface ReadSandboxStats {
  readonly attributes: { readonly id: string } | null;
  readonly linux: {
    readonly cpu: ReadCpuUsage | null;
    readonly memory: ReadMemoryUsage | null;
    readonly network: {
      readonly timestamp: bigint;
      readonly defaultInterface: ReadInterfaceUsage | null;
      readonly interfaces: readonly ReadInterfaceUsage[];
    } | null;
    readonly process: { readonly processCount: Counted } | null;
  } | null;
}

/** A blob that containerd is downloading. */
export interface ReadIngest {
  readonly ref: string;
  readonly offset: bigint;
}

// ---- calls ----

type Call<Request, Response> = { readonly request: Request; readonly response: Response };
type SandboxId = { readonly podSandboxId: string };
type StreamingUrl = { readonly url: string };
type Streams = { readonly [name in 'stdin' | 'stdout' | 'stderr' | 'tty']: boolean };
type ContainerId = { readonly containerId: string };
type Empty = { readonly [key: string]: never };
type ListFilter = { readonly filter: { readonly labelSelector: Labels } | { readonly id: string } };

/** Every unary call in use, by "Service/Method" without the package. */
export interface UnaryCalls {
  'RuntimeService/Version': Call<
    { readonly version: string },
    { readonly runtimeName: string; readonly runtimeVersion: string }
  >;
  'RuntimeService/Status': Call<{ readonly verbose: boolean }, ReadStatus>;
  'RuntimeService/RuntimeConfig': Call<Empty, { readonly linux: { readonly cgroupDriver: string } | null }>;
  'RuntimeService/RunPodSandbox': Call<
    { readonly config: PodSandboxConfig; readonly runtimeHandler: string },
    { readonly podSandboxId: string }
  >;
  'RuntimeService/StopPodSandbox': Call<SandboxId, Empty>;
  'RuntimeService/RemovePodSandbox': Call<SandboxId, Empty>;
  'RuntimeService/PodSandboxStatus': Call<SandboxId, { readonly status: ReadSandboxStatus | null }>;
  'RuntimeService/ListPodSandbox': Call<ListFilter | Empty, { readonly items: readonly ReadSandbox[] }>;
  'RuntimeService/CreateContainer': Call<
    { readonly podSandboxId: string; readonly config: ContainerConfig; readonly sandboxConfig: PodSandboxConfig },
    { readonly containerId: string }
  >;
  'RuntimeService/StartContainer': Call<ContainerId, Empty>;
  'RuntimeService/UpdateContainerResources': Call<ContainerId & { readonly linux: LinuxContainerResources }, Empty>;
  'RuntimeService/StopContainer': Call<ContainerId & { readonly timeout: number }, Empty>;
  'RuntimeService/RemoveContainer': Call<ContainerId, Empty>;
  'RuntimeService/ReopenContainerLog': Call<ContainerId, Empty>;
  'RuntimeService/ListContainers': Call<ListFilter | Empty, { readonly containers: readonly ReadContainer[] }>;
  'RuntimeService/ContainerStatus': Call<
    ContainerId & { readonly verbose?: boolean },
    /** `info` is filled for verbose requests: JSON texts of the runtime's own making. */
    { readonly status: ReadContainerStatus | null; readonly info?: { readonly [key: string]: string } }
  >;
  'RuntimeService/ExecSync': Call<
    ContainerId & { readonly cmd: readonly string[]; readonly timeout: number },
    { readonly stdout: Uint8Array; readonly stderr: Uint8Array; readonly exitCode: number }
  >;
  'RuntimeService/ListContainerStats': Call<Empty, { readonly stats: readonly ReadContainerStats[] }>;
  'RuntimeService/ListPodSandboxStats': Call<Empty, { readonly stats: readonly ReadSandboxStats[] }>;
  'RuntimeService/Exec': Call<ContainerId & Streams & { readonly cmd: readonly string[] }, StreamingUrl>;
  'RuntimeService/Attach': Call<ContainerId & Streams, StreamingUrl>;
  'RuntimeService/PortForward': Call<SandboxId & { readonly port: readonly number[] }, StreamingUrl>;
  'ImageService/ImageStatus': Call<{ readonly image: ImageSpec }, { readonly image: ReadImage | null }>;
  'ImageService/ListImages': Call<Empty, { readonly images: readonly ReadImage[] }>;
  'ImageService/RemoveImage': Call<{ readonly image: ImageSpec }, Empty>;
  'ImageService/ImageFsInfo': Call<
    Empty,
    { readonly imageFilesystems: readonly { readonly fsId: { readonly mountpoint: string } | null }[] }
  >;
  'ImageService/PullImage': Call<
    { readonly image: ImageSpec; readonly auth?: AuthConfig; readonly sandboxConfig: PodSandboxConfig },
    { readonly imageRef: string }
  >;
  'Content/ListStatuses': Call<{ readonly filters: readonly string[] }, { readonly statuses: readonly ReadIngest[] }>;
}

/** Every server stream in use. */
export interface StreamCalls {
  'RuntimeService/GetContainerEvents': Call<Empty, ReadContainerEvent>;
  'Events/Subscribe': Call<{ readonly filters: readonly string[] }, ReadEnvelope>;
}
