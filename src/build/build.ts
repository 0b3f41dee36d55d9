// Builds solopod: makes the generated sources, then bundles everything into dist/solopod.cjs.
import { bundle, PROJECT_ROOT } from './bundle.ts';
import { generate } from './generate.ts';

await generate(PROJECT_ROOT);
await bundle('dist/solopod.cjs', { minify: false });
