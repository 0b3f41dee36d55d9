import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { formatAge, formatJson, formatSince, formatTable, formatYaml } from '../../../src/cli/output.ts';
import { printable } from '../../../src/manifest/format.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const AGES: readonly (readonly [number, string])[] = [
  [-5 * SECOND, '0s'],
  [0, '0s'],
  [45 * SECOND, '45s'],
  [119 * SECOND, '119s'],
  [2 * MINUTE, '2m'],
  [2 * MINUTE + 10 * SECOND, '2m10s'],
  [10 * MINUTE + 10 * SECOND, '10m'],
  [179 * MINUTE, '179m'],
  [3 * HOUR, '3h'],
  [3 * HOUR + 5 * MINUTE, '3h5m'],
  [8 * HOUR + 5 * MINUTE, '8h'],
  [47 * HOUR, '47h'],
  [2 * DAY + 3 * HOUR, '2d3h'],
  [8 * DAY + 3 * HOUR, '8d'],
  [729 * DAY, '729d'],
  [740 * DAY, '2y10d'],
  [9 * 365 * DAY, '9y'],
];

for (const [milliseconds, expected] of AGES) {
  test(`${milliseconds} ms are ${expected}`, () => assert.equal(formatAge(milliseconds), expected));
}

test('an unknown time has an unknown age', () => {
  assert.deepEqual([formatSince(undefined, 0), formatSince('yesterday', 0)], ['<unknown>', '<unknown>']);
});

test('a table has left-aligned columns, no trailing space and colours that do not widen it', () => {
  const rows = [
    [{ text: 'NAME' }, { text: 'STATUS' }, { text: 'IP' }],
    [{ text: 'web' }, { text: 'Running', colour: 'green' }, { text: '' }],
    [{ text: 'a\u001b' }, { text: 'Bad' }, { text: '10.0.0.1' }],
  ] as const;
  assert.equal(
    formatTable(rows, { colour: false }),
    'NAME      STATUS    IP\nweb       Running\na\\u001b   Bad       10.0.0.1\n',
  );
  assert.equal(
    formatTable(rows, { colour: true }),
    'NAME      STATUS    IP\nweb       \u001b[32mRunning\u001b[0m\na\\u001b   Bad       10.0.0.1\n',
  );
});

test('widths carried over line up later rows', () => {
  const widths: number[] = [];
  formatTable([[{ text: 'longer name' }, { text: 'x' }]], { colour: false, widths });
  assert.equal(formatTable([[{ text: 'web' }, { text: 'y' }]], { colour: false, widths }), 'web           y\n');
});

const HOSTILE = {
  a: 'yes',
  b: '0400',
  c: 'x\u001b[31m\u009b31m\u202e',
  d: 'two\nlines\n',
  'k\u009b': '\u009b',
  n: 1,
  l: [true],
};

test('JSON and YAML say the same as the value and hold no control characters', async () => {
  const json = formatJson(HOSTILE);
  const yaml = await formatYaml(HOSTILE);
  assert.deepEqual([JSON.parse(json), parse(yaml), parse(yaml, { version: '1.1' })], [HOSTILE, HOSTILE, HOSTILE]);
  const lines = `${json}${yaml}`.split('\n');
  assert.deepEqual(lines.map(printable), lines);
});
