// Census rows 236-279: volumes and mounts. Rows 245, 254 and 272 are found when the pod starts.
import { checkRows, container, pod, volume } from './census.ts';

const VOLUME = 'spec.volumes[0]';
const MOUNT = 'spec.containers[0].volumeMounts[0]';
const emptyDir = { volumes: [{ name: 'data', emptyDir: {} }] };

function items(item: object): object {
  return volume({ configMap: { name: 'x', items: [item] } });
}

function downward(item: object): object {
  return volume({ downwardAPI: { items: [{ path: 'a', ...item }] } });
}

function projected(...sources: readonly object[]): object {
  return volume({ projected: { sources } });
}

function mounts(...list: readonly object[]): object {
  return container({ volumeMounts: list.map((mount) => ({ name: 'data', mountPath: '/data', ...mount })) }, emptyDir);
}

const field = { fieldRef: { fieldPath: 'metadata.name' } };
const resource = { resourceFieldRef: { resource: 'limits.cpu', containerName: 'app' } };
const twice = { items: [{ key: 'a', path: 'same' }] };

checkRows([
  { row: 236, title: 'no name', input: pod({ volumes: [{ emptyDir: {} }] }), expected: [`${VOLUME}.name Required`] },
  {
    row: 237,
    title: 'name Data_1',
    input: pod({ volumes: [{ name: 'Data_1', emptyDir: {} }] }),
    expected: [`${VOLUME}.name Invalid`],
  },
  {
    row: 238,
    title: 'one name twice',
    input: pod({
      volumes: [
        { name: 'a', emptyDir: {} },
        { name: 'a', emptyDir: {} },
      ],
    }),
    expected: ['spec.volumes[1].name Duplicate'],
  },
  { row: 239, title: 'no type', input: volume({}), expected: [`~${VOLUME} Required`] },
  {
    row: 240,
    title: 'two types',
    input: volume({ hostPath: { path: '/srv' }, emptyDir: {} }),
    expected: [`${VOLUME}.hostPath Forbidden`],
  },
  {
    row: 241,
    title: 'empty host path',
    input: volume({ hostPath: { path: '' } }),
    expected: [`${VOLUME}.hostPath.path Required`],
  },
  {
    row: 242,
    title: 'host path with ..',
    input: volume({ hostPath: { path: '/a/../b' } }),
    expected: [`${VOLUME}.hostPath.path Invalid`],
  },
  {
    row: 243,
    title: 'relative host path',
    input: volume({ hostPath: { path: 'data' } }),
    expected: [`${VOLUME}.hostPath.path Invalid`],
  },
  {
    row: 244,
    title: 'type Dir',
    input: volume({ hostPath: { path: '/a', type: 'Dir' } }),
    expected: [`${VOLUME}.hostPath.type NotSupported`],
  },
  {
    row: 246,
    title: 'configMap without name',
    input: volume({ configMap: {} }),
    expected: [`${VOLUME}.configMap.name Required`],
  },
  {
    row: 247,
    title: 'secret without name',
    input: volume({ secret: {} }),
    expected: [`${VOLUME}.secret.secretName Required`],
  },
  {
    row: 248,
    title: 'mode 01000',
    input: volume({ secret: { secretName: 'x', defaultMode: 0o1000 } }),
    expected: [`${VOLUME}.secret.defaultMode Invalid`],
  },
  {
    row: 248,
    title: 'mode -1',
    input: volume({ secret: { secretName: 'x', defaultMode: -1 } }),
    expected: [`${VOLUME}.secret.defaultMode Invalid`],
  },
  {
    row: 249,
    title: 'item without key',
    input: items({ path: 'a' }),
    expected: [`${VOLUME}.configMap.items[0].key Required`],
  },
  {
    row: 249,
    title: 'item without path',
    input: items({ key: 'a' }),
    expected: [`${VOLUME}.configMap.items[0].path Required`],
  },
  ...['/abs', '../x', '..data'].map((path, index) => ({
    row: 250 + index,
    title: `item path ${path}`,
    input: items({ key: 'a', path }),
    expected: [`${VOLUME}.configMap.items[0].path Invalid`] as const,
  })),
  {
    row: 253,
    title: 'item mode 01777',
    input: items({ key: 'a', path: 'a', mode: 0o1777 }),
    expected: [`${VOLUME}.configMap.items[0].mode Invalid`],
  },
  {
    row: 255,
    title: 'two sources on one path',
    input: projected({ secret: { name: 'a', ...twice } }, { configMap: { name: 'b', ...twice } }),
    expected: [`${VOLUME}.projected.sources[1] Duplicate`],
  },
  {
    row: 256,
    title: 'source with two kinds',
    input: projected({ configMap: { name: 'b' }, secret: { name: 'a' } }),
    expected: [`${VOLUME}.projected.sources[0].configMap Forbidden`],
  },
  {
    row: 257,
    title: 'service account token',
    input: projected({ serviceAccountToken: { path: 'token' } }),
    expected: [`${VOLUME}.projected.sources[0].serviceAccountToken NotImplemented`],
    mode: 'run',
  },
  {
    row: 258,
    title: 'item with both',
    input: downward({ ...field, ...resource }),
    expected: [`${VOLUME}.downwardAPI.items[0] Invalid`],
  },
  { row: 259, title: 'item with neither', input: downward({}), expected: [`${VOLUME}.downwardAPI.items[0] Required`] },
  {
    row: 260,
    title: 'resource of no container',
    input: downward({ resourceFieldRef: { resource: 'limits.cpu' } }),
    expected: [`${VOLUME}.downwardAPI.items[0].resourceFieldRef.containerName Required`],
  },
  {
    row: 261,
    title: 'pod IP in a volume',
    input: downward({ fieldRef: { fieldPath: 'status.podIP' } }),
    expected: [`${VOLUME}.downwardAPI.items[0].fieldRef.fieldPath NotSupported`],
  },
  { row: 262, title: 'unknown volume', input: mounts({ name: 'x' }), expected: [`${MOUNT}.name NotFound`] },
  {
    row: 263,
    title: 'no mountPath',
    input: mounts({ mountPath: undefined }),
    expected: [`${MOUNT}.mountPath Required`],
  },
  {
    row: 264,
    title: 'two mounts on one path',
    input: mounts({}, {}),
    expected: ['spec.containers[0].volumeMounts[1].mountPath Invalid'],
  },
  {
    row: 265,
    title: '/data and /data/',
    input: mounts({}, { mountPath: '/data/' }),
    expected: ['spec.containers[0].volumeMounts[1].mountPath Invalid'],
  },
  {
    row: 266,
    title: 'relative mountPath',
    input: mounts({ mountPath: 'data' }),
    expected: [`${MOUNT}.mountPath Invalid`],
  },
  { row: 267, title: 'mountPath /', input: mounts({ mountPath: '/' }), expected: [`${MOUNT}.mountPath Invalid`] },
  {
    row: 268,
    title: 'mountPath /a:/b',
    input: mounts({ mountPath: '/a:/b' }),
    expected: [`${MOUNT}.mountPath Invalid`],
  },
  { row: 269, title: 'absolute subPath', input: mounts({ subPath: '/abs' }), expected: [`${MOUNT}.subPath Invalid`] },
  {
    row: 270,
    title: 'subPath with ..',
    input: mounts({ subPath: 'a/../../b' }),
    expected: [`${MOUNT}.subPath Invalid`],
  },
  {
    row: 271,
    title: 'subPath and subPathExpr',
    input: mounts({ subPath: 'a', subPathExpr: 'b' }),
    expected: [`${MOUNT}.subPathExpr Invalid`],
  },
  {
    row: 273,
    title: 'propagation Both',
    input: mounts({ mountPropagation: 'Both' }),
    expected: [`${MOUNT}.mountPropagation NotSupported`],
  },
  {
    row: 274,
    title: 'Bidirectional without privilege',
    input: mounts({ mountPropagation: 'Bidirectional' }),
    expected: [`${MOUNT}.mountPropagation Forbidden`],
  },
  {
    row: 275,
    title: 'device of an emptyDir',
    input: container({ volumeDevices: [{ name: 'data', devicePath: '/dev/x' }] }, emptyDir),
    expected: ['spec.containers[0].volumeDevices[0].name Invalid'],
  },
  {
    row: 276,
    title: 'persistentVolumeClaim',
    input: volume({ persistentVolumeClaim: { claimName: 'x' } }),
    expected: [],
    mode: 'run',
  },
  ...(
    [
      ['iscsi', { targetPortal: 'a', iqn: 'b', lun: 0 }],
      ['rbd', { image: 'a', monitors: ['b'] }],
      ['csi', { driver: 'a' }],
      ['gitRepo', { repository: 'a' }],
    ] as const
  ).map(([type, source]) => ({
    row: 277,
    title: type,
    input: volume({ [type]: source }),
    expected: [`${VOLUME}.${type} NotImplemented`] as const,
    mode: 'run' as const,
  })),
  {
    row: 278,
    title: 'relative nfs path',
    input: volume({ nfs: { server: 'a', path: 'rel' } }),
    expected: [`${VOLUME}.nfs.path Invalid`],
  },
  {
    row: 279,
    title: 'image without reference',
    input: volume({ image: {} }),
    expected: [`${VOLUME}.image.reference Required`],
  },
]);
