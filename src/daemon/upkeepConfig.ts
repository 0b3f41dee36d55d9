// What looking after the node goes by, from the resolved configuration.
import { type LogLimits, parseLogSize } from '../api/logLimits.ts';
import { invariant } from '../lib/assert.ts';
import type { ImageRules } from '../upkeep/imageGarbage.ts';
import type { ConfigValues } from './config.ts';

export interface UpkeepConfig {
  readonly logLimits: LogLimits;
  readonly logMonitorIntervalMs: number;
  readonly images: ImageRules;
  readonly removeForeignImages: boolean;
}

export function upkeepConfig(values: ConfigValues): UpkeepConfig {
  return {
    logLimits: { maxBytes: logSize(values.containerLogMaxSize), maxFiles: values.containerLogMaxFiles },
    logMonitorIntervalMs: values.containerLogMonitorInterval,
    images: {
      highPercent: values.imageGCHighThresholdPercent,
      lowPercent: values.imageGCLowThresholdPercent,
      minAgeMs: values.imageMinimumGCAge,
      maxAgeMs: values.imageMaximumGCAge,
    },
    removeForeignImages: values.removeForeignImages,
  };
}

function logSize(text: string): number {
  const size = parseLogSize(text);
  invariant(size.ok, 'containerLogMaxSize was checked');
  return size.value;
}
