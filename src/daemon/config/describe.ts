// The configuration as people may see it: values as a file would spell them, each with its origin, without secrets.
import { formatGoDuration } from '../../api/duration.ts';
import { parseSourceUrl, withoutSecrets } from '../../source/url.ts';
import type { ResolvedConfig } from '../config.ts';
import { valueAt } from './check.ts';
import { CONFIG_OPTIONS } from './options.ts';

const HIDDEN = 'xxxxx';

export interface DescribedConfig {
  readonly [key: string]: { readonly value: unknown; readonly origin: string };
}

/** In the order of the schema; null where a value is left to the machine. */
export function describeConfig({ values, origins }: ResolvedConfig): DescribedConfig {
  const entries = CONFIG_OPTIONS.map(({ key, path, unit }) => {
    const value = valueAt(values, path) ?? null;
    const shown = unit === 'duration' && typeof value === 'number' ? formatGoDuration(value) : hide(key, value);
    return [key, { value: shown, origin: origins[key] ?? 'default' }] as const;
  });
  return Object.fromEntries(entries);
}

function hideUrl(text: string): string {
  const url = parseSourceUrl(text);
  return url.ok ? withoutSecrets(url.value) : HIDDEN;
}

function hide(key: string, value: unknown): unknown {
  if (key === 'staticPodURL' && typeof value === 'string') return hideUrl(value);
  if (key === 'staticPodURLs' && Array.isArray(value)) return value.map((url) => hideUrl(String(url)));
  if (key === 'staticPodURLHeader') {
    const names = Object.keys(value ?? {});
    return Object.fromEntries(names.map((name) => [name, [HIDDEN]]));
  }
  return value;
}
