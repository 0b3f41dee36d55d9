// Image messages to LocalImage. Pure.
import type { LocalImage } from '../../api/observed.ts';
import type { ReadImage } from '../messages.ts';

/** @param ref what a pull answered, when there was one; else the image's id is the reference */
export function decodeImage(image: ReadImage, ref?: string): LocalImage {
  return {
    ref: ref || image.id,
    sizeBytes: Number(image.size),
    ...(image.uid === null ? {} : { uid: Number(image.uid.value) }),
    ...(image.username === '' ? {} : { username: image.username }),
  };
}
