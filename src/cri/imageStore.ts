// What the runtime stores: its images, where they are on disk, and the removal of one.
import type { Fault } from '../api/fault.ts';
import { ok, type Result } from '../lib/result.ts';
import type { ImageStorePort } from '../ports/upkeep.ts';
import type { CriChannel } from './channel.ts';
import { goneIsDone } from './sandboxes.ts';

const REASON = 'ImageGCFailed';

export function createImageStore(channel: CriChannel): ImageStorePort {
  return {
    async list(signal) {
      const answer = await channel.unary('ImageService/ListImages', {}, { reason: REASON, signal });
      if (!answer.ok) return answer;
      return ok(
        answer.value.images.map(({ id, repoTags, repoDigests, size, pinned }) => ({
          id,
          names: [...repoTags, ...repoDigests],
          sizeBytes: Number(size),
          pinned,
        })),
      );
    },
    async remove(id, signal) {
      return goneIsDone(
        await channel.unary('ImageService/RemoveImage', { image: { image: id } }, { reason: REASON, signal }),
      );
    },
    async mountpoint(signal) {
      const answer = await channel.unary('ImageService/ImageFsInfo', {}, { reason: REASON, signal });
      if (!answer.ok) return answer;
      return ok(answer.value.imageFilesystems[0]?.fsId?.mountpoint || undefined);
    },
    sandboxImage: (signal) => askSandboxImage(channel, signal),
  };
}

/** Older runtimes do not mark it as pinned, but tell its name in their configuration. */
async function askSandboxImage(channel: CriChannel, signal: AbortSignal): Promise<Result<string | undefined, Fault>> {
  const answer = await channel.unary('RuntimeService/Status', { verbose: true }, { reason: REASON, signal });
  if (!answer.ok) return answer;
  try {
    const config: unknown = JSON.parse(answer.value.info['config'] ?? '{}');
    const name =
      typeof config === 'object' && config !== null && 'sandboxImage' in config ? config.sandboxImage : undefined;
    return ok(typeof name === 'string' && name !== '' ? name : undefined);
  } catch {
    return ok(undefined);
  }
}
