// Census rows 158-170: container ports. Row 171, another pod on the same host port, is the node's business.
import { checkRows, container, pod } from './census.ts';

const PORT = 'spec.containers[0].ports[0]';

function ports(...list: readonly object[]): object {
  return container({ ports: list });
}

checkRows([
  { row: 158, title: 'port 0', input: ports({ containerPort: 0 }), expected: [`${PORT}.containerPort Required`] },
  {
    row: 159,
    title: 'port 65536',
    input: ports({ containerPort: 65536 }),
    expected: [`${PORT}.containerPort Invalid`],
  },
  { row: 160, title: 'port -1', input: ports({ containerPort: -1 }), expected: [`${PORT}.containerPort Invalid`] },
  {
    row: 161,
    title: 'hostPort 70000',
    input: ports({ containerPort: 80, hostPort: 70000 }),
    expected: [`${PORT}.hostPort Invalid`],
  },
  {
    row: 162,
    title: 'protocol tcp',
    input: ports({ containerPort: 80, protocol: 'tcp' }),
    expected: [`${PORT}.protocol NotSupported`],
  },
  {
    row: 163,
    title: 'protocol HTTP',
    input: ports({ containerPort: 80, protocol: 'HTTP' }),
    expected: [`${PORT}.protocol NotSupported`],
  },
  {
    row: 164,
    title: 'long name with "_"',
    input: ports({ containerPort: 80, name: 'web_server_port_x' }),
    expected: [`${PORT}.name Invalid`, `${PORT}.name TooLong`],
  },
  ...['8080', 'a--b', '-a'].map((name) => ({
    row: name === '8080' ? 165 : 166,
    title: `name ${name}`,
    input: ports({ containerPort: 80, name }),
    expected: [`${PORT}.name Invalid`] as const,
  })),
  {
    row: 167,
    title: 'two ports with one name',
    input: ports({ containerPort: 80, name: 'http' }, { containerPort: 81, name: 'http' }),
    expected: ['spec.containers[0].ports[1].name Duplicate'],
  },
  {
    row: 168,
    title: 'two containers on one host port',
    input: pod({
      containers: ['a', 'b'].map((name) => ({ name, image: 'a', ports: [{ containerPort: 80, hostPort: 8080 }] })),
    }),
    expected: ['spec.containers[1].ports[0].hostPort Duplicate'],
  },
  {
    row: 169,
    title: 'host network with another port',
    input: container({ ports: [{ containerPort: 80, hostPort: 8080 }] }, { hostNetwork: true }),
    expected: [`${PORT}.containerPort Invalid`],
  },
  {
    row: 170,
    title: 'hostIP 300.1.1.1',
    input: ports({ containerPort: 80, hostIP: '300.1.1.1' }),
    expected: [`${PORT}.hostIP Invalid`],
  },
]);
