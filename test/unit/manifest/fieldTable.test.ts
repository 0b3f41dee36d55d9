// README.md and FIELDS.md say what the validators do. UPDATE=1 writes both.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { fields } from '../../../src/generated/validate.js';
import { FIELD_SUPPORT } from '../../../src/manifest/fieldSupport.ts';
import { shortFieldTable, TABLE_BEGIN, TABLE_END, wholeFieldTable } from '../../../src/manifest/fieldTable.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const README = path.join(ROOT, 'README.md');
const WHOLE = path.join(ROOT, 'src/manifest/FIELDS.md');
const HINT = 'README.md or FIELDS.md is out of date; run: UPDATE=1 node --test test/unit/manifest/fieldTable.test.ts';
const updates = process.env['UPDATE'] === '1';

test('README says of every field of PodSpec what becomes of it', async () => {
  const text = await readFile(README, 'utf8');
  const [before = '', rest = ''] = text.split(TABLE_BEGIN);
  const [, after = ''] = rest.split(TABLE_END);
  const wanted = `${before}${TABLE_BEGIN}\n\n${shortFieldTable()}\n\n${TABLE_END}${after}`;
  if (updates) await writeFile(README, wanted);
  else assert.ok(text === wanted, HINT);
});

test('FIELDS.md says it of every field of every definition that is looked into', async () => {
  const wanted = wholeFieldTable();
  if (updates) await writeFile(WHOLE, wanted);
  else assert.ok((await readFile(WHOLE, 'utf8')) === wanted, HINT);
});

test('the short table names every field of PodSpec once', () => {
  const named = [...shortFieldTable().matchAll(/`(\w+)`/g)].map(([, field]) => field ?? '');
  assert.deepEqual(named.toSorted(), Object.keys(fields['PodSpec'] ?? {}).toSorted());
});

test('the whole table has a line for every entry', () => {
  const entries = Object.values(FIELD_SUPPORT).reduce((sum, definition) => sum + Object.keys(definition).length, 0);
  assert.equal(wholeFieldTable().match(/^\| `/gm)?.length, entries);
});
