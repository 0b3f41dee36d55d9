// Metrics in Prometheus' text format, with the labels that tell pods apart. Pure. @see https://prometheus.io/docs/instrumenting/exposition_formats/

import type { Pod } from '../../api/kubernetes.ts';
import { podNamespace } from '../selectPods.ts';

export interface Sample {
  readonly labels?: { readonly [name: string]: string };
  readonly value: number;
  /** When it was measured, in milliseconds since the Unix epoch; absent: now. */
  readonly at?: number;
}

export interface Metric {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly samples: readonly Sample[];
}

export function counter(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name, type: 'counter', help, samples };
}

export function gauge(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name, type: 'gauge', help, samples };
}

export function podLabels(pod: Pod): { readonly namespace: string; readonly pod: string } {
  return { namespace: podNamespace(pod), pod: pod.metadata?.name ?? '' };
}

export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** A metric without samples is left out. */
export function formatMetrics(metrics: readonly Metric[]): string {
  return metrics
    .filter(({ samples }) => samples.length > 0)
    .map(formatMetric)
    .join('');
}

function formatMetric({ name, type, help, samples }: Metric): string {
  const lines = samples.map(({ labels = {}, value, at }) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
    const selector = pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
    return `${name}${selector} ${value}${at === undefined ? '' : ` ${Math.round(at)}`}\n`;
  });
  return `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
