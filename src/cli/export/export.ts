// `export`: pods with the ConfigMaps, Secrets and claims they need, as a cluster takes them. Reads the manifests again, so
// that what comes out is what somebody wrote.
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { objectKey } from '../../api/dataObject.ts';
import type { DesiredPod } from '../../api/desiredPod.ts';
import type { Pod } from '../../api/kubernetes.ts';
import { objectsOfPod } from '../../api/podObjects.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { decode } from '../../manifest/decode.ts';
import { loadManifest } from '../../manifest/load.ts';
import type { RunnerSnapshot } from '../../ports/runner.ts';
import { podKey } from '../../server/selectPods.ts';
import { whyIgnored } from '../../source/fileName.ts';
import { type Choice, choosePods } from '../chosenPods.ts';
import { readSnapshot } from '../client.ts';
import { type Cli, fail } from '../command.ts';
import { EXIT, type Failure } from '../exitCodes.ts';
import { formatJson, formatYaml } from '../output.ts';
import { socketPath } from '../settings.ts';
import { noteOf } from '../status/rows.ts';
import { type ExportKind, exportObject, whyNotExported } from './objects.ts';

export interface ExportQuery extends Choice {
  readonly kind: ExportKind;
  readonly format: 'yaml' | 'json';
}

export async function exportPods(cli: Cli, query: ExportQuery): Promise<number> {
  const { io } = cli;
  const socket = await socketPath(cli);
  if (!socket.ok) return fail(io, socket.error);
  const snapshot = await readSnapshot(socket.value);
  if (!snapshot.ok) return fail(io, snapshot.error);
  const pods = choosePods(snapshot.value, query);
  if (!pods.ok) return fail(io, pods.error);
  if (pods.value.length === 0) return fail(io, { exitCode: EXIT.failed, message: 'There are no pods to export' });
  const exported = new Map<string, Plain>();
  for (const pod of pods.value) {
    const objects = await objectsFor(pod, { snapshot: snapshot.value, kind: query.kind });
    if (!objects.ok) return fail(io, objects.error);
    for (const [key, object] of objects.value) exported.set(key, object);
  }
  // What others need comes first.
  const ordered = [...exported.values()].toSorted((a, b) => rank(a) - rank(b));
  if (query.format === 'json') io.out(formatJson({ apiVersion: 'v1', kind: 'List', items: ordered }));
  else
    for (const [index, object] of ordered.entries()) io.out(`${index === 0 ? '' : '---\n'}${await formatYaml(object)}`);
  return EXIT.done;
}

type Plain = { readonly [key: string]: unknown };

interface Exporting {
  readonly snapshot: RunnerSnapshot;
  readonly kind: ExportKind;
}

async function objectsFor(
  pod: Pod,
  { snapshot, kind }: Exporting,
): Promise<Result<ReadonlyMap<string, Plain>, Failure>> {
  const key = podKey(pod);
  const why = whyNotExported(pod, kind);
  if (why !== undefined) return err(failed(`Cannot export ${key} as a ${kind}: ${why}`));
  const file = (noteOf(pod, snapshot)?.origin ?? '').replace(/:\d+$/, '');
  if (!file.startsWith('/'))
    return err(failed(`Cannot export ${key}: its manifest is not a file (${file || 'unknown'})`));
  const bytes = await readFile(file).catch((cause: Error) => cause);
  if (bytes instanceof Error) return err(failed(`Cannot export ${key}: ${bytes.message}`));
  const nodeName = snapshot.node.name;
  const loaded = loadManifest(bytes, { file, location: file, source: 'file', nodeName, mode: 'run' });
  const desired = loaded.pods.find((one) => one.key === key);
  if (desired === undefined) return err(failed(`Cannot export ${key}: ${file} does not give it any more`));
  const name = desired.metadata.name.replace(new RegExp(`-${RegExp.escape(nodeName)}$`), '');
  const written = documents(bytes).find((one) =>
    isNamed(one, { kind: 'Pod', name, namespace: desired.metadata.namespace }),
  );
  if (written === undefined) return err(failed(`Cannot export ${key}: it is not written as a Pod in ${file}`));
  const objects = new Map<string, Plain>(await needed(desired, file));
  objects.set(`Pod/${key}`, exportObject(written, { kind, name }));
  return ok(objects);
}

/** ConfigMaps, Secrets and claims of the pod, wherever they stand beside its manifest. */
async function needed(pod: DesiredPod, file: string): Promise<readonly (readonly [string, Plain])[]> {
  const { environment, volumes, claims } = objectsOfPod(pod);
  const refs = [...environment, ...volumes, ...claims];
  if (refs.length === 0) return [];
  const folder = path.dirname(file);
  const names = (await readdir(folder)).filter((name) => whyIgnored(name) === undefined).toSorted();
  const all: Plain[] = [];
  for (const name of names) {
    const bytes = await readFile(path.join(folder, name)).catch(() => undefined);
    if (bytes !== undefined) all.push(...documents(bytes));
  }
  return refs.flatMap((ref) => {
    const found = all.find((one) => isNamed(one, ref));
    return found === undefined ? [] : [[objectKey(ref), found] as const];
  });
}

interface Named {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

function isNamed(object: Plain, { kind, namespace, name }: Named): boolean {
  const metadata = asPlain(object['metadata']);
  return object['kind'] === kind && metadata['name'] === name && (metadata['namespace'] ?? 'default') === namespace;
}

/** Every object of a file, those in lists included. */
function documents(bytes: Uint8Array): readonly Plain[] {
  return decode(new TextDecoder().decode(bytes)).flatMap(({ data }) => {
    const object = asPlain(data);
    const { items } = object;
    return Array.isArray(items) ? items.map(asPlain) : [object];
  });
}

function rank({ kind }: Plain): number {
  const order = ['ConfigMap', 'Secret', 'PersistentVolumeClaim'];
  const at = order.indexOf(String(kind));
  return at < 0 ? order.length : at;
}

function asPlain(value: unknown): Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function failed(message: string): Failure {
  return { exitCode: EXIT.failed, message };
}
