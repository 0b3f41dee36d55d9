// Which sources a `run` reads: the places named on the command line, or else those of the configuration.
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { ConfigValues } from '../../daemon/config.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { SourceSpec } from '../../source/registry.ts';

export async function sourceSpecs(
  places: readonly string[],
  config: ConfigValues,
): Promise<Result<readonly SourceSpec[], string>> {
  if (places.length === 0) return configured(config);
  const specs: SourceSpec[] = [];
  for (const place of places) {
    if (place === '-') {
      specs.push({ kind: 'stdin', bytes: await buffer(process.stdin) });
    } else if (/^[a-z][a-z0-9+.-]*:\/\//i.test(place)) {
      const url = readUrl(place, config);
      if (!url.ok) return url;
      specs.push(url.value);
    } else {
      specs.push({ kind: 'path', path: path.resolve(place) });
    }
  }
  return ok(specs);
}

function configured(config: ConfigValues): Result<readonly SourceSpec[], string> {
  const directory: SourceSpec = { kind: 'path', path: config.staticPodPath };
  if (config.staticPodURL === undefined) return ok([directory]);
  const url = readUrl(config.staticPodURL, config);
  return url.ok ? ok([directory, url.value]) : url;
}

function readUrl(text: string, config: ConfigValues): Result<SourceSpec, string> {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    return err(`Cannot read manifests from "${text}": give an http or https URL, a path, or - for standard input`);
  }
  return ok({ kind: 'url', url, headers: config.staticPodURLHeader });
}
