// Fills in what a manifest leaves out, as the API server does for stored pods. Pure; the input is not changed.
// Only for valid pods. Source: the defaults stated in the Kubernetes API reference for Pod v1.
// Defaults that need a cluster (service account, tolerations, limit ranges, priority) do not apply to static pods.
import type { DesiredContainer, DesiredSpec, RestartPolicy } from '../api/desiredPod.ts';
import { defaultPullPolicy } from '../api/imageRef.ts';
import type {
  Container,
  ContainerPort,
  EnvVar,
  HTTPGetAction,
  Lifecycle,
  LifecycleHandler,
  PodSpec,
  Probe,
  ResourceRequirements,
} from '../api/kubernetes.ts';
import { canonicalList, defaultPodResources } from './podResources.ts';
import { defaultSelectors } from './selectorDefaults.ts';
import { defaultVolume } from './volumeDefaults.ts';

const TERMINATION_GRACE_SECONDS = 30;
const TERMINATION_MESSAGE_PATH = '/dev/termination-log';

/** The spec with every default that the API server would write. Idempotent. */
export function defaultSpec(spec: PodSpec): DesiredSpec {
  const { initContainers: declared, ...rest } = spec;
  const hostNetwork = spec.hostNetwork === true;
  const containers = spec.containers.map((container) => defaultContainer(container, { hostNetwork }));
  const initContainers = declared?.map((container) => defaultContainer(container, { hostNetwork }));
  const account = spec.serviceAccountName ?? spec.serviceAccount;
  const resources = defaultPodResources(spec.resources, { containers, initContainers });
  return {
    ...rest,
    ...(account === undefined ? {} : { serviceAccountName: account, serviceAccount: account }),
    restartPolicy: restartPolicy(spec.restartPolicy),
    dnsPolicy: dnsPolicy(spec.dnsPolicy),
    schedulerName: spec.schedulerName ?? 'default-scheduler',
    securityContext: spec.securityContext ?? {},
    enableServiceLinks: spec.enableServiceLinks ?? true,
    terminationGracePeriodSeconds: spec.terminationGracePeriodSeconds ?? TERMINATION_GRACE_SECONDS,
    containers,
    ...(initContainers === undefined ? {} : { initContainers }),
    ...(resources === undefined ? {} : { resources }),
    ...(spec.overhead === undefined ? {} : { overhead: canonicalList(spec.overhead) }),
    ...(spec.volumes === undefined ? {} : { volumes: spec.volumes.map(defaultVolume) }),
  };
}

function restartPolicy(value: string | undefined): RestartPolicy {
  return value === 'OnFailure' || value === 'Never' ? value : 'Always';
}

function dnsPolicy(value: string | undefined): DesiredSpec['dnsPolicy'] {
  return value === 'ClusterFirstWithHostNet' || value === 'Default' || value === 'None' ? value : 'ClusterFirst';
}

function defaultContainer(container: Container, pod: { readonly hostNetwork: boolean }): DesiredContainer {
  const image = container.image ?? '';
  const { ports, env, resources, lifecycle, livenessProbe, readinessProbe, startupProbe } = container;
  return {
    ...container,
    image,
    imagePullPolicy: pullPolicy(container.imagePullPolicy) ?? defaultPullPolicy(image),
    terminationMessagePath: container.terminationMessagePath ?? TERMINATION_MESSAGE_PATH,
    terminationMessagePolicy:
      container.terminationMessagePolicy === 'FallbackToLogsOnError' ? 'FallbackToLogsOnError' : 'File',
    resources: defaultResources(resources ?? {}),
    ...(ports === undefined ? {} : { ports: ports.map((port) => defaultPort(port, pod)) }),
    ...(env === undefined ? {} : { env: env.map(defaultEnv) }),
    ...(lifecycle === undefined ? {} : { lifecycle: defaultLifecycle(lifecycle) }),
    ...(livenessProbe === undefined ? {} : { livenessProbe: defaultProbe(livenessProbe) }),
    ...(readinessProbe === undefined ? {} : { readinessProbe: defaultProbe(readinessProbe) }),
    ...(startupProbe === undefined ? {} : { startupProbe: defaultProbe(startupProbe) }),
  };
}

function pullPolicy(value: string | undefined): DesiredContainer['imagePullPolicy'] | undefined {
  return value === 'Always' || value === 'IfNotPresent' || value === 'Never' ? value : undefined;
}

function defaultPort(port: ContainerPort, pod: { readonly hostNetwork: boolean }): ContainerPort {
  const shared = pod.hostNetwork && (port.hostPort ?? 0) === 0 ? { hostPort: port.containerPort } : {};
  return { ...port, protocol: port.protocol ?? 'TCP', ...shared };
}

/** A limit without a request asks for as much as the limit. Quantities become canonical. */
function defaultResources(resources: ResourceRequirements): ResourceRequirements {
  const limits = resources.limits === undefined ? undefined : canonicalList(resources.limits);
  const asked = resources.requests === undefined ? undefined : canonicalList(resources.requests);
  const requests = limits === undefined && asked === undefined ? undefined : { ...limits, ...asked };
  return {
    ...resources,
    ...(limits === undefined ? {} : { limits }),
    ...(requests === undefined ? {} : { requests }),
  };
}

/** An empty value is what no value means, and is left out as the API server leaves it out. */
function defaultEnv(variable: EnvVar): EnvVar {
  const { valueFrom, value, ...rest } = variable;
  if (valueFrom === undefined) return value === undefined || value === '' ? rest : { ...rest, value };
  const file = valueFrom.fileKeyRef === undefined ? {} : { fileKeyRef: { optional: false, ...valueFrom.fileKeyRef } };
  return { ...variable, valueFrom: { ...valueFrom, ...defaultSelectors(valueFrom), ...file } };
}

/** A number of 0 means the same as none. */
function defaultProbe(probe: Probe): Probe {
  return {
    ...probe,
    ...defaultHandler(probe),
    ...(probe.grpc === undefined ? {} : { grpc: { service: '', ...probe.grpc } }),
    timeoutSeconds: probe.timeoutSeconds || 1,
    periodSeconds: probe.periodSeconds || 10,
    successThreshold: probe.successThreshold || 1,
    failureThreshold: probe.failureThreshold || 3,
  };
}

function defaultLifecycle(lifecycle: Lifecycle): Lifecycle {
  const { postStart, preStop } = lifecycle;
  return {
    ...lifecycle,
    ...(postStart === undefined ? {} : { postStart: { ...postStart, ...defaultHandler(postStart) } }),
    ...(preStop === undefined ? {} : { preStop: { ...preStop, ...defaultHandler(preStop) } }),
  };
}

function defaultHandler(handler: Pick<LifecycleHandler, 'httpGet'>): { readonly httpGet?: HTTPGetAction } {
  const { httpGet } = handler;
  return httpGet === undefined
    ? {}
    : { httpGet: { ...httpGet, path: httpGet.path || '/', scheme: httpGet.scheme ?? 'HTTP' } };
}
