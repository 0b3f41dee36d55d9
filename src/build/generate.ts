// Makes src/generated: validators compiled from the schemas, the CRI descriptor compiled from the proto file.
// Nothing in it is committed; it is made again by every build and before every test run.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { generateValidators } from './ajv.ts';
import { generateConfigValidator } from './ajvConfig.ts';
import { generateCriDescriptor } from './criDescriptor.ts';

export async function generate(projectRoot: string): Promise<void> {
  mkdirSync(path.join(projectRoot, 'src/generated'), { recursive: true });
  await generateValidators(projectRoot);
  await generateConfigValidator(projectRoot);
  await generateCriDescriptor(projectRoot);
}

if (process.argv[1] === import.meta.filename) await generate(path.resolve(import.meta.dirname, '../..'));
