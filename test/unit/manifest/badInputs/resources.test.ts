// Census rows 216-235: resource quantities.
import { checkRows, container, volume } from './census.ts';

const RESOURCES = 'spec.containers[0].resources';
const GPU = 'nvidia.com/gpu';
type Amounts = { readonly [name: string]: string | number };

function limits(amounts: Amounts | readonly unknown[], requests?: Amounts): object {
  return container({ resources: { limits: amounts, ...(requests && { requests }) } });
}

checkRows([
  { row: 216, title: 'cpu "100 m"', input: limits({ cpu: '100 m' }), expected: [`${RESOURCES}.limits[cpu] Invalid`] },
  {
    row: 217,
    title: 'memory 128MB',
    input: limits({ memory: '128MB' }),
    expected: [`${RESOURCES}.limits[memory] Invalid`],
  },
  {
    row: 218,
    title: 'memory 64mi',
    input: limits({ memory: '64mi' }),
    expected: [`${RESOURCES}.limits[memory] Invalid`],
  },
  {
    row: 218,
    title: 'memory 64MI',
    input: limits({ memory: '64MI' }),
    expected: [`${RESOURCES}.limits[memory] Invalid`],
  },
  {
    row: 219,
    title: 'memory 100m',
    input: limits({ memory: '100m' }),
    expected: [`~${RESOURCES}.limits[memory] Invalid`],
  },
  {
    row: 220,
    title: 'empty memory',
    input: limits({ memory: '' }),
    expected: [`${RESOURCES}.limits[memory] Required`],
  },
  { row: 221, title: 'cpu -1', input: limits({ cpu: '-1' }), expected: [`${RESOURCES}.limits[cpu] Invalid`] },
  { row: 221, title: 'cpu -1 as a number', input: limits({ cpu: -1 }), expected: [`${RESOURCES}.limits[cpu] Invalid`] },
  { row: 222, title: 'cpu 1e30 is capped', input: limits({ cpu: '1e30' }), expected: [] },
  ...['.5', '+1', '1.'].map((cpu) => ({ row: 223, title: `cpu ${cpu}`, input: limits({ cpu }), expected: [] })),
  { row: 223, title: 'cpu 0x10', input: limits({ cpu: '0x10' }), expected: [`${RESOURCES}.limits[cpu] Invalid`] },
  {
    row: 224,
    title: 'request above limit',
    input: limits({ cpu: '1' }, { cpu: '2' }),
    expected: [`${RESOURCES}.requests Invalid`],
  },
  { row: 225, title: 'resource gpu', input: limits({ gpu: 1 }), expected: [`${RESOURCES}.limits[gpu] Invalid`] },
  { row: 226, title: 'resource cpus', input: limits({ cpus: 1 }), expected: [`${RESOURCES}.limits[cpus] Invalid`] },
  {
    row: 227,
    title: 'half a device',
    input: limits({ [GPU]: '500m' }),
    expected: [`${RESOURCES}.limits[${GPU}] Invalid`],
  },
  {
    row: 228,
    title: 'other request than limit',
    input: limits({ [GPU]: 2 }, { [GPU]: 1 }),
    expected: [`${RESOURCES}.requests Invalid`],
  },
  {
    row: 229,
    title: 'device without limit',
    input: container({ resources: { requests: { [GPU]: 1 } } }),
    expected: [`${RESOURCES}.limits Required`],
  },
  {
    row: 230,
    title: 'huge pages alone',
    input: limits({ 'hugepages-2Mi': '4Mi' }),
    expected: [`${RESOURCES} Forbidden`],
  },
  {
    row: 231,
    title: 'other huge pages than the limit',
    input: limits({ cpu: 1, 'hugepages-2Mi': '4Mi' }, { 'hugepages-2Mi': '2Mi' }),
    expected: [`${RESOURCES}.requests Invalid`],
  },
  { row: 232, title: 'limits as list', input: limits(['cpu']), expected: [`${RESOURCES}.limits TypeInvalid`] },
  {
    row: 233,
    title: 'sizeLimit -1Gi',
    input: volume({ emptyDir: { sizeLimit: '-1Gi' } }),
    expected: ['spec.volumes[0].emptyDir.sizeLimit Forbidden'],
  },
  {
    row: 234,
    title: 'medium RAM',
    input: volume({ emptyDir: { medium: 'RAM' } }),
    expected: ['spec.volumes[0].emptyDir.medium Invalid'],
  },
  {
    row: 235,
    title: 'pod limit below the requests',
    input: container({ resources: { requests: { cpu: 2 } } }, { resources: { limits: { cpu: 1 } } }),
    expected: ['spec.resources.limits Invalid'],
  },
]);
