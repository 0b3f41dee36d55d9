// A process of few file descriptors that watches a directory, takes every descriptor, and gives them back. Started by
// faults.test.ts; tells its story on standard output.
import * as fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createDirectorySource } from '../../../src/source/directory.ts';
import { now, podText, SourceLab } from '../../support/sourceLab.ts';

const dir = process.argv[2] ?? '';
const say = (line: string): void => void fs.writeSync(1, `${line}\n`);
const hooks: (() => Promise<void>)[] = [];
const context = { after: (hook: () => Promise<void>) => hooks.push(hook) };

const lab = await SourceLab.open(context as never, {
  state: path.join(dir, '..', 'state'),
  sources: () => [createDirectorySource({ path: dir, intervalMs: 100, now })],
});
await lab.untilPods({ a: 'v1', b: 'v1' });
say(`start ${JSON.stringify(lab.pods)}`);

fs.writeFileSync(`${dir}/.a.tmp`, podText('a', 'v2'));
const taken: number[] = [];
takeAll();
// Also what a scan that was under way gives back.
const greed = setInterval(takeAll, 5);
fs.renameSync(`${dir}/.a.tmp`, `${dir}/a.yaml`);
await lab.untilTrouble(/too many open files \(EMFILE\)/);
say('exhausted: too many open files');
await pause(500);
say(`meanwhile ${JSON.stringify(lab.pods)} lost ${JSON.stringify(lab.lost)}`);
clearInterval(greed);
for (const descriptor of taken) fs.closeSync(descriptor);
await lab.untilPods({ a: 'v2', b: 'v1' });
say(`after ${JSON.stringify(lab.pods)} lost ${JSON.stringify(lab.lost)}`);
for (const hook of hooks) await hook();

function takeAll(): void {
  try {
    for (;;) taken.push(fs.openSync('/dev/null', 'r'));
  } catch {
    // Every descriptor is taken.
  }
}
