// ContainerConfig as a kubelet writes it. Pure. What it cannot express is an error text, to be shown as
// CreateContainerConfigError.
import type { DesiredContainer, DesiredPod } from '../../api/desiredPod.ts';
import { type Environment, expandWords } from '../../api/environment.ts';
import type { NodeFacts } from '../../api/node.ts';
import type { LocalImage } from '../../api/observed.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { ContainerConfig } from '../messages.ts';
import { containerAnnotations, containerLabels } from './labels.ts';
import { containerMounts, type MountFacts } from './mounts.ts';
import { containerResources } from './resources.ts';
import { containerSecurity } from './security.ts';
import { encodeStopSignal } from './stopSignal.ts';

export interface ContainerFacts extends MountFacts {
  readonly node: NodeFacts;
  /** Root directory of the runner that will own the container. */
  readonly owner: string;
  /** Restart count of the new instance. */
  readonly attempt: number;
  readonly image: LocalImage;
  readonly environment: Environment;
  /** True where cgroup v2 can limit swap (memory.swap.max exists). */
  readonly swapController: boolean;
}

/** Runtimes have written these into the container's /etc/passwd: a line break would be a line of its own there. */
const UNSAFE_VARIABLES = ['HOME', 'USER'];
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNSAFE_TEXT = /[\u0000-\u001f\u007f]|\\n/;

export function encodeContainer(
  pod: DesiredPod,
  container: DesiredContainer,
  facts: ContainerFacts,
): Result<ContainerConfig, string> {
  const { attempt, image, environment } = facts;
  const unsafe = UNSAFE_VARIABLES.find((name) => UNSAFE_TEXT.test(environment.get(name) ?? ''));
  if (unsafe !== undefined) return err(`the variable ${unsafe} must not contain control characters or "\\n"`);
  const mounts = containerMounts(pod, container, facts);
  if (!mounts.ok) return mounts;
  const securityContext = containerSecurity(pod, container, facts);
  if (!securityContext.ok) return securityContext;
  const stopSignal = encodeStopSignal(container.lifecycle?.stopSignal);
  return ok({
    metadata: { name: container.name, attempt },
    image: { image: image.ref, userSpecifiedImage: container.image },
    command: expandWords(container.command, environment),
    args: expandWords(container.args, environment),
    workingDir: container.workingDir ?? '',
    envs: [...environment].map(([key, value]) => ({ key, value })),
    mounts: mounts.value,
    labels: containerLabels(pod, container),
    annotations: containerAnnotations(pod, container, facts),
    logPath: `${container.name}/${attempt}.log`,
    stdin: container.stdin ?? false,
    stdinOnce: container.stdinOnce ?? false,
    tty: container.tty ?? false,
    linux: {
      resources: containerResources(pod, container, facts),
      securityContext: securityContext.value,
    },
    ...(stopSignal === undefined ? {} : { stopSignal }),
  });
}
