// Which sources a `run` reads: the places named on the command line, or else those of the configuration.
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { createAnswerMemory } from '../../daemon/answerMemory.ts';
import type { ConfigValues } from '../../daemon/config.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { ProxyEnv } from '../../source/connection.ts';
import type { SourceOptions, SourceSpec } from '../../source/registry.ts';

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
  const specs: SourceSpec[] = [{ kind: 'path', path: config.staticPodPath }];
  for (const text of [config.staticPodURL ?? [], config.staticPodURLs].flat()) {
    const url = readUrl(text, config);
    if (!url.ok) return url;
    specs.push(url.value);
  }
  return ok(specs);
}

function readUrl(text: string, config: ConfigValues): Result<SourceSpec, string> {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    return err(`Cannot read manifests from "${text}": give an http or https URL, a path, or - for standard input`);
  }
  return ok({ kind: 'url', url, headers: config.staticPodURLHeader });
}

/** How servers of manifests are talked to; the same for all of them. */
export function httpOptions(
  values: ConfigValues,
  { env, warn }: { readonly env: ProxyEnv; readonly warn: (message: string) => void },
): SourceOptions['http'] {
  const { timeout, bearerTokenFile, caFile, certFile, keyFile } = values.manifestServer;
  const files = {
    ...(bearerTokenFile === undefined ? {} : { bearerToken: bearerTokenFile }),
    ...(caFile === undefined ? {} : { ca: caFile }),
    ...(certFile === undefined ? {} : { certificate: certFile }),
    ...(keyFile === undefined ? {} : { key: keyFile }),
  };
  const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'].flatMap((name) => [name, name.toLowerCase()]);
  return {
    timeoutMs: timeout,
    files,
    proxyEnv: Object.fromEntries(names.map((name) => [name, env[name]])),
    memory: createAnswerMemory(path.join(values.rootDir, 'state', 'urls'), warn),
  };
}
