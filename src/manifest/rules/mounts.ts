// Rules of volume mounts and devices: the volume exists, paths are usable and unique, propagation. Pure.
// Source: Kubernetes API validation of VolumeMount and VolumeDevice; what container runtimes cannot mount is refused too.
import type { Volume, VolumeMount } from '../../api/kubernetes.ts';
import type { Path, Report } from '../finding.ts';
import type { Loose, LooseSpec } from '../loose.ts';
import { cleanPath, hasDotDot } from '../names.ts';
import { type ContainerView, containersOf, duplicates, volumesByName } from '../podView.ts';
import { got } from '../validate.ts';

export function checkMounts(spec: LooseSpec, report: Report): void {
  for (const view of containersOf(spec)) {
    const { container, path } = view;
    container.volumeMounts?.forEach((mount, index) => {
      checkMount(mount, { path: [...path, 'volumeMounts', index], view, spec, report });
    });
    checkUniquePaths(view, report);
    checkDevices(view, spec, report);
  }
}

interface Task {
  readonly path: Path;
  readonly view: ContainerView;
  readonly spec: LooseSpec;
  readonly report: Report;
}

function checkMount(mount: Loose<VolumeMount>, task: Task): void {
  const { path, spec, report } = task;
  const { name, mountPath } = mount;
  const volume = name === undefined ? undefined : volumesByName(spec).get(name);
  if (name !== undefined && name !== '' && volume === undefined) {
    report.error('NotFound', [...path, 'name'], `there is no volume named "${name}"`);
  }
  if (mountPath !== undefined && mountPath !== '') checkMountPath(mountPath, [...path, 'mountPath'], report);
  checkSubPaths(mount, path, report);
  checkPropagation(mount, volume, task);
}

function checkMountPath(mountPath: string, path: Path, report: Report): void {
  if (!mountPath.startsWith('/')) report.error('Invalid', path, `must be an absolute path${got(mountPath)}`);
  else if (cleanPath(mountPath) === '/')
    report.error('Invalid', path, 'must not be "/": it would hide the whole image');
  if (mountPath.includes(':')) report.error('Invalid', path, `must not contain ":"${got(mountPath)}`);
}

function checkSubPaths(mount: Loose<VolumeMount>, path: Path, report: Report): void {
  const { subPath, subPathExpr } = mount;
  for (const field of ['subPath', 'subPathExpr'] as const) {
    const value = mount[field];
    if (value === undefined || value === '') continue;
    if (value.startsWith('/')) report.error('Invalid', [...path, field], `must be a relative path${got(value)}`);
    if (hasDotDot(value)) report.error('Invalid', [...path, field], `must not contain ".."${got(value)}`);
  }
  if (!subPath || !subPathExpr) return;
  const message = 'may not be given beside subPath';
  report.add({ severity: 'error', code: 'Invalid', path: [...path, 'subPathExpr'], at: 'key', message });
}

function checkPropagation(mount: Loose<VolumeMount>, volume: Loose<Volume> | undefined, task: Task): void {
  const { path, view, report } = task;
  const { mountPropagation, recursiveReadOnly, readOnly } = mount;
  const at = [...path, 'mountPropagation'];
  if (mountPropagation === 'Bidirectional' && view.container.securityContext?.privileged !== true) {
    report.error('Forbidden', at, '"Bidirectional" is for privileged containers only');
  }
  const spreads = mountPropagation !== undefined && mountPropagation !== 'None';
  if (spreads && volume?.image !== undefined) report.error('Forbidden', at, 'may not be set for an image volume');
  if (recursiveReadOnly === undefined || recursiveReadOnly === 'Disabled') return;
  const field = [...path, 'recursiveReadOnly'];
  if (readOnly !== true) report.error('Forbidden', field, 'may only be set with readOnly: true');
  if (spreads) report.error('Forbidden', field, 'may only be set with mountPropagation "None"');
}

function checkUniquePaths({ container, path }: ContainerView, report: Report): void {
  const mounts = container.volumeMounts ?? [];
  const devices = container.volumeDevices ?? [];
  const places = [
    ...mounts.map((mount, index) => ({ target: mount.mountPath, path: [...path, 'volumeMounts', index, 'mountPath'] })),
    ...devices.map((device, index) => ({
      target: device.devicePath,
      path: [...path, 'volumeDevices', index, 'devicePath'],
    })),
  ];
  for (const { index, key } of duplicates(places.map(({ target }) => target && cleanPath(target)))) {
    const place = places[index];
    if (place !== undefined) report.error('Invalid', place.path, `must be unique: "${key}" is there already`);
  }
}

function checkDevices({ container, path }: ContainerView, spec: LooseSpec, report: Report): void {
  container.volumeDevices?.forEach((device, index) => {
    if (device.name === undefined || device.name === '') return;
    const at = [...path, 'volumeDevices', index, 'name'];
    const volume = volumesByName(spec).get(device.name ?? '');
    if (volume === undefined) report.error('NotFound', at, `there is no volume named "${device.name}"`);
    else if (volume.persistentVolumeClaim === undefined && volume.ephemeral === undefined) {
      report.error('Invalid', at, 'block devices come from a persistentVolumeClaim only');
    }
  });
}
