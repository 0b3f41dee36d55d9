// `images`: what is stored on this machine, so that a pod starts without a registry.
import { err, ok, type Result } from '../../lib/result.ts';
import { callRunner } from '../client.ts';
import { type Cli, fail } from '../command.ts';
import { EXIT, type Failure } from '../exitCodes.ts';
import { formatJson, formatTable, formatYaml } from '../output.ts';
import { socketPath } from '../settings.ts';

export interface ImagesQuery {
  readonly format: 'table' | 'json' | 'yaml';
  readonly quiet: boolean;
}

interface Image {
  readonly id: string;
  readonly names: readonly string[];
  readonly sizeBytes: number;
  readonly pinned: boolean;
}

export async function showImages(cli: Cli, { format, quiet }: ImagesQuery): Promise<number> {
  const { io } = cli;
  const socket = await socketPath(cli);
  if (!socket.ok) return fail(io, socket.error);
  const images = await readImages(socket.value);
  if (!images.ok) return fail(io, images.error);
  if (format === 'json') io.out(formatJson({ images: images.value }));
  else if (format === 'yaml') io.out(await formatYaml({ images: images.value }));
  else if (quiet) io.out(images.value.map(({ id }) => `${id}\n`).join(''));
  else if (images.value.length === 0) io.err('No images.\n');
  else
    io.out(
      formatTable(
        imageRows(images.value).map((row) => row.map((text) => ({ text }))),
        { colour: io.colour },
      ),
    );
  return EXIT.done;
}

async function readImages(socket: string): Promise<Result<readonly Image[], Failure>> {
  const answer = await callRunner(socket, { method: 'GET', path: '/images' });
  if (!answer.ok) return answer;
  const value = answer.value;
  if (typeof value === 'object' && value !== null && 'images' in value && Array.isArray(value.images))
    return ok(value.images);
  return err({ exitCode: EXIT.unreachable, message: 'The runner tells nothing of images' });
}

const ID_CHARS = 13;

/** A row for each name; what was pulled by digest only has no tag. */
export function imageRows(images: readonly Image[]): readonly (readonly string[])[] {
  const rows = images.flatMap(({ id, names, sizeBytes, pinned }) => {
    const tags = names.filter((name) => !name.includes('@'));
    const shown = tags.length > 0 ? tags : names.slice(0, 1);
    const short = id.replace(/^sha256:/, '').slice(0, ID_CHARS);
    return (shown.length > 0 ? shown : ['<none>']).map((name) => [
      name,
      short,
      sizeText(sizeBytes),
      pinned ? 'yes' : '',
    ]);
  });
  return [['IMAGE', 'ID', 'SIZE', 'PINNED'], ...rows.toSorted((a, b) => ((a[0] ?? '') < (b[0] ?? '') ? -1 : 1))];
}

function sizeText(bytes: number): string {
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)}kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)}MB` : `${(bytes / 1e9).toFixed(2)}GB`;
}
