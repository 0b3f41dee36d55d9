// Census rows 47-74: values of the wrong type, and values that only look so.
import { checkRows, container, pod, volume } from './census.ts';

const APP = 'spec.containers[0]';

function yaml(line: string): string {
  return `apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  ${line}\n  containers: [{name: app, image: "nginx:1"}]\n`;
}

function port(text: string): string {
  return `apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: app, image: "nginx:1", ports: [{containerPort: ${text}}]}]}\n`;
}

function mode(text: string): string {
  return yaml(`volumes: [{name: data, configMap: {name: x, defaultMode: ${text}}}]`);
}

checkRows([
  { row: 47, title: 'a number as name', input: pod({}, { name: 123 }), expected: ['metadata.name TypeInvalid'] },
  {
    row: 48,
    title: 'image: yes',
    input: 'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: app, image: yes}]}\n',
    expected: [`${APP}.image TypeInvalid`],
  },
  {
    row: 49,
    title: 'command as text',
    input: container({ command: 'sleep 10' }),
    expected: [`${APP}.command TypeInvalid`],
  },
  {
    row: 50,
    title: 'a number in args',
    input: container({ args: ['-n', 5] }),
    expected: [`${APP}.args[1] TypeInvalid`],
  },
  {
    row: 51,
    title: 'a boolean in args',
    input: container({ args: ['--debug', true] }),
    expected: [`${APP}.args[1] TypeInvalid`],
  },
  {
    row: 52,
    title: 'a number as env value',
    input: container({ env: [{ name: 'A', value: 8080 }] }),
    expected: [`${APP}.env[0].value TypeInvalid`],
  },
  {
    row: 53,
    title: 'a boolean as env value',
    input: container({ env: [{ name: 'A', value: true }] }),
    expected: [`${APP}.env[0].value TypeInvalid`],
  },
  { row: 54, title: 'env as mapping', input: container({ env: { A: 'b' } }), expected: [`${APP}.env TypeInvalid`] },
  {
    row: 55,
    title: 'containers as mapping',
    input: pod({ containers: { app: {} } }),
    expected: ['spec.containers TypeInvalid'],
  },
  { row: 56, title: 'ports: 80', input: container({ ports: 80 }), expected: [`${APP}.ports TypeInvalid`] },
  { row: 57, title: 'ports: [80]', input: container({ ports: [80] }), expected: [`${APP}.ports[0] TypeInvalid`] },
  {
    row: 58,
    title: 'a port in quotes',
    input: container({ ports: [{ containerPort: '80' }] }),
    expected: [`${APP}.ports[0].containerPort TypeInvalid`],
  },
  {
    row: 59,
    title: 'half a port',
    input: container({ ports: [{ containerPort: 80.5 }] }),
    expected: [`${APP}.ports[0].containerPort TypeInvalid`],
  },
  { row: 60, title: 'port 8e1', input: port('8e1'), expected: [] },
  { row: 60, title: 'port 80.0', input: port('80.0'), expected: [] },
  {
    row: 61,
    title: 'port beyond 32 bits',
    input: container({ ports: [{ containerPort: 99999999999 }] }),
    expected: [`${APP}.ports[0].containerPort Invalid`],
  },
  {
    row: 62,
    title: 'runAsUser 1e400',
    input: yaml('securityContext: {runAsUser: 1e400}'),
    expected: ['spec.securityContext.runAsUser Invalid'],
  },
  {
    row: 63,
    title: 'a deadline beyond 64 bits',
    input: yaml('activeDeadlineSeconds: 9223372036854775808'),
    expected: ['spec.activeDeadlineSeconds Invalid'],
  },
  {
    row: 63,
    title: 'a grace period beyond 2^53 is not rounded',
    input: yaml('terminationGracePeriodSeconds: 9007199254740993'),
    expected: ['spec.terminationGracePeriodSeconds Invalid'],
  },
  {
    row: 64,
    title: 'hostNetwork in quotes',
    input: pod({ hostNetwork: 'true' }),
    expected: ['spec.hostNetwork TypeInvalid'],
  },
  { row: 65, title: 'hostNetwork: yes', input: yaml('hostNetwork: yes'), expected: [] },
  {
    row: 66,
    title: 'a number as label',
    input: pod({}, { labels: { version: 1 } }),
    expected: ['metadata.labels[version] TypeInvalid'],
  },
  {
    row: 67,
    title: 'a boolean as annotation',
    input: pod({}, { annotations: { x: true } }),
    expected: ['metadata.annotations[x] TypeInvalid'],
  },
  {
    row: 68,
    title: 'a probe as list',
    input: container({ livenessProbe: [] }),
    expected: [`${APP}.livenessProbe TypeInvalid`],
  },
  { row: 69, title: 'volumes as mapping', input: pod({ volumes: {} }), expected: ['spec.volumes TypeInvalid'] },
  {
    row: 70,
    title: 'a container that is null',
    input: pod({ containers: [null] }),
    expected: ['spec.containers[0] TypeInvalid'],
  },
  { row: 71, title: 'securityContext: null', input: pod({ securityContext: null }), expected: [] },
  { row: 72, title: 'mode 0644', input: mode('0644'), expected: [] },
  { row: 72, title: 'mode 420', input: mode('420'), expected: [] },
  { row: 72, title: 'mode 0o644', input: mode('0o644'), expected: [] },
  {
    row: 72,
    title: 'mode 644 is not octal',
    input: mode('644'),
    expected: ['spec.volumes[0].configMap.defaultMode Invalid'],
  },
  {
    row: 73,
    title: 'numbers as quantities',
    input: container({ resources: { limits: { cpu: 0.5, memory: 1073741824 }, requests: { cpu: 0.25 } } }),
    expected: [],
  },
  {
    row: 74,
    title: 'a port number as name',
    input: container({ livenessProbe: { httpGet: { port: '80' } } }),
    expected: [`${APP}.livenessProbe.httpGet.port Invalid`],
  },
  {
    row: 74,
    title: 'a port by name',
    input: container({ ports: [{ name: 'http', containerPort: 80 }], livenessProbe: { httpGet: { port: 'http' } } }),
    expected: [],
  },
  {
    row: 72,
    title: 'a file mode of JSON',
    input: volume({ secret: { secretName: 'x', defaultMode: 0o400 } }),
    expected: [],
  },
]);
