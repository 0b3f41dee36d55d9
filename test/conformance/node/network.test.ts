// How pods are reached and called: NET, ETCH, LOGPATH and the rows of N-MISC about names and ports. One runner for all.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { lstat, readFile, readlink, stat } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Container, ContainerPort, PodSpec } from '../../../src/api/kubernetes.ts';
import { whyNoRuntime } from '../../support/containerd.ts';
import { eventually } from '../../support/eventually.ts';
import { udpClient, udpServer, writeImages } from '../../support/images.ts';
import { FOREVER, isRunning, Lab, QUICK_RESTARTS, shell, statusOf } from '../../support/lab.ts';
import { rowsOf } from '../../support/rows.ts';

const PATIENCE_MS = 90_000;
const IMAGE = 'localhost/udp:1';
const HTTP = 8080;
const UDP = 8081;
/** On loopback addresses only; nothing else on a machine is likely to have it. */
const HOST_PORT = 30_713;
const say = (script: string): Container => shell('app', `{ ${script}; } >/dev/termination-log 2>&1`);

/** Answers its host name: by HTTP in one container, by UDP in the other. */
const endpoint = (ports: readonly ContainerPort[] = []): readonly Container[] => [
  {
    ...shell(
      'app',
      "trap 'exit 0' TERM",
      'mkdir -p /tmp/www; hostname >/tmp/www/name',
      `httpd -f -p ${HTTP} -h /tmp/www &`,
      FOREVER,
    ),
    ports,
  },
  { ...shell('udp', "trap 'exit 0' TERM", `${udpServer(UDP)} &`, FOREVER), image: IMAGE },
];
/** Shell: the last line of a page, asked for until there is one. */
const get = (host: string) =>
  `until printf 'GET /name HTTP/1.0\\r\\n\\r\\n' | nc -w 2 ${host} ${HTTP} >/tmp/page 2>/dev/null; do sleep 0.2; done; tail -n 1 /tmp/page`;

describe('network', { skip: whyNoRuntime(), concurrency: true }, () => {
  const { row } = rowsOf(import.meta.filename);
  let lab: Lab;
  before(async () => {
    const env = { ...QUICK_RESTARTS, SOLOPOD_CLUSTER_DOMAIN: 'cluster.test' };
    lab = await Lab.open('network', env, (place) => writeImages(path.join(place.root, 'images'), [{ name: IMAGE }]));
    await lab.give('endpoint', { subdomain: 'served', containers: endpoint() });
  });
  after(() => lab.close());

  const ended = (name: string, app: Container, more: Partial<PodSpec> = {}) =>
    lab.ended(name, { ...more, containers: [app] });

  async function addressOf(name: string): Promise<string> {
    const pod = await lab.until(name, (p) => isRunning(p) && p.status?.podIP !== undefined);
    return pod.status?.podIP ?? '';
  }

  row('NET-1', async () => {
    assert.deepEqual(await ended('net-1', say(get(await addressOf('endpoint')))), ['Succeeded', 'endpoint-node']);
  });

  row('NET-2', async () => {
    const app = { ...say(udpClient(await addressOf('endpoint'), UDP)), image: IMAGE };
    assert.deepEqual(await ended('net-2', app), ['Succeeded', 'endpoint-node']);
  });

  row('NET-3', async () => {
    const url = `http://${await addressOf('endpoint')}:${HTTP}/name`;
    const answer = await eventually(() => fetchText(url), Boolean, PATIENCE_MS);
    assert.equal(answer, 'endpoint-node\n');
  });

  row('NET-4', async () => {
    const address = await addressOf('endpoint');
    assert.equal(await eventually(() => askByUdp(address, UDP), Boolean, PATIENCE_MS), 'endpoint-node\n');
  });

  test('A pod reaches another by each of its names, from its own namespace and from another one', async () => {
    const names = ['endpoint', 'endpoint-node', 'endpoint-node.served', 'endpoint.default'];
    const full = 'endpoint-node.served.default.svc.cluster.test';
    const near = await ended('by-name', say([...names, full].map(get).join('; ')));
    assert.deepEqual(near, ['Succeeded', Array(5).fill('endpoint-node').join('\n')]);
    await lab.give('by-name-abroad', {
      metadata: { namespace: 'elsewhere' },
      restartPolicy: 'Never',
      containers: [say([...['endpoint.default', full].map(get), 'grep -c "\tendpoint\t" /etc/hosts'].join('; '))],
    });
    const pod = await lab.until('by-name-abroad', ({ status }) => status?.phase === 'Failed');
    assert.equal(statusOf(pod, 'app')?.state?.terminated?.message, 'endpoint-node\nendpoint-node\n0\n');
  });

  test('A pod that runs already learns of one that comes, and forgets it when it has gone', async () => {
    const watcher = `while :; do cp /etc/hosts /notes/hosts.new; mv /notes/hosts.new /notes/hosts; sleep 0.2; done & ${FOREVER}`;
    await lab.give('watcher', { containers: [shell('app', watcher)] });
    const sees = (isThere: boolean) =>
      eventually(
        () => readFile(path.join(lab.notesDir, 'watcher', 'hosts'), 'utf8'),
        (text) => text !== '' && /\tguest\t/.test(text) === isThere,
        PATIENCE_MS,
      );
    await sees(false);
    const app = { ...shell('app', "trap 'exit 0' TERM", FOREVER), ports: [{ containerPort: 80 }] };
    await lab.give('guest', { containers: [app] });
    const text = await sees(true);
    assert.match(text, new RegExp(`^${await addressOf('guest')}\tguest-node\tguest\t`, 'm'));
    await lab.take('guest');
    await sees(false);
  });

  row('ETCH-1', async () => {
    const volumes = [{ name: 'original', hostPath: { path: '/etc/hosts', type: 'File' } }];
    const original = { name: 'original', mountPath: '/etc/hosts-original' };
    const script = (name: string) =>
      shell(name, `cat /etc/hosts >/notes/${name}; cat /etc/hosts-original >/notes/${name}-original`, FOREVER);
    const [one, two, three] = ['one', 'two', 'three'].map((name) => ({ ...script(name), volumeMounts: [original] }));
    assert.ok(one !== undefined && two !== undefined && three !== undefined);
    const own = { ...three, volumeMounts: [original, { name: 'original', mountPath: '/etc/hosts' }] };
    await lab.give('etch-1', { volumes, containers: [one, two, own] });
    await lab.give('etch-1-host', { hostNetwork: true, volumes, containers: [one, two] });
    const seen = (pod: string, file: string) =>
      eventually(() => readFile(path.join(lab.notesDir, pod, file), 'utf8'), Boolean, PATIENCE_MS);
    for (const name of ['one', 'two']) {
      assert.match(await seen('etch-1', name), /^# Kubernetes-managed hosts file\.\n/);
      assert.notEqual(await seen('etch-1', name), await seen('etch-1', `${name}-original`));
      assert.doesNotMatch(await seen('etch-1-host', name), /^# Kubernetes-managed hosts file\.\n/);
    }
    assert.equal(await seen('etch-1', 'three'), await seen('etch-1', 'three-original'));
  });

  row('LOGPATH-1', async () => {
    const { pod, id } = await logged('logpath-1');
    const link = `/var/log/containers/${pod}_default_app-${id}.log`;
    assert.ok((await lstat(link)).isSymbolicLink());
    assert.match(await readlink(link), /^\/var\/log\/pods\//);
    assert.match(await readFile(link, 'utf8'), / stdout F a sentence\n/);
  });

  row('LOGPATH-2', async () => {
    const { pod, uid } = await logged('logpath-2');
    const file = `/var/log/pods/default_${pod}_${uid}/app/0.log`;
    assert.match(await readFile(file, 'utf8'), / stdout F a sentence\n/);
    assert.ok((await stat(file)).isFile());
  });

  async function logged(name: string) {
    await lab.give(name, { restartPolicy: 'Never', containers: [shell('app', 'echo a sentence')] });
    const pod = await lab.until(name, ({ status }) => status?.phase === 'Succeeded');
    const id = statusOf(pod, 'app')?.containerID?.replace(/^.*:\/\//, '') ?? '';
    return { pod: pod.metadata?.name ?? '', uid: pod.metadata?.uid ?? '', id };
  }

  const NAMES = 'hostname; hostname -f';

  row('N-MISC-10', async () => {
    const hostnameOverride = 'override.example.org';
    const wanted = ['Succeeded', `${hostnameOverride}\n${hostnameOverride}`];
    const cases: readonly Partial<PodSpec>[] = [
      {},
      { hostname: 'h' },
      { subdomain: 's' },
      { hostname: 'h', subdomain: 's' },
    ];
    const found = await Promise.all(
      cases.map((spec, index) => ended(`n-misc-10-${index}`, say(NAMES), { ...spec, hostnameOverride })),
    );
    assert.deepEqual(found, [wanted, wanted, wanted, wanted]);
  });

  row('N-MISC-11', async () => {
    const cases: readonly Partial<PodSpec>[] = [
      { hostnameOverride: 'a', setHostnameAsFQDN: true },
      { hostnameOverride: 'a', hostNetwork: true },
      { hostnameOverride: 'A_b' },
    ];
    const fields = await Promise.all(
      cases.map(async (spec, index) => {
        const name = `n-misc-11-${index}`;
        await lab.give(name, { ...spec, containers: [shell('app', FOREVER)] });
        const [trouble] = await eventually(
          async () => (await lab.place.snapshot()).troubles.filter((t) => t.location.endsWith(`/${name}.json`)),
          (troubles) => troubles.length > 0,
          PATIENCE_MS,
        );
        return trouble?.diagnostics.map((d) => d.path);
      }),
    );
    assert.deepEqual(fields, [['spec.setHostnameAsFQDN'], ['spec.hostnameOverride'], ['spec.hostnameOverride']]);
  });

  row('N-MISC-16', async () => {
    const full = 'h.s.default.svc.cluster.test';
    const cases: readonly [Partial<PodSpec>, string][] = [
      [{}, 'n-misc-16-0-node\nn-misc-16-0-node'],
      [{ hostname: 'h' }, 'h\nh'],
      [{ hostname: 'h', subdomain: 's' }, `h\n${full}`],
      [{ hostname: 'h', subdomain: 's', setHostnameAsFQDN: true }, `${full}\n${full}`],
    ];
    const found = await Promise.all(cases.map(([spec], index) => ended(`n-misc-16-${index}`, say(NAMES), spec)));
    assert.deepEqual(
      found,
      cases.map(([, words]) => ['Succeeded', words]),
    );
    const long = { hostname: 'h'.repeat(60), subdomain: 's', setHostnameAsFQDN: true };
    await lab.give('n-misc-16', { ...long, containers: [shell('app', FOREVER)] });
    const isTooLong = /FQDN .* is too long \(64 characters is the max/;
    const pod = await lab.untilEvent(
      'n-misc-16',
      (e) => e.reason === 'FailedCreatePodSandBox' && isTooLong.test(e.message),
    );
    assert.equal(pod.status?.phase, 'Pending');
  });

  row('N-MISC-17', async () => {
    const ports = {
      'n-misc-17-a': { containerPort: HTTP, hostPort: HOST_PORT, hostIP: '127.0.0.1', protocol: 'TCP' },
      'n-misc-17-b': { containerPort: HTTP, hostPort: HOST_PORT, hostIP: '127.0.0.2', protocol: 'TCP' },
      'n-misc-17-c': { containerPort: UDP, hostPort: HOST_PORT, hostIP: '127.0.0.2', protocol: 'UDP' },
    };
    for (const [name, port] of Object.entries(ports)) await lab.give(name, { containers: endpoint([port]) });
    for (const name of Object.keys(ports)) await lab.until(name, (pod) => isRunning(pod));
    const answers = await Promise.all([
      eventually(() => fetchText(`http://127.0.0.1:${HOST_PORT}/name`), Boolean, PATIENCE_MS),
      eventually(() => fetchText(`http://127.0.0.2:${HOST_PORT}/name`), Boolean, PATIENCE_MS),
      eventually(() => askByUdp('127.0.0.2', HOST_PORT), Boolean, PATIENCE_MS),
    ]);
    assert.deepEqual(answers, ['n-misc-17-a-node\n', 'n-misc-17-b-node\n', 'n-misc-17-c-node\n']);
    await lab.give('n-misc-17-d', { containers: endpoint([ports['n-misc-17-a']]) });
    const refused = await lab.until('n-misc-17-d', ({ status }) => status?.phase === 'Failed');
    assert.equal(refused.status?.reason, 'NodePorts');
  });

  test('A pod gets the resolver settings that it asks for, and those of the host otherwise', async () => {
    const dnsConfig = {
      nameservers: ['192.0.2.53'],
      searches: ['a.example'],
      options: [{ name: 'ndots', value: '2' }],
    };
    const script = say('cat /etc/resolv.conf');
    assert.deepEqual(await ended('dns-none', script, { dnsPolicy: 'None', dnsConfig }), [
      'Succeeded',
      'search a.example\nnameserver 192.0.2.53\noptions ndots:2',
    ]);
    const [, words = ''] = await ended('dns-default', script, { dnsPolicy: 'Default', dnsConfig });
    assert.match(words, /nameserver 192\.0\.2\.53/);
    assert.match(words, /ndots:2/);
  });
});

async function fetchText(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
  return response.ok ? response.text() : '';
}

/** @returns "" when there is no answer in time */
function askByUdp(address: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const finish = (answer: string): void => {
      clearTimeout(timer);
      socket.close();
      resolve(answer);
    };
    const timer = setTimeout(finish, 2_000, '');
    socket.once('message', (message) => finish(message.toString()));
    socket.once('error', () => finish(''));
    socket.send('ask\n', port, address);
  });
}
