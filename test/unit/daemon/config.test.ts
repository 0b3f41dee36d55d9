import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { describeConfig } from '../../../src/daemon/config/describe.ts';
import { readConfigFile } from '../../../src/daemon/config/file.ts';
import { CONFIG_FORMATS } from '../../../src/daemon/config/formats.ts';
import { CONFIG_OPTIONS } from '../../../src/daemon/config/options.ts';
import { formatConfigProblem } from '../../../src/daemon/config/problem.ts';
import { type ConfigInput, type ConfigValues, resolveConfig } from '../../../src/daemon/config.ts';

const HOST = { hostname: 'Box.Example', cwd: '/home/me', isTerminal: false };
const FILE = '/etc/solopod/config.yaml';

function resolve(over: Partial<Omit<ConfigInput, 'file'>> & { readonly text?: string } = {}) {
  const { text, ...rest } = over;
  const file = text === undefined ? undefined : { path: FILE, text };
  return resolveConfig({ flags: {}, env: {}, host: HOST, ...rest, file });
}

function resolved(over: Parameters<typeof resolve>[0] = {}) {
  const result = resolve(over);
  if (!result.ok) assert.fail(result.error.map(formatConfigProblem).join('\n'));
  return result.value;
}

function complaints(over: Parameters<typeof resolve>[0]): string[] {
  const result = resolve(over);
  return result.ok ? [] : result.error.map(formatConfigProblem);
}

const DEFAULTS: ConfigValues = {
  staticPodPath: '/etc/solopod/manifests',
  staticPodURL: undefined,
  staticPodURLs: [],
  staticPodURLHeader: {},
  manifestServer: {
    timeout: 10_000,
    bearerTokenFile: undefined,
    caFile: undefined,
    certFile: undefined,
    keyFile: undefined,
  },
  manifestVariables: { file: undefined, environment: [] },
  manifestKeys: [],
  retiredManifestKeys: [],
  containerRuntimeEndpoint: 'auto',
  rootDir: '/var/lib/solopod',
  socket: '/run/solopod/solopod.sock',
  nodeName: 'box.example',
  imageDir: '/var/lib/solopod/images',
  logLevel: 'info',
  logFormat: 'json',
  fileCheckFrequency: 5_000,
  httpCheckFrequency: 20_000,
  allowEmpty: false,
  maxRemovalPercent: 50,
  podLogsDir: '/var/log/pods',
  containerLogMaxSize: '10Mi',
  containerLogMaxFiles: 5,
  containerLogMonitorInterval: 2_000,
  imageGCHighThresholdPercent: 85,
  imageGCLowThresholdPercent: 80,
  imageMinimumGCAge: 120_000,
  imageMaximumGCAge: 0,
  removeForeignImages: false,
  clusterDNS: [],
  clusterDomain: '',
  resolvConf: '/etc/resolv.conf',
  seccompDefault: false,
  crashLoopBackOff: { initialContainerRestartPeriod: 10_000, maxContainerRestartPeriod: 300_000 },
  serializeImagePulls: false,
  maxParallelImagePulls: 4,
  maxPods: 110,
  podPidsLimit: -1,
  systemReserved: {},
  kubeReserved: {},
  allowedUnsafeSysctls: [],
  nodeLabels: {},
  runtimeClasses: {},
  podNetwork: 'existing',
  cniConfDir: '/etc/cni/net.d',
  podCIDR: undefined,
};

test('Without a word from anybody every value is the default', () => {
  const { values, origins, warnings } = resolved();
  assert.deepEqual(values, DEFAULTS);
  assert.deepEqual(new Set(Object.values(origins)), new Set(['default']));
  assert.deepEqual(warnings, []);
});

test('The configuration cannot be changed after it was resolved', () => {
  const { values } = resolved();
  assert.throws(() => Object.assign(values.crashLoopBackOff, { maxContainerRestartPeriod: 1 }), TypeError);
  assert.throws(() => Object.assign(values, { rootDir: '/' }), TypeError);
});

test('A flag wins over the environment, the environment over the file, the file over the default', () => {
  const text = 'rootDir: /file\nsocket: /file.sock\nnodeName: file\n';
  const env = { SOLOPOD_ROOT_DIR: '/env', SOLOPOD_SOCKET: '/env.sock' };
  const { values, origins } = resolved({ flags: { 'root-dir': '/flag' }, env, text });
  const seen = ['rootDir', 'socket', 'nodeName', 'logLevel'].map((key) => [
    values[key as keyof ConfigValues],
    origins[key],
  ]);
  assert.deepEqual(seen, [
    ['/flag', 'flag --root-dir'],
    ['/env.sock', 'environment SOLOPOD_SOCKET'],
    ['file', `file ${FILE}:3`],
    ['info', 'default'],
  ]);
});

test('Every key can be set in the file', () => {
  const text = `
staticPodPath: manifests
staticPodURL: https://host/pods
staticPodURLs: [https://second/pods, "http://third/p?a=1"]
staticPodURLHeader: {X-Token: [a, b]}
manifestServer:
  timeout: 5s
  bearerTokenFile: token
  caFile: /tls/ca.pem
  certFile: /tls/cert.pem
  keyFile: /tls/key.pem
manifestVariables: {file: vars, environment: [HOSTNAME]}
manifestKeys: [MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=]
retiredManifestKeys: [Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=]
containerRuntimeEndpoint: unix:///run/crio/crio.sock
rootDir: /srv/solopod
socket: /run/s.sock
nodeName: node-1
imageDir: /srv/images
logLevel: debug
logFormat: pretty
fileCheckFrequency: 1m30s
httpCheckFrequency: 250ms
allowEmpty: true
maxRemovalPercent: 80
podLogsDir: /srv/logs
containerLogMaxSize: "-1"
containerLogMaxFiles: 3
containerLogMonitorInterval: 10s
imageGCHighThresholdPercent: 70
imageGCLowThresholdPercent: 60
imageMinimumGCAge: 10m
imageMaximumGCAge: 720h
removeForeignImages: true
clusterDNS: [10.96.0.10, "fd00::a"]
clusterDomain: cluster.local
resolvConf: /run/resolv.conf
seccompDefault: true
crashLoopBackOff:
  initialContainerRestartPeriod: 1s
  maxContainerRestartPeriod: 1m0s
serializeImagePulls: true
maxParallelImagePulls: 1
maxPods: 20
podPidsLimit: 500
systemReserved: {cpu: 100m, ephemeral-storage: 1Gi}
kubeReserved: {memory: 200Mi}
allowedUnsafeSysctls: [kernel.msg*]
nodeLabels: {disktype: ssd}
runtimeClasses: {gvisor: runsc, plain: ""}
podNetwork: bridge
cniConfDir: /srv/net.d
podCIDR: 10.7.0.0/16
`;
  const { values, origins } = resolved({ text });
  assert.deepEqual(values, {
    staticPodPath: '/etc/solopod/manifests',
    staticPodURL: 'https://host/pods',
    staticPodURLs: ['https://second/pods', 'http://third/p?a=1'],
    staticPodURLHeader: { 'X-Token': ['a', 'b'] },
    manifestServer: {
      timeout: 5_000,
      bearerTokenFile: '/etc/solopod/token',
      caFile: '/tls/ca.pem',
      certFile: '/tls/cert.pem',
      keyFile: '/tls/key.pem',
    },
    manifestVariables: { file: '/etc/solopod/vars', environment: ['HOSTNAME'] },
    manifestKeys: ['MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE='],
    retiredManifestKeys: ['Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE='],
    containerRuntimeEndpoint: 'unix:///run/crio/crio.sock',
    rootDir: '/srv/solopod',
    socket: '/run/s.sock',
    nodeName: 'node-1',
    imageDir: '/srv/images',
    logLevel: 'debug',
    logFormat: 'pretty',
    fileCheckFrequency: 90_000,
    httpCheckFrequency: 250,
    allowEmpty: true,
    maxRemovalPercent: 80,
    podLogsDir: '/srv/logs',
    containerLogMaxSize: '-1',
    containerLogMaxFiles: 3,
    containerLogMonitorInterval: 10_000,
    imageGCHighThresholdPercent: 70,
    imageGCLowThresholdPercent: 60,
    imageMinimumGCAge: 600_000,
    imageMaximumGCAge: 2_592_000_000,
    removeForeignImages: true,
    clusterDNS: ['10.96.0.10', 'fd00::a'],
    clusterDomain: 'cluster.local',
    resolvConf: '/run/resolv.conf',
    seccompDefault: true,
    crashLoopBackOff: { initialContainerRestartPeriod: 1_000, maxContainerRestartPeriod: 60_000 },
    serializeImagePulls: true,
    maxParallelImagePulls: 1,
    maxPods: 20,
    podPidsLimit: 500,
    systemReserved: { cpu: '100m', 'ephemeral-storage': '1Gi' },
    kubeReserved: { memory: '200Mi' },
    allowedUnsafeSysctls: ['kernel.msg*'],
    nodeLabels: { disktype: 'ssd' },
    runtimeClasses: { gvisor: 'runsc', plain: '' },
    podNetwork: 'bridge',
    cniConfDir: '/srv/net.d',
    podCIDR: '10.7.0.0/16',
  });
  const line = text.split('\n').findIndex((said) => said.includes('maxContainerRestartPeriod')) + 1;
  assert.equal(origins['crashLoopBackOff.maxContainerRestartPeriod'], `file ${FILE}:${line}`);
  assert.ok(Object.values(origins).every((origin) => origin.startsWith('file ')));
});

test('Every option with an environment variable can be set there', () => {
  const env = {
    CONTAINER_RUNTIME_ENDPOINT: 'embedded',
    SOLOPOD_CLUSTER_DNS: '10.0.0.1, 10.0.0.2',
    SOLOPOD_SECCOMP_DEFAULT: 'true',
    SOLOPOD_MAX_PARALLEL_IMAGE_PULLS: '9',
    SOLOPOD_CRASH_LOOP_BACK_OFF_MAX_CONTAINER_RESTART_PERIOD: '20s',
    SOLOPOD_LOG_LEVEL: '',
  };
  const { values, origins } = resolved({ env });
  assert.deepEqual(values, {
    ...DEFAULTS,
    containerRuntimeEndpoint: 'embedded',
    clusterDNS: ['10.0.0.1', '10.0.0.2'],
    seccompDefault: true,
    maxParallelImagePulls: 9,
    crashLoopBackOff: { initialContainerRestartPeriod: 10_000, maxContainerRestartPeriod: 20_000 },
  });
  assert.equal(origins['containerRuntimeEndpoint'], 'environment CONTAINER_RUNTIME_ENDPOINT');
});

test('Relative paths count from the working directory for flags and from the file for the file', () => {
  const { values } = resolved({
    flags: { 'manifest-dir': './pods', 'root-dir': '../root' },
    text: 'socket: run/s.sock',
  });
  assert.deepEqual(
    [values.staticPodPath, values.rootDir, values.socket, values.imageDir],
    ['/home/me/pods', '/home/root', '/etc/solopod/run/s.sock', '/home/root/images'],
  );
});

test('On a terminal the log is pretty unless somebody says otherwise', () => {
  const host = { ...HOST, isTerminal: true };
  assert.equal(resolved({ host }).values.logFormat, 'pretty');
  assert.equal(resolved({ host, flags: { 'log-format': 'json' } }).values.logFormat, 'json');
});

const WRONG: readonly {
  readonly name: string;
  readonly over: Parameters<typeof resolve>[0];
  readonly says: string[];
}[] = [
  {
    name: 'An unknown key',
    over: { text: 'rootDir: /r\nfileCheckFrequncy: 1s\ncrashLoopBackOff:\n  maxContainerRestartPeriods: 1s' },
    says: [
      `${FILE}:2:1: fileCheckFrequncy: unknown key, did you mean "fileCheckFrequency"?`,
      `${FILE}:4:3: crashLoopBackOff.maxContainerRestartPeriods: unknown key, did you mean "maxContainerRestartPeriod"?`,
    ],
  },
  {
    name: 'A value of the wrong type',
    over: { text: 'seccompDefault: "yes"\nmaxParallelImagePulls: 1.5\nclusterDNS: 10.0.0.1\nsocket:\n' },
    says: [
      `${FILE}:4:1: socket: must be text, is null`,
      `${FILE}:3:1: clusterDNS: must be a list, is "10.0.0.1"`,
      `${FILE}:1:1: seccompDefault: must be true or false, is "yes"`,
      `${FILE}:2:1: maxParallelImagePulls: must be a whole number, is 1.5`,
    ],
  },
  {
    name: 'One pull at a time, and more than one',
    over: { text: 'serializeImagePulls: true\nmaxParallelImagePulls: 2\n' },
    says: [`file ${FILE}:2: maxParallelImagePulls: must be 1 or left out while serializeImagePulls is true`],
  },
  {
    name: 'A choice that does not exist',
    over: { flags: { 'log-level': 'wran', 'log-format': 'xml' } },
    says: [
      'flag --log-level: logLevel: must be one of trace, debug, info, warn, error, is "wran", did you mean "warn"?',
      'flag --log-format: logFormat: must be one of json, pretty, is "xml"',
    ],
  },
  {
    name: 'A duration without a unit, and one out of bounds',
    over: {
      text: 'fileCheckFrequency: "20"\nhttpCheckFrequency: 1ms\ncrashLoopBackOff: {maxContainerRestartPeriod: 6m}',
    },
    says: [
      `${FILE}:1:1: fileCheckFrequency: must be a duration such as 10s, 1m30s or 500ms`,
      `${FILE}:2:1: httpCheckFrequency: must be from 100ms to 24h, is 1ms`,
      `${FILE}:3:20: crashLoopBackOff.maxContainerRestartPeriod: must be from 1s to 5m0s, is 6m0s`,
    ],
  },
  {
    name: 'A runtime that is a bare path',
    over: { flags: { runtime: '/run/containerd/containerd.sock' } },
    says: [
      'flag --runtime: containerRuntimeEndpoint: must be auto, embedded or unix:///path: write unix:///run/containerd/containerd.sock',
    ],
  },
  {
    name: 'A runtime that is no endpoint',
    over: { env: { CONTAINER_RUNTIME_ENDPOINT: 'tcp://1.2.3.4:5' } },
    says: ['environment CONTAINER_RUNTIME_ENDPOINT: containerRuntimeEndpoint: must be auto, embedded or unix:///path'],
  },
  {
    name: 'Texts with a form of their own',
    over: {
      text: 'staticPodURL: ftp://h/p\nnodeName: Box_1\nclusterDNS: [10.0.0.1, dns]\nclusterDomain: "."\npodCIDR: 10.0.0.0/30\nstaticPodURLHeader: {A: ["x\\r\\ny"]}',
    },
    says: [
      `${FILE}:1:1: staticPodURL: must be an http or https URL, not ftp`,
      `${FILE}:6:22: staticPodURLHeader.A: must be text without line breaks`,
      `${FILE}:2:1: nodeName: must be lower-case letters, digits, "-" and ".", with a letter or digit at both ends`,
      `${FILE}:3:24: clusterDNS.1: must be an IP address such as 10.96.0.10`,
      `${FILE}:4:1: clusterDomain: must be a domain such as cluster.local`,
      `${FILE}:5:1: podCIDR: must be an IPv4 network of /8 to /29 such as 10.213.0.0/24`,
    ],
  },
  {
    name: 'Nothing where something must be',
    over: { flags: { socket: '' } },
    says: ['flag --socket: socket: must not be empty'],
  },
  {
    name: 'A socket path that no socket can have',
    over: { flags: { socket: `/${'s'.repeat(107)}` } },
    says: ['flag --socket: socket: must be a path of at most 107 bytes, has 108: sockets allow no longer one'],
  },
  {
    name: 'A host name that is no node name',
    over: { host: { ...HOST, hostname: 'my_box' } },
    says: [
      'host name: nodeName: must be lower-case letters, digits, "-" and ".", with a letter or digit at both ends: give one with --node-name',
    ],
  },
  {
    name: 'A file that is a list',
    over: { text: '- a\n' },
    says: [`${FILE}:1:1: must be a mapping of keys to values`],
  },
  {
    name: 'A file of two documents',
    over: { text: 'rootDir: /a\n---\nrootDir: /b\n' },
    says: [`${FILE}:2:1: must be one YAML document`],
  },
  {
    name: 'A key said twice',
    over: { text: 'rootDir: /a\nrootDir: /b\n' },
    says: [`${FILE}:2:1: Map keys must be unique`],
  },
];

for (const { name, over, says } of WRONG) {
  test(`${name} is refused with its place and the remedy`, () => assert.deepEqual(complaints(over), says));
}

test('Problems of all layers come together', () => {
  const over = { flags: { 'log-level': 'x' }, env: { SOLOPOD_SECCOMP_DEFAULT: 'maybe' }, text: 'nope: 1' };
  assert.deepEqual(
    complaints(over).map((line) => line.split(': ')[0]),
    ['flag --log-level', 'environment SOLOPOD_SECCOMP_DEFAULT', `${FILE}:1:1`],
  );
});

test('A misspelt variable is a warning', () => {
  const { warnings } = resolved({ env: { SOLOPOD_ROOTDIR: '/x', PATH: '/bin' } });
  assert.deepEqual(warnings.map(formatConfigProblem), [
    'environment SOLOPOD_ROOTDIR: is not a variable that solopod knows, did you mean "SOLOPOD_ROOT_DIR"?',
  ]);
});

test('An empty file says nothing', () => assert.deepEqual(resolved({ text: '' }).values, DEFAULTS));

test('The description shows spelling and origin, and no secrets', () => {
  const text = 'staticPodURL: https://me:canary@h/p?t=canary\nstaticPodURLHeader: {X-Token: [canary]}';
  const described = describeConfig(resolved({ text, flags: { 'log-level': 'warn' } }));
  assert.deepEqual(
    Object.keys(described),
    CONFIG_OPTIONS.map(({ key }) => key),
  );
  assert.deepEqual(described['staticPodURL'], { value: 'https://h/p?t=xxxxx', origin: `file ${FILE}:1` });
  assert.deepEqual(described['staticPodURLHeader']?.value, { 'X-Token': ['xxxxx'] });
  assert.deepEqual(described['logLevel'], { value: 'warn', origin: 'flag --log-level' });
  assert.deepEqual(described['crashLoopBackOff.maxContainerRestartPeriod']?.value, '5m0s');
  assert.deepEqual(described['podCIDR'], { value: null, origin: 'default' });
  assert.doesNotMatch(JSON.stringify(described), /canary/);
});

test('The default file may be absent, a named one may not', async () => {
  const missing = path.join(tmpdir(), 'solopod-no-such-config.yaml');
  assert.deepEqual(await readConfigFile(missing), {
    ok: false,
    error: { origin: missing, key: '', message: 'does not exist: name another file with --config' },
  });
});

test('The schema gives every option a description, a default, a known format and its own names', () => {
  const lacking = CONFIG_OPTIONS.filter(
    (o) =>
      o.description === '' || o.defaultText === undefined || (o.format !== undefined && !(o.format in CONFIG_FORMATS)),
  );
  assert.deepEqual(lacking, []);
  for (const names of [CONFIG_OPTIONS.flatMap((o) => o.env), CONFIG_OPTIONS.map((o) => o.flag).filter(Boolean)]) {
    assert.equal(new Set(names).size, names.length);
  }
  const settable = CONFIG_OPTIONS.filter(({ type }) => type !== 'object');
  const spelled = settable.map(({ path: names }) => `SOLOPOD_${names.map(upperSnake).join('_')}`);
  assert.deepEqual(
    settable.map(({ env }) => env[0]),
    spelled,
  );
});

test('Every option of the schema has a value of its name, and no value is without an option', () => {
  const leaves = (value: object, parents: readonly string[] = []): string[] =>
    Object.entries(value).flatMap(([name, member]) =>
      ['crashLoopBackOff', 'manifestServer', 'manifestVariables'].includes(name)
        ? leaves(member, [name])
        : [[...parents, name].join('.')],
    );
  assert.deepEqual(
    leaves(DEFAULTS),
    CONFIG_OPTIONS.map(({ key }) => key),
  );
});

const root = path.resolve(import.meta.dirname, '../../..');

test('Every value is used somewhere', () => {
  const users = ['src/daemon', 'src/cli'].flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !/^config(\.ts$|\/)/.test(name))
      .map((name) => readFileSync(path.join(root, folder, name), 'utf8')),
  );
  const unused = CONFIG_OPTIONS.filter(({ path: names }) => {
    const name = names.at(-1);
    const read = new RegExp(`\\.${name}\\b|\\{[^{}]*\\b${name}\\b[^{}]*\\} = values`);
    return !users.some((text) => read.test(text));
  });
  assert.deepEqual(
    unused.map(({ key }) => key),
    [],
  );
});

function upperSnake(name: string): string {
  return name
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .replace(/GC(?=[A-Z])/, 'GC_')
    .toUpperCase();
}
