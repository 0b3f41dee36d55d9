// image: the content of an image. Nothing is made here: the image is pulled like a container's and mounted by the runtime.
// Rule: https://kubernetes.io/docs/concepts/storage/volumes/#image
import type { VolumeType } from './volumeType.ts';

export const imageVolume: VolumeType = {
  setUp: async () => ({ hostPath: '', readOnly: true }),
  refreshes: false,
};
