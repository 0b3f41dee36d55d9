// Turns the .proto files in schemas/ into one JSON descriptor, so that nothing parses text or reads files at start.
// Runs at build time only (`node src/build/criDescriptor.ts`). protobufjs is proto-loader's own parser, not one more
// dependency; proto-loader's fromJSON ignores keepCase, so the names are made lowerCamelCase here.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';

const SOURCES = ['schemas/cri.proto', 'schemas/containerd-events.proto', 'schemas/containerd-content.proto'];
const OUTPUT = 'src/generated/cri.json';

/** Writes src/generated/cri.json below `projectRoot` and returns its path; the same input gives the same bytes. */
export function generateCriDescriptor(projectRoot: string): string {
  const root = new protobuf.Root();
  for (const source of SOURCES) {
    protobuf.parse(readFileSync(join(projectRoot, source), 'utf8'), root, { keepCase: false });
  }
  root.resolveAll();
  const output = join(projectRoot, OUTPUT);
  mkdirSync(dirname(output), { recursive: true });
  writeFileSync(output, `${JSON.stringify(root.toJSON())}\n`);
  return output;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) generateCriDescriptor(join(import.meta.dirname, '..', '..'));
