// Metrics in Prometheus' text format. Pure. @see https://prometheus.io/docs/instrumenting/exposition_formats/

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
