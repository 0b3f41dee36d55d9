// One pod in full, for people: who it is, why it waits, its conditions, containers and events. Pure.

import type { Container, ContainerState, ContainerStatus, Pod, Probe } from '../../api/kubernetes.ts';
import { printable } from '../../manifest/format.ts';
import type { PodEvent, PodNote, ProbeNote, RunnerSnapshot } from '../../ports/runner.ts';
import { podKey, podNamespace } from '../../server/selectPods.ts';
import { displayPod } from '../../status/display.ts';
import { formatSince, formatTable } from '../output.ts';
import { nextTry } from './attention.ts';
import type { LastWords } from './lastWords.ts';
import { noteOf, podStart } from './rows.ts';
import { volumeRows } from './volumeText.ts';
import { why } from './why.ts';

export interface DetailOptions {
  readonly now: number;
  readonly colour: boolean;
  readonly lastWords: LastWords;
}

export function formatDetail(pod: Pod, snapshot: RunnerSnapshot, options: DetailOptions): string {
  const note = noteOf(pod, snapshot);
  const more = { now: options.now, probes: note?.probes ?? [], lastWords: options.lastWords };
  const sections = [
    `${printable(why(pod, snapshot, options.now))}.\n\n`,
    identity(pod, note, options.now),
    section('Conditions', conditionRows(pod)),
    containers('Init containers', {
      specs: pod.spec?.initContainers,
      statuses: pod.status?.initContainerStatuses,
      ...more,
    }),
    containers('Containers', {
      specs: pod.spec?.containers,
      statuses: pod.status?.containerStatuses,
      ...more,
    }),
    section('Volumes', volumeRows(pod)),
    section('Events', eventRows(podEvents(pod, snapshot), options.now)),
  ];
  return sections.filter((text) => text !== '').join('');
}

function identity(pod: Pod, note: PodNote | undefined, now: number): string {
  const status = note?.display ?? displayPod(pod).status;
  const { phase, reason, message, podIP, hostIP, qosClass } = pod.status ?? {};
  const start = podStart(pod);
  const fields: readonly Field[] = [
    ['Name', pod.metadata?.name],
    ['Namespace', podNamespace(pod)],
    ['UID', pod.metadata?.uid],
    ['Status', phase === undefined || phase === status ? status : `${status} (phase ${phase})`],
    ['Reason', joined([reason, message])],
    ['Waiting for', note?.waitingFor === undefined ? undefined : `${note.waitingFor}${nextTry(note, now)}`],
    ['Node', joined([pod.spec?.nodeName, hostIP], '/')],
    ['IP', podIP],
    ['Start time', start === undefined ? undefined : `${start} (${formatSince(start, now)} ago)`],
    ['QoS class', qosClass],
    ['Labels', mapText(pod.metadata?.labels)],
    ['Manifest', note?.origin],
    ['Claims', note?.claims.join(', ')],
    ['Ignored fields', note?.ignoredFields.join(', ')],
  ];
  return fieldLines(fields, '');
}

type Field = readonly [name: string, value: string | undefined];

/** "Name:  value" lines with the values in one column; fields without a value are left out. */
function fieldLines(fields: readonly Field[], indent: string): string {
  const present = fields.filter(([, value]) => value !== undefined && value !== '');
  const widest = Math.max(...present.map(([name]) => name.length));
  return present
    .map(([name, value]) => `${indent}${`${name}:`.padEnd(widest + 3)}${printable(value ?? '')}\n`)
    .join('');
}

function joined(parts: readonly (string | undefined)[], separator = ': '): string {
  return parts.filter((part) => part !== undefined && part !== '').join(separator);
}

function mapText(map: { readonly [key: string]: string } | undefined): string {
  return Object.entries(map ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');
}

type Rows = readonly (readonly string[])[];

/** A titled, indented table; nothing when it has only its header. */
function section(title: string, rows: Rows): string {
  if (rows.length < 2) return '';
  const table = formatTable(
    rows.map((row) => row.map((text) => ({ text }))),
    { colour: false },
  );
  return `\n${title}:\n${table.replace(/^(?=.)/gm, '  ')}`;
}

function conditionRows(pod: Pod): Rows {
  const rows = (pod.status?.conditions ?? []).map(({ type, status, reason, message }) => [
    type,
    status,
    joined([reason, message]),
  ]);
  return [['TYPE', 'STATUS', 'REASON'], ...rows];
}

interface ContainerList {
  readonly specs: readonly Container[] | undefined;
  readonly statuses: readonly ContainerStatus[] | undefined;
  readonly now: number;
  readonly probes: readonly ProbeNote[];
  readonly lastWords: LastWords;
}

function containers(title: string, { specs = [], statuses = [], now, probes, lastWords }: ContainerList): string {
  if (specs.length === 0) return '';
  const blocks = specs.map((spec) => {
    const status = statuses.find(({ name }) => name === spec.name);
    const fields = containerFields(spec, status, { now, probes: probes.filter((p) => p.container === spec.name) });
    return `  ${printable(spec.name)}:\n${fieldLines(fields, '    ')}${lastLines(lastWords.get(spec.name) ?? [])}`;
  });
  return `\n${title}:\n${blocks.join('')}`;
}

function lastLines(lines: readonly string[]): string {
  if (lines.length === 0) return '';
  return `    Last log lines before it failed:\n${lines.map((line) => `      ${printable(line)}\n`).join('')}`;
}

interface ContainerFacts {
  readonly now: number;
  readonly probes: readonly ProbeNote[];
}

function containerFields(
  spec: Container,
  status: ContainerStatus | undefined,
  { now, probes }: ContainerFacts,
): readonly Field[] {
  const answer = (type: ProbeNote['type']): string | undefined =>
    probes.filter((p) => p.type === type).map((p) => answerText(p, now))[0];
  return [
    ['Image', spec.image],
    ['Image ID', status?.imageID],
    ['Container ID', status?.containerID],
    ['State', stateText(status?.state, now)],
    ['Last state', stateText(status?.lastState, now)],
    ['Ready', status === undefined ? undefined : yesNo(status.ready)],
    ['Restarts', status === undefined ? undefined : String(status.restartCount)],
    [
      'Ports',
      (spec.ports ?? [])
        .map(({ containerPort, hostPort, protocol }) => portText({ containerPort, hostPort, protocol }))
        .join(', '),
    ],
    ['Liveness', probeText(spec.livenessProbe)],
    ['Last answer', answer('liveness')],
    ['Readiness', probeText(spec.readinessProbe)],
    ['Last answer', answer('readiness')],
    ['Startup', probeText(spec.startupProbe)],
    ['Last answer', answer('startup')],
  ];
}

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}

interface PortNumbers {
  readonly containerPort: number;
  readonly hostPort: number | undefined;
  readonly protocol: string | undefined;
}

function portText({ containerPort, hostPort, protocol = 'TCP' }: PortNumbers): string {
  return `${containerPort}/${protocol}${hostPort === undefined || hostPort === 0 ? '' : ` (host port ${hostPort})`}`;
}

function stateText(state: ContainerState | undefined, now: number): string | undefined {
  if (state?.running !== undefined)
    return `Running since ${state.running.startedAt ?? '?'} (${formatSince(state.running.startedAt, now)})`;
  if (state?.waiting !== undefined)
    return joined([`Waiting (${state.waiting.reason ?? 'no reason given'})`, state.waiting.message]);
  if (state?.terminated === undefined) return undefined;
  const { reason, exitCode, signal, message, finishedAt } = state.terminated;
  const how = [reason, `exit code ${exitCode}`, signal === undefined || signal === 0 ? undefined : `signal ${signal}`];
  const ended = finishedAt === undefined ? '' : `, ${formatSince(finishedAt, now)} ago`;
  return joined([`Terminated (${joined(how, ', ')}${ended})`, message]);
}

function answerText({ result, output, at, inARow }: ProbeNote, now: number): string {
  const often = inARow > 1 ? `, ${inARow} in a row` : '';
  return joined([`${result}${often}, ${formatSince(at, now)} ago`, output.trim()]);
}

/** A probe in the words of `kubectl describe`. */
function probeText(probe: Probe | undefined): string | undefined {
  if (probe === undefined) return undefined;
  const {
    initialDelaySeconds = 0,
    timeoutSeconds = 1,
    periodSeconds = 10,
    successThreshold = 1,
    failureThreshold = 3,
  } = probe;
  const counts = `#success=${successThreshold} #failure=${failureThreshold}`;
  return `${handlerText(probe)} delay=${initialDelaySeconds}s timeout=${timeoutSeconds}s period=${periodSeconds}s ${counts}`;
}

function handlerText({ exec, httpGet, tcpSocket, grpc }: Probe): string {
  if (exec !== undefined) return `exec [${(exec.command ?? []).join(' ')}]`;
  if (httpGet !== undefined) {
    const { scheme = 'HTTP', host = '', port, path = '/' } = httpGet;
    return `http-get ${scheme.toLowerCase()}://${host}:${port}${path}`;
  }
  if (tcpSocket !== undefined) return `tcp-socket ${tcpSocket.host ?? ''}:${tcpSocket.port}`;
  if (grpc !== undefined) return `grpc :${grpc.port} ${grpc.service ?? ''}`.trimEnd();
  return 'no handler';
}

function podEvents(pod: Pod, snapshot: RunnerSnapshot): readonly PodEvent[] {
  const uid = pod.metadata?.uid;
  return snapshot.events.filter((event) =>
    event.podUid === undefined ? event.pod === podKey(pod) : event.podUid === uid,
  );
}

function eventRows(events: readonly PodEvent[], now: number): Rows {
  const rows = events.map(({ type, reason, count, firstTimestamp, lastTimestamp, fieldPath, message }) => {
    const last = formatSince(lastTimestamp, now);
    const age = count > 1 ? `${last} (x${count} over ${formatSince(firstTimestamp, now)})` : last;
    return [type, reason, age, fieldPath ?? '', message];
  });
  return [['TYPE', 'REASON', 'AGE', 'ABOUT', 'MESSAGE'], ...rows];
}
