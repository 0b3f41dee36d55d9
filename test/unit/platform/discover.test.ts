import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer as createHttp2Server } from 'node:http2';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { type DiscoverOptions, discoverRuntime, socketPathOf } from '../../../src/platform/discover.ts';
import { askSocket } from '../../../src/platform/unixSocket.ts';
import { tempDir } from '../../support/tempDir.ts';

/** Listens as a gRPC server does ('answers'), or accepts and says nothing ('hangs'). */
async function listen(t: TestContext, path: string, kind: 'answers' | 'hangs'): Promise<void> {
  const server = kind === 'answers' ? createHttp2Server() : createServer();
  const sockets = new Set<{ destroy(): unknown }>();
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
}

describe('socket', () => {
  it('of an HTTP/2 server answers', async (t) => {
    const path = join(await tempDir(t), 's');
    await listen(t, path, 'answers');
    assert.equal(await askSocket(path), 'answers');
  });

  it('of a process that hangs does not answer, although it can be connected to', async (t) => {
    const path = join(await tempDir(t), 's');
    await listen(t, path, 'hangs');
    assert.equal(await askSocket(path, 50), 'no answer within 50 ms');
  });

  it('without a listener, or that is none, is told apart', async (t) => {
    const dir = await tempDir(t);
    await writeFile(join(dir, 'file'), '');
    const answers = [await askSocket(join(dir, 'none')), await askSocket(join(dir, 'file'))];
    assert.deepEqual(answers, ['does not exist', 'nothing listens on it']);
  });
});

describe('automatic choice of the runtime', () => {
  async function world(t: TestContext) {
    const dir = await tempDir(t);
    const [containerd, crio] = [join(dir, 'run/containerd/containerd.sock'), join(dir, 'crio.sock')];
    await mkdir(join(dir, 'run/containerd'), { recursive: true });
    const options: DiscoverOptions = {
      env: {},
      crictlConfig: join(dir, 'crictl.yaml'),
      containerdConfig: join(dir, 'config.toml'),
      usualSockets: [containerd, crio],
    };
    return { dir, containerd, crio, options };
  }

  it('takes the first usual socket that answers', async (t) => {
    const { containerd, crio, options } = await world(t);
    await listen(t, crio, 'answers');
    const onlyCrio = await discoverRuntime(options);
    await listen(t, containerd, 'answers');
    const both = await discoverRuntime(options);
    assert.deepEqual(
      [onlyCrio, both],
      [crio, containerd].map((path) => ({ ok: true, value: { endpoint: `unix://${path}`, origin: 'usual place' } })),
    );
  });

  it('goes past a containerd whose CRI plugin is switched off, as packaged for Docker', async (t) => {
    const { dir, containerd, options } = await world(t);
    await listen(t, containerd, 'answers');
    await writeFile(join(dir, 'config.toml'), '#x\ndisabled_plugins = ["cri"]\n');
    const found = await discoverRuntime(options);
    const reason = `${containerd}: its CRI plugin is switched off in ${join(dir, 'config.toml')} (disabled_plugins)`;
    assert.ok(!found.ok && found.error.startsWith(`No container runtime answers on this machine: ${reason}.`));
  });

  it('takes what CONTAINER_RUNTIME_ENDPOINT names before what crictl is told', async (t) => {
    const { dir, containerd, crio, options } = await world(t);
    await listen(t, containerd, 'answers');
    await listen(t, crio, 'answers');
    await writeFile(join(dir, 'crictl.yaml'), `timeout: 10\nruntime-endpoint: "unix://${crio}"\n`);
    const fromFile = await discoverRuntime(options);
    const fromEnv = await discoverRuntime({ ...options, env: { CONTAINER_RUNTIME_ENDPOINT: containerd } });
    assert.deepEqual(
      [fromFile, fromEnv],
      [
        { ok: true, value: { endpoint: `unix://${crio}`, origin: join(dir, 'crictl.yaml') } },
        { ok: true, value: { endpoint: `unix://${containerd}`, origin: 'CONTAINER_RUNTIME_ENDPOINT' } },
      ],
    );
  });

  it('takes no other runtime than the one that was named', async (t) => {
    const { dir, crio, options } = await world(t);
    await listen(t, crio, 'answers');
    const named = join(dir, 'other.sock');
    const found = await discoverRuntime({ ...options, env: { CONTAINER_RUNTIME_ENDPOINT: `unix://${named}` } });
    const wrong = await discoverRuntime({ ...options, env: { CONTAINER_RUNTIME_ENDPOINT: 'tcp://localhost:1' } });
    assert.deepEqual(
      [found, wrong],
      [
        {
          ok: false,
          error: `Cannot reach the runtime ${named} (from CONTAINER_RUNTIME_ENDPOINT): does not exist. Start it, name another with --runtime unix:///path.sock, or use --runtime embedded`,
        },
        {
          ok: false,
          error:
            'Cannot use the runtime "tcp://localhost:1" (from CONTAINER_RUNTIME_ENDPOINT): it must be unix:///path/to.sock',
        },
      ],
    );
  });

  it('says what to do where nothing runs', async (t) => {
    const { options } = await world(t);
    const found = await discoverRuntime(options);
    assert.deepEqual(!found.ok && found.error.split('\n').map((line) => line.trim().split(/ {2,}/)[0]), [
      'No container runtime answers on this machine: no socket of containerd, CRI-O or k3s exists. One of these helps:',
      '--runtime embedded',
      'systemctl start containerd',
      '--runtime unix:///path.sock',
    ]);
  });

  const endpoints = [
    { endpoint: 'unix:///run/x.sock', path: '/run/x.sock' },
    { endpoint: 'unix:/run/x.sock', path: '/run/x.sock' },
    { endpoint: '/run/x.sock', path: '/run/x.sock' },
    { endpoint: 'tcp://1.2.3.4:5', path: undefined },
    { endpoint: 'x.sock', path: undefined },
  ];
  for (const { endpoint, path } of endpoints) {
    it(`reads ${endpoint} as ${path}`, () => assert.equal(socketPathOf(endpoint), path));
  }
});
