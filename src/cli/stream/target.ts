// Which container a session is for: one pod by name, and the container that is named or else the default one.
import type { Pod } from '../../api/kubernetes.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { podNamespace } from '../../server/selectPods.ts';
import { choosePods } from '../chosenPods.ts';
import { readSnapshot } from '../client.ts';
import { EXIT, type Failure } from '../exitCodes.ts';
import { containerNames, defaultContainer } from '../logs/targets.ts';

export interface NamedContainer {
  readonly name: string;
  readonly namespace?: string;
  readonly container?: string;
}

export interface SessionTarget {
  readonly pod: Pod;
  readonly container: string;
  /** It was not named, and there are others. */
  readonly isDefaulted: boolean;
}

export async function findPodOf(socketPath: string, named: NamedContainer): Promise<Result<Pod, Failure>> {
  const snapshot = await readSnapshot(socketPath);
  if (!snapshot.ok) return snapshot;
  const { name, namespace } = named;
  const pods = choosePods(snapshot.value, { names: [name], ...(namespace === undefined ? {} : { namespace }) });
  if (!pods.ok) return pods;
  const [pod] = pods.value;
  return pod === undefined ? err({ exitCode: EXIT.failed, message: `There is no pod "${name}"` }) : ok(pod);
}

export async function findContainerOf(
  socketPath: string,
  named: NamedContainer,
): Promise<Result<SessionTarget, Failure>> {
  const pod = await findPodOf(socketPath, named);
  if (!pod.ok) return pod;
  const names = containerNames(pod.value);
  const container = named.container ?? defaultContainer(pod.value);
  if (!names.includes(container)) {
    const message = `Pod "${pod.value.metadata?.name}" has no container "${container}", only ${names.join(', ')}`;
    return err({ exitCode: EXIT.failed, message });
  }
  const isDefaulted = named.container === undefined && (pod.value.spec?.containers.length ?? 0) > 1;
  return ok({ pod: pod.value, container, isDefaulted });
}

export function sayDefaulted({ pod, container, isDefaulted }: SessionTarget): string {
  const names = (pod.spec?.containers ?? []).map(({ name }) => name);
  return isDefaulted ? `Defaulted container "${container}" out of: ${names.join(', ')}\n` : '';
}

export interface StreamWishes {
  readonly stdin: boolean;
  readonly stdout?: boolean;
  readonly tty: boolean;
}

/** The path of /exec or /attach for a container; a terminal has no stream of its own for errors. */
export function sessionPath(
  verb: 'exec' | 'attach',
  { pod, container }: SessionTarget,
  wishes: StreamWishes & { readonly command?: readonly string[] },
): string {
  const query = new URLSearchParams();
  for (const word of wishes.command ?? []) query.append('command', word);
  query.set('output', '1');
  if (wishes.stdin) query.set('input', '1');
  if (wishes.tty) query.set('tty', '1');
  else query.set('error', '1');
  const place = [podNamespace(pod), pod.metadata?.name ?? '', container].map(encodeURIComponent).join('/');
  return `/${verb}/${place}?${query}`;
}
