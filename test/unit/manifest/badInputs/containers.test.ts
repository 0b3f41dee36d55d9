// Census rows 126-157: containers, images, restart rules and lifecycle.
import { checkRows, container, pod } from './census.ts';

const APP = 'spec.containers[0]';
const INIT = 'spec.initContainers[0]';
const exec = { exec: { command: ['true'] } };
const rule = { action: 'Restart', exitCodes: { operator: 'In', values: [1] } };

function init(fields: object): object {
  return pod({ initContainers: [{ name: 'first', image: 'busybox:1', ...fields }] });
}

function rules(...restartPolicyRules: readonly object[]): object {
  return container({ restartPolicy: 'Never', restartPolicyRules });
}

checkRows([
  { row: 126, title: 'no containers', input: pod({ containers: [] }), expected: ['spec.containers Required'] },
  { row: 127, title: 'no name', input: pod({ containers: [{ image: 'a' }] }), expected: [`${APP}.name Required`] },
  { row: 128, title: 'name My_App', input: container({ name: 'My_App' }), expected: [`${APP}.name Invalid`] },
  {
    row: 129,
    title: 'name of 64 characters',
    input: container({ name: 'a'.repeat(64) }),
    expected: [`${APP}.name TooLong`],
  },
  {
    row: 130,
    title: 'two containers with one name',
    input: pod({
      containers: [
        { name: 'a', image: 'a' },
        { name: 'a', image: 'b' },
      ],
    }),
    expected: ['spec.containers[1].name Duplicate'],
  },
  {
    row: 131,
    title: 'an init container named like a container',
    input: init({ name: 'app' }),
    expected: [`${APP}.name Duplicate`],
  },
  { row: 132, title: 'no image', input: pod({ containers: [{ name: 'a' }] }), expected: [`${APP}.image Required`] },
  {
    row: 133,
    title: 'image with a space before it',
    input: container({ image: ' nginx' }),
    expected: [`${APP}.image Invalid`],
  },
  ...['Nginx:latest', 'nginx:', 'a//b'].map((image) => ({
    row: 134,
    title: `image ${image}`,
    input: container({ image }),
    expected: [`${APP}.image Invalid`] as const,
  })),
  {
    row: 134,
    title: 'image Nginx in a run gets a status',
    input: container({ image: 'Nginx' }),
    expected: [`~${APP}.image Invalid`],
    mode: 'run',
  },
  {
    row: 135,
    title: 'short digest',
    input: container({ image: 'nginx@sha256:123' }),
    expected: [`${APP}.image Invalid`],
  },
  {
    row: 136,
    title: 'imagePullPolicy',
    input: container({ imagePullPolicy: 'IfNotpresent' }),
    expected: [`${APP}.imagePullPolicy NotSupported`],
  },
  {
    row: 137,
    title: 'terminationMessagePolicy',
    input: container({ terminationMessagePolicy: 'Log' }),
    expected: [`${APP}.terminationMessagePolicy NotSupported`],
  },
  {
    row: 138,
    title: 'restartPolicy',
    input: pod({ restartPolicy: 'Sometimes' }),
    expected: ['spec.restartPolicy NotSupported'],
  },
  {
    row: 139,
    title: 'deadline 0',
    input: pod({ activeDeadlineSeconds: 0 }),
    expected: ['spec.activeDeadlineSeconds Invalid'],
  },
  {
    row: 139,
    title: 'deadline -1',
    input: pod({ activeDeadlineSeconds: -1 }),
    expected: ['spec.activeDeadlineSeconds Invalid'],
  },
  {
    row: 140,
    title: 'negative grace',
    input: pod({ terminationGracePeriodSeconds: -5 }),
    expected: ['spec.terminationGracePeriodSeconds Invalid'],
  },
  {
    row: 141,
    title: 'relative workingDir',
    input: container({ workingDir: 'relative' }),
    expected: [`${APP}.workingDir Invalid`],
  },
  {
    row: 142,
    title: 'workingDir through /proc',
    input: container({ workingDir: '/proc/self/fd/7' }),
    expected: [`${APP}.workingDir Forbidden`],
  },
  { row: 143, title: 'NUL in args', input: container({ args: ['a\u0000b'] }), expected: [`${APP}.args[0] Invalid`] },
  {
    row: 144,
    title: 'init container with a probe',
    input: init({ livenessProbe: exec }),
    expected: [`${INIT}.livenessProbe Forbidden`],
  },
  {
    row: 145,
    title: 'init container with a hook',
    input: init({ lifecycle: { preStop: exec } }),
    expected: [`${INIT}.lifecycle Forbidden`],
  },
  {
    row: 145,
    title: 'sidecar with a probe',
    input: init({ restartPolicy: 'Always', livenessProbe: exec }),
    expected: [],
  },
  // Kubernetes 1.36 lets every container have any restart policy; the row is from before that.
  { row: 146, title: 'init container with OnFailure', input: init({ restartPolicy: 'OnFailure' }), expected: [] },
  {
    row: 146,
    title: 'init container with Sometimes',
    input: init({ restartPolicy: 'Sometimes' }),
    expected: [`${INIT}.restartPolicy NotSupported`],
  },
  {
    row: 147,
    title: 'rules without policy',
    input: container({ restartPolicyRules: [rule] }),
    expected: [`${APP}.restartPolicy Required`],
  },
  {
    row: 148,
    title: '21 rules',
    input: rules(...Array(21).fill(rule)),
    expected: [`${APP}.restartPolicyRules TooMany`],
  },
  {
    row: 149,
    title: 'rule without exit codes',
    input: rules({ action: 'Restart' }),
    expected: [`${APP}.restartPolicyRules[0].exitCodes Required`],
  },
  {
    row: 150,
    title: '256 exit codes',
    input: rules({
      action: 'Restart',
      exitCodes: { operator: 'In', values: Array.from({ length: 256 }, (_, code) => code) },
    }),
    expected: [`${APP}.restartPolicyRules[0].exitCodes.values TooMany`],
  },
  {
    row: 151,
    title: 'operator Equals',
    input: rules({ action: 'Restart', exitCodes: { operator: 'Equals', values: [1] } }),
    expected: [`${APP}.restartPolicyRules[0].exitCodes.operator NotSupported`],
  },
  {
    row: 152,
    title: 'empty preStop',
    input: container({ lifecycle: { preStop: {} } }),
    expected: [`${APP}.lifecycle.preStop Required`],
  },
  {
    row: 153,
    title: 'preStop with two handlers',
    input: container({ lifecycle: { preStop: { ...exec, httpGet: { port: 80 } } } }),
    expected: [`${APP}.lifecycle.preStop.httpGet Forbidden`],
  },
  {
    row: 154,
    title: 'preStop sleeps longer than the grace period',
    input: container({ lifecycle: { preStop: { sleep: { seconds: 60 } } } }),
    expected: [`${APP}.lifecycle.preStop.sleep Invalid`],
  },
  {
    row: 155,
    title: 'stopSignal SIGFOO',
    input: container({ lifecycle: { stopSignal: 'SIGFOO' } }, { os: { name: 'linux' } }),
    expected: [`${APP}.lifecycle.stopSignal NotSupported`],
  },
  {
    row: 156,
    title: 'stopSignal without os',
    input: container({ lifecycle: { stopSignal: 'SIGUSR1' } }),
    expected: [`${APP}.lifecycle.stopSignal Forbidden`],
  },
  { row: 157, title: 'stdin "yes"', input: container({ stdin: 'yes' }), expected: [`${APP}.stdin TypeInvalid`] },
]);
