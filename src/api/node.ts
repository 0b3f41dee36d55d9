// Facts about this machine that pods can see. Read once at start; passed explicitly.

export interface NodeFacts {
  /** Lower-case node name; suffix of every pod name. */
  readonly name: string;
  /** Node addresses, primary first. */
  readonly hostIPs: readonly string[];
  readonly rootDir: string;
  /** "/var/log/pods". */
  readonly podLogsDir: string;
  /** Cluster DNS servers for dnsPolicy ClusterFirst; empty means fall back to Default. */
  readonly clusterDNS: readonly string[];
  readonly clusterDomain: string;
  /** The host's resolv.conf, parsed. */
  readonly resolvConf: {
    readonly servers: readonly string[];
    readonly searches: readonly string[];
    readonly options: readonly string[];
  };
  /** Allocatable resources: defaults of resourceFieldRef limits. */
  readonly allocatable: {
    readonly milliCpu: number;
    readonly memoryBytes: number;
    readonly ephemeralStorageBytes: number;
  };
  /** Bytes of huge pages that the kernel keeps, by the size of one page in bytes. */
  readonly hugePages: { readonly [pageBytes: string]: number };
  /** Sizes known to the kernel, in bytes; every container gets a limit for each. */
  readonly hugePageSizes: readonly number[];
  readonly cgroupVersion: 1 | 2;
  readonly cgroupDriver: 'cgroupfs' | 'systemd';
  readonly seccompDefault: boolean;
  /** Whether what is in memory may be written to a disk: no, not where it is asked for (tmpfs noswap), or always. */
  readonly swap: 'off' | 'avoidable' | 'on';
}

/** Release of Kubernetes whose PodSpec is understood, and whose probes and handlers these are. */
export const KUBERNETES_VERSION = '1.36';

/** Annotation on every sandbox and container that this runner makes: the root directory of the runner that owns it. */
export const OWNER_ANNOTATION = 'solopod.dev/root-dir';
