// Census rows 172-190: probes.
import { checkRows, container } from './census.ts';

const APP = 'spec.containers[0]';
const exec = { exec: { command: ['true'] } };

function liveness(probe: unknown): object {
  return container({ livenessProbe: probe });
}

function readiness(probe: unknown): object {
  return container({ readinessProbe: probe });
}

checkRows([
  { row: 172, title: 'no handler', input: liveness({}), expected: [`${APP}.livenessProbe Required`] },
  {
    row: 173,
    title: 'two handlers',
    input: liveness({ ...exec, tcpSocket: { port: 80 } }),
    expected: [`${APP}.livenessProbe.tcpSocket Forbidden`],
  },
  {
    row: 174,
    title: 'no command',
    input: liveness({ exec: {} }),
    expected: [`${APP}.livenessProbe.exec.command Required`],
  },
  {
    row: 175,
    title: 'command as text',
    input: liveness({ exec: { command: 'cat x' } }),
    expected: [`${APP}.livenessProbe.exec.command TypeInvalid`],
  },
  {
    row: 176,
    title: 'port 0',
    input: readiness({ httpGet: { port: 0 } }),
    expected: [`${APP}.readinessProbe.httpGet.port Invalid`],
  },
  {
    row: 177,
    title: 'no port',
    input: readiness({ httpGet: {} }),
    expected: [`${APP}.readinessProbe.httpGet.port Required`],
  },
  {
    row: 178,
    title: 'port my_port',
    input: readiness({ httpGet: { port: 'my_port' } }),
    expected: [`${APP}.readinessProbe.httpGet.port Invalid`],
  },
  {
    row: 179,
    title: 'a port nobody declares',
    input: readiness({ httpGet: { port: 'http' } }),
    expected: [`${APP}.readinessProbe.httpGet.port NotFound`],
  },
  {
    row: 180,
    title: 'scheme https',
    input: liveness({ httpGet: { port: 80, scheme: 'https' } }),
    expected: [`${APP}.livenessProbe.httpGet.scheme NotSupported`],
  },
  {
    row: 181,
    title: 'header name with a space',
    input: liveness({ httpGet: { port: 80, httpHeaders: [{ name: 'X Y', value: 'z' }] } }),
    expected: [`${APP}.livenessProbe.httpGet.httpHeaders[0].name Invalid`],
  },
  {
    row: 182,
    title: 'header value with a line break',
    input: liveness({ httpGet: { port: 80, httpHeaders: [{ name: 'X', value: 'a\r\nHost: b' }] } }),
    expected: [`${APP}.livenessProbe.httpGet.httpHeaders[0].value Invalid`],
  },
  ...['periodSeconds', 'timeoutSeconds', 'initialDelaySeconds', 'failureThreshold'].map((field) => ({
    row: field === 'periodSeconds' ? 183 : 184,
    title: `${field} -1`,
    input: liveness({ ...exec, [field]: -1 }),
    expected: [`${APP}.livenessProbe.${field} Invalid`] as const,
  })),
  {
    row: 185,
    title: 'liveness successThreshold 2',
    input: liveness({ ...exec, successThreshold: 2 }),
    expected: [`${APP}.livenessProbe.successThreshold Invalid`],
  },
  {
    row: 186,
    title: 'startup successThreshold 3',
    input: container({ startupProbe: { ...exec, successThreshold: 3 } }),
    expected: [`${APP}.startupProbe.successThreshold Invalid`],
  },
  {
    row: 187,
    title: 'readiness with a grace period',
    input: readiness({ ...exec, terminationGracePeriodSeconds: 5 }),
    expected: [`${APP}.readinessProbe.terminationGracePeriodSeconds Invalid`],
  },
  {
    row: 188,
    title: 'grace period 0',
    input: liveness({ ...exec, terminationGracePeriodSeconds: 0 }),
    expected: [`${APP}.livenessProbe.terminationGracePeriodSeconds Invalid`],
  },
  {
    row: 189,
    title: 'grpc without port',
    input: liveness({ grpc: {} }),
    expected: [`${APP}.livenessProbe.grpc.port Required`],
  },
  {
    row: 190,
    title: 'timeout longer than period',
    input: liveness({ ...exec, timeoutSeconds: 20 }),
    expected: [`~${APP}.livenessProbe Invalid`],
  },
]);
