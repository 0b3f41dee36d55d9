// The configuration, resolved once at start: flag > environment > file > default, every value with its origin, frozen,
// then passed explicitly. Nothing else reads environment or configuration. The options are listed in
// schemas/config.schema.json alone.
import path from 'node:path';
import { err, ok, type Result } from '../lib/result.ts';
import type { HeaderLists } from '../source/fetch.ts';
import type { LogFormat, LogLevel } from '../telemetry/log.ts';
import { checkLayer, valueAt } from './config/check.ts';
import { type ConfigFile, parseConfigFile } from './config/file.ts';
import { checkSocketPath, durationMs } from './config/formats.ts';
import { CONFIG_OPTIONS, type ConfigOption } from './config/options.ts';
import type { ConfigProblem } from './config/problem.ts';
import { decodeText, unknownVariables } from './config/text.ts';

/** Spelled as in the schema; durations in milliseconds, paths absolute, absence undefined. */
export interface ConfigValues {
  readonly staticPodPath: string;
  readonly staticPodURL: string | undefined;
  readonly staticPodURLs: readonly string[];
  readonly staticPodURLHeader: HeaderLists;
  readonly manifestServer: {
    readonly timeout: number;
    readonly bearerTokenFile: string | undefined;
    readonly caFile: string | undefined;
    readonly certFile: string | undefined;
    readonly keyFile: string | undefined;
  };
  readonly manifestVariables: { readonly file: string | undefined; readonly environment: readonly string[] };
  readonly manifestKeys: readonly string[];
  readonly retiredManifestKeys: readonly string[];
  /** "auto", "embedded" or "unix:///path". */
  readonly containerRuntimeEndpoint: string;
  readonly rootDir: string;
  readonly socket: string;
  readonly nodeName: string;
  readonly imageDir: string;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
  readonly fileCheckFrequency: number;
  readonly httpCheckFrequency: number;
  readonly podLogsDir: string;
  /** A quantity, as written. */
  readonly containerLogMaxSize: string;
  readonly containerLogMaxFiles: number;
  readonly containerLogMonitorInterval: number;
  readonly imageGCHighThresholdPercent: number;
  readonly imageGCLowThresholdPercent: number;
  readonly imageMinimumGCAge: number;
  /** 0: none. */
  readonly imageMaximumGCAge: number;
  readonly removeForeignImages: boolean;
  readonly clusterDNS: readonly string[];
  readonly clusterDomain: string;
  readonly resolvConf: string;
  readonly seccompDefault: boolean;
  readonly crashLoopBackOff: {
    readonly initialContainerRestartPeriod: number;
    readonly maxContainerRestartPeriod: number;
  };
  readonly allowEmpty: boolean;
  readonly maxRemovalPercent: number;
  readonly serializeImagePulls: boolean;
  readonly maxParallelImagePulls: number;
  readonly maxPods: number;
  /** -1: no limit. */
  readonly podPidsLimit: number;
  /** Quantities. */
  readonly systemReserved: Reserved;
  readonly kubeReserved: Reserved;
  readonly allowedUnsafeSysctls: readonly string[];
  readonly nodeLabels: { readonly [key: string]: string };
  readonly runtimeClasses: { readonly [name: string]: string };
  readonly podNetwork: 'existing' | 'bridge';
  readonly cniConfDir: string;
  /** undefined: a free network is chosen. */
  readonly podCIDR: string | undefined;
}

export interface Reserved {
  readonly cpu?: string;
  readonly memory?: string;
  readonly 'ephemeral-storage'?: string;
}

export interface ResolvedConfig {
  readonly values: ConfigValues;
  /** By key: "flag --socket", "environment SOLOPOD_SOCKET", "file /etc/solopod/config.yaml:3", "default". */
  readonly origins: { readonly [key: string]: string };
  /** Trouble that does not keep the daemon from starting. */
  readonly warnings: readonly ConfigProblem[];
}

export interface ConfigInput {
  /** By long flag name without dashes, such as "manifest-dir"; undefined where it was not given. */
  readonly flags: { readonly [flag: string]: string | undefined };
  readonly env: { readonly [name: string]: string | undefined };
  readonly file: ConfigFile | undefined;
  /** What defaults and relative paths depend on. */
  readonly host: { readonly hostname: string; readonly cwd: string; readonly isTerminal: boolean };
}

interface Setting {
  readonly value: unknown;
  readonly origin: string;
  /** What relative paths are relative to. */
  readonly base: string;
}

/** All problems at once; the caller prints them and exits with 2. */
export function resolveConfig(input: ConfigInput): Result<ResolvedConfig, readonly ConfigProblem[]> {
  const layers = [flagLayer(input), environmentLayer(input), fileLayer(input)];
  const problems = layers.flatMap((layer) => layer.problems);
  if (problems.length > 0) return err(problems);

  const settings = new Map<string, Setting>();
  for (const option of CONFIG_OPTIONS) {
    const said = layers.map((layer) => layer.settings.get(option.key)).find((setting) => setting !== undefined);
    const setting = said ?? { value: option.default, origin: 'default', base: '/' };
    settings.set(option.key, { ...setting, value: decodeValue(option, setting) });
  }
  fillDefaults(settings, input);
  const conflicts = crossCheck(settings);
  if (conflicts.length > 0) return err(conflicts);

  const origins = Object.fromEntries([...settings].map(([key, { origin }]) => [key, origin]));
  return ok(deepFreeze({ values: assemble(settings), origins, warnings: unknownVariables(input.env) }));
}

interface Layer {
  readonly settings: ReadonlyMap<string, Setting>;
  readonly problems: readonly ConfigProblem[];
}

function flagLayer({ flags, host }: ConfigInput): Layer {
  return textLayer(host.cwd, (option) => {
    const text = option.flag === undefined ? undefined : flags[option.flag];
    return text === undefined ? undefined : { text, origin: `flag --${option.flag}` };
  });
}

function environmentLayer({ env, host }: ConfigInput): Layer {
  return textLayer(host.cwd, ({ env: names }) => {
    const name = names.find((candidate) => env[candidate] !== undefined && env[candidate] !== '');
    return name === undefined ? undefined : { text: env[name] ?? '', origin: `environment ${name}` };
  });
}

type Saying = (option: ConfigOption) => { readonly text: string; readonly origin: string } | undefined;

/** A layer whose values are texts: flags, environment. */
function textLayer(base: string, say: Saying): Layer {
  const settings = new Map<string, Setting>();
  const problems: ConfigProblem[] = [];
  for (const option of CONFIG_OPTIONS) {
    const said = say(option);
    if (said === undefined) continue;
    const value = decodeText(option, said.text);
    const nested = option.path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value);
    problems.push(...checkLayer(nested, () => said.origin));
    settings.set(option.key, { value, origin: said.origin, base });
  }
  return { settings, problems };
}

function fileLayer({ file }: ConfigInput): Layer {
  if (file === undefined) return { settings: new Map(), problems: [] };
  const parsed = parseConfigFile(file);
  if (!parsed.ok) return { settings: new Map(), problems: parsed.error };
  const { data, locate } = parsed.value;
  const settings = new Map<string, Setting>();
  for (const { key, path: keys } of CONFIG_OPTIONS) {
    const value = valueAt(data, keys);
    if (value === undefined) continue;
    const place = locate(keys).replace(/:\d+$/, '');
    settings.set(key, { value, origin: `file ${place}`, base: path.dirname(file.path) });
  }
  return { settings, problems: checkLayer(data, locate) };
}

/** From the spelling of a file to the value in force. */
function decodeValue({ unit }: ConfigOption, { value, base }: Setting): unknown {
  if (typeof value !== 'string') return value;
  if (unit === 'path') return path.resolve(base, value);
  return unit === 'duration' ? durationMs(value) : value;
}

/** Defaults that depend on the machine or on other keys. */
function fillDefaults(settings: Map<string, Setting>, { host }: ConfigInput): void {
  const rootDir = String(settings.get('rootDir')?.value);
  const computed: { readonly [key: string]: string } = {
    nodeName: host.hostname.toLowerCase(),
    imageDir: path.join(rootDir, 'images'),
    logFormat: host.isTerminal ? 'pretty' : 'json',
  };
  for (const [key, value] of Object.entries(computed)) {
    const setting = settings.get(key);
    if (setting?.value === undefined) settings.set(key, { value, origin: 'default', base: '/' });
  }
}

/** Rules about values in force, wherever they came from. */
function crossCheck(settings: ReadonlyMap<string, Setting>): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const nodeName = settings.get('nodeName');
  if (nodeName?.origin === 'default') {
    const found = checkLayer({ nodeName: nodeName.value }, () => 'host name');
    problems.push(...found.map((p) => ({ ...p, message: `${p.message}: give one with --node-name` })));
  }
  const socket = settings.get('socket');
  const tooLong = checkSocketPath(String(socket?.value));
  if (tooLong !== undefined) problems.push({ origin: socket?.origin ?? '', key: 'socket', message: tooLong });
  const [low, high] = ['imageGCLowThresholdPercent', 'imageGCHighThresholdPercent'].map((key) => settings.get(key));
  if (Number(low?.value) >= Number(high?.value)) {
    const message = `must be less than imageGCHighThresholdPercent, which is ${high?.value}`;
    problems.push({ origin: low?.origin ?? '', key: 'imageGCLowThresholdPercent', message });
  }
  const pulls = settings.get('maxParallelImagePulls');
  const isSaid = pulls !== undefined && pulls.origin !== 'default' && pulls.value !== 1;
  if (isSaid && settings.get('serializeImagePulls')?.value === true) {
    const message = 'must be 1 or left out while serializeImagePulls is true';
    problems.push({ origin: pulls.origin, key: 'maxParallelImagePulls', message });
  }
  return problems;
}

function assemble(settings: ReadonlyMap<string, Setting>): ConfigValues {
  const values: { [name: string]: unknown } = {};
  for (const { key, path: names } of CONFIG_OPTIONS) {
    const [name = '', member] = names;
    const value = settings.get(key)?.value;
    values[name] = member === undefined ? value : { ...(values[name] as object | undefined), [member]: value };
  }
  // checkLayer has proved the types of everything that was said, the test of the schema those of the defaults.
  return values as unknown as ConfigValues;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}
