// What a `run --once` tells at its end: a line per pod; for each that did not pass also its events and the last lines of
// its containers, folded where GitHub Actions reads along.
import { randomUUID } from 'node:crypto';
import type { Pod } from '../../api/kubernetes.ts';
import { printable } from '../../manifest/format.ts';
import type { PodEvent, RunnerSnapshot } from '../../ports/runner.ts';
import { podNamespace } from '../../server/selectPods.ts';
import type { Io } from '../io.ts';
import { formatTable, paint } from '../output.ts';
import { why } from '../status/why.ts';
import type { JunitCase } from './junit.ts';
import { type LastLines, readLastLines } from './lastLines.ts';
import { isService, judgePod, type PodVerdict } from './verdict.ts';

const LAST_LINES = 50;

export interface PodReport {
  readonly pod: Pod;
  readonly verdict: PodVerdict;
  readonly why: string;
  readonly events: readonly PodEvent[];
  readonly logs: readonly LastLines[];
}

/** Collected while the pods are still there. */
export async function collectReports(
  socket: string,
  { snapshot, now }: { readonly snapshot: RunnerSnapshot; readonly now: number },
): Promise<readonly PodReport[]> {
  return Promise.all(
    snapshot.pods.map(async (pod) => {
      const verdict = judgePod(pod, now);
      const isTold = verdict !== 'passed';
      return {
        pod,
        verdict,
        why: why(pod, snapshot, now),
        events: snapshot.events.filter(({ podUid }) => isTold && podUid === pod.metadata?.uid),
        logs: isTold ? await readLastLines(socket, { pod, lines: LAST_LINES }) : [],
      };
    }),
  );
}

const WORDS = { passed: 'PASSED', failed: 'FAILED', open: 'NOT DONE' } as const;

export function printReports(io: Io, reports: readonly PodReport[]): void {
  const isGithub = io.env['GITHUB_ACTIONS'] === 'true';
  for (const report of reports.filter(({ verdict }) => verdict !== 'passed')) printTroubled(io, report, isGithub);
  for (const { pod, verdict, why: sentence } of reports) {
    const word = WORDS[verdict].padEnd(8);
    const shown = io.colour ? paint(word, verdict === 'passed' ? 'green' : 'red') : word;
    io.out(`${shown}  ${printable(pod.metadata?.name ?? '')}  ${printable(sentence)}\n`);
  }
}

function printTroubled(io: Io, { pod, verdict, why: sentence, events, logs }: PodReport, isGithub: boolean): void {
  const name = printable(pod.metadata?.name ?? '');
  const goal = isService(pod) ? 'ready' : 'done';
  if (isGithub)
    io.out(
      `::error title=solopod::Pod ${name} ${verdict === 'failed' ? 'failed' : `is not ${goal}`}: ${commandText(sentence)}\n`,
    );
  const rows = events.map(({ type, reason, message, count }) => [type, reason, `x${count}`, message.trim()]);
  if (rows.length > 0) {
    const table = formatTable(
      rows.map((row) => row.map((text) => ({ text }))),
      { colour: false },
    );
    printGroup(io, { title: `Events of ${name}`, text: table, isGithub });
  }
  for (const { container, previous, lines } of logs) {
    const title = `Last lines of ${name}/${printable(container)}${previous ? ' (the instance before)' : ''}`;
    printGroup(io, { title, text: lines.length === 0 ? '<none>\n' : `${lines.join('\n')}\n`, isGithub });
  }
}

interface Group {
  readonly title: string;
  readonly text: string;
  readonly isGithub: boolean;
}

/** What containers wrote must not give commands to the CI system: they are off in between, by a word nobody can guess. */
function printGroup(io: Io, { title, text, isGithub }: Group): void {
  if (!isGithub) {
    io.out(`--- ${title}\n${text}`);
    return;
  }
  const word = randomUUID();
  io.out(`::group::${commandText(title)}\n::stop-commands::${word}\n${text}::${word}::\n::endgroup::\n`);
}

function commandText(text: string): string {
  return printable(text).replaceAll('%', '%25');
}

/** @param seconds how long all of it took */
export function junitCases(reports: readonly PodReport[], seconds: number): readonly JunitCase[] {
  return reports.map(({ pod, verdict, why: sentence, events, logs }) => {
    const text = [
      ...events.map(({ type, reason, message }) => `${type} ${reason}: ${message.trim()}`),
      ...logs.flatMap(({ container, lines }) => [`--- ${container}`, ...lines]),
    ];
    const failure = { type: verdict === 'failed' ? 'failed' : 'timeout', message: sentence, text: text.join('\n') };
    const named = { group: podNamespace(pod), name: pod.metadata?.name ?? '', seconds };
    return verdict === 'passed' ? named : { ...named, failure };
  });
}
