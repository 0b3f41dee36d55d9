// What is inside: the packages that the bundle is made of, as CycloneDX. npm knows them; what it says about the moment and
// the machine is left out, so that the same packages give the same text.
import { run } from '../../platform/run.ts';

const TIMEOUT_MS = 60_000;

interface Bill {
  serialNumber?: string;
  metadata: { timestamp?: string; component: { name: string } };
}

/** @returns JSON. @throws when npm cannot tell */
export async function billOfMaterials(projectRoot: string): Promise<string> {
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev', '--omit', 'optional'];
  const told = await run('npm', args, { cwd: projectRoot, timeoutMs: TIMEOUT_MS });
  if (!told.ok) throw new Error(`Cannot list the packages: ${told.error}`);
  const bill = JSON.parse(told.value) as Bill;
  delete bill.serialNumber;
  delete bill.metadata.timestamp;
  bill.metadata.component.name = 'solopod';
  return `${JSON.stringify(bill, null, 2)}\n`;
}
