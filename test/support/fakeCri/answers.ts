// One answer per CRI call, out of the fake runtime's state.
import { status as Code } from '@grpc/grpc-js';
import type { AuthConfig, ContainerConfig, ImageSpec, PodSandboxConfig } from '../../../src/cri/messages.ts';
import { type FakeContainer, type FakeImage, type FakeSandbox, type FakeState, Refusal } from './state.ts';

interface Fields {
  readonly podSandboxId: string;
  readonly containerId: string;
  readonly config: object;
  readonly image: ImageSpec;
  readonly auth: AuthConfig | null;
  readonly linux: object;
  readonly cmd: readonly string[];
  readonly filter: { readonly id: string; readonly labelSelector: { readonly [key: string]: string } } | null;
}

export function answerCall(state: FakeState, method: string, request: object): object {
  const fields = request as Fields;
  switch (method) {
    case 'Version':
      return { version: '0.1.0', runtimeName: 'fake', runtimeVersion: '1.0.0', runtimeApiVersion: 'v1' };
    case 'Status':
      return { status: { conditions: ['RuntimeReady', 'NetworkReady'].map((type) => ({ type, status: true })) } };
    case 'RuntimeConfig':
      return { linux: { cgroupDriver: 'CGROUPFS' } };
    case 'RunPodSandbox':
      return { podSandboxId: state.runSandbox(fields.config as PodSandboxConfig).id };
    case 'StopPodSandbox':
      state.stopSandbox(fields.podSandboxId);
      return {};
    case 'RemovePodSandbox':
      state.removeSandbox(fields.podSandboxId);
      return {};
    case 'PodSandboxStatus':
      return { status: sandboxStatus(state.sandbox(fields.podSandboxId)) };
    case 'ListPodSandbox':
      return { items: [...state.sandboxes.values()].map(sandboxStatus).filter((item) => isSelected(item, fields)) };
    case 'CreateContainer':
      return { containerId: state.createContainer(fields.podSandboxId, fields.config as ContainerConfig).id };
    case 'StartContainer':
      state.startContainer(fields.containerId);
      return {};
    case 'UpdateContainerResources':
      state.container(fields.containerId).resized = fields.linux;
      return {};
    case 'StopContainer':
      state.stopContainer(fields.containerId);
      return {};
    case 'RemoveContainer':
      state.removeContainer(fields.containerId);
      return {};
    case 'ContainerStatus':
      return { status: containerStatus(state.container(fields.containerId)) };
    case 'ListContainers':
      return {
        containers: [...state.containers.values()].map(containerStatus).filter((item) => isSelected(item, fields)),
      };
    case 'ReopenContainerLog':
      state.reopenLog(fields.containerId);
      return {};
    case 'ExecSync':
      return execSync(state.container(fields.containerId), fields.cmd);
    case 'ImageStatus':
      return imageStatus(state.images.get(fields.image.image));
    case 'PullImage':
      return { imageRef: state.pullImage(fields.image.image, fields.auth) };
    default:
      throw new Refusal(Code.UNIMPLEMENTED, `unknown method ${method}`);
  }
}

function sandboxStatus({ id, config, state, createdAt, ip }: FakeSandbox) {
  const options = config.linux.securityContext.namespaceOptions;
  const { metadata, labels, annotations } = config;
  return { id, metadata, state, createdAt, labels, annotations, network: { ip }, linux: { namespaces: { options } } };
}

function containerStatus({ sandboxId, config, ...container }: FakeContainer) {
  const { metadata, image, labels, annotations, mounts } = config;
  return { ...container, podSandboxId: sandboxId, metadata, image, imageRef: image.image, labels, annotations, mounts };
}

function isSelected(
  { id, labels }: { readonly id: string; readonly labels: { readonly [key: string]: string } },
  { filter }: Fields,
): boolean {
  if (filter === null) return true;
  return (
    (filter.id === '' || filter.id === id) &&
    Object.entries(filter.labelSelector).every(([key, value]) => labels[key] === value)
  );
}

function execSync(container: FakeContainer, command: readonly string[]): object {
  if (container.state !== 'CONTAINER_RUNNING') throw new Refusal(Code.UNKNOWN, 'container is not running');
  const [, , script = ''] = command;
  const exitCode = Number(/exit (\d+)/.exec(script)?.[1] ?? 0);
  const echoed = /echo (\w+)/.exec(script)?.[1];
  return { exitCode, stdout: Buffer.from(echoed === undefined ? '' : `${echoed}\n`), stderr: Buffer.alloc(0) };
}

function imageStatus(image: FakeImage | undefined): object {
  if (image === undefined) return {};
  const { id, name, size, uid, username = '' } = image;
  return { image: { id, repoTags: [name], size, username, ...(uid === undefined ? {} : { uid: { value: uid } }) } };
}
