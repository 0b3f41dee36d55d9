import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLineSplitter, createLogFilter } from '../../../src/platform/criLogLines.ts';
import type { LogQuery } from '../../../src/ports/containerLogs.ts';

const LINES = [
  '2026-01-02T03:04:05.1Z stdout F one\n',
  '2026-01-02T03:04:06.25Z stderr P two, ',
  '\n2026-01-02T03:04:06.250000001Z stderr F and more\n',
  '2026-01-02T03:04:07Z stdout F three\n',
];

function passed(query: Partial<LogQuery>, text = LINES.join('')): string {
  const filter = createLogFilter({ timestamps: false, ...query });
  return filter.pass(createLineSplitter().push(Buffer.from(text))).toString();
}

describe('lines of a log file', () => {
  const cases: readonly (readonly [string, Partial<LogQuery>, string])[] = [
    ['What was written, the parts of a long line joined', {}, 'one\ntwo, and more\nthree\n'],
    [
      'With times of nine digits, once per line',
      { timestamps: true },
      '2026-01-02T03:04:05.100000000Z one\n2026-01-02T03:04:06.250000000Z two, and more\n2026-01-02T03:04:07.000000000Z three\n',
    ],
    ['Since a time, inclusive', { since: Date.parse('2026-01-02T03:04:06.25Z') }, 'two, and more\nthree\n'],
    ['Until a time, exclusive', { until: Date.parse('2026-01-02T03:04:07Z') }, 'one\ntwo, and more\n'],
    ['One stream', { stream: 'stdout' }, 'one\nthree\n'],
    ['No more bytes than asked for', { limitBytes: 6 }, 'one\ntw'],
  ];
  for (const [name, query, expected] of cases) it(name, () => assert.equal(passed(query), expected));

  it('What is no line of this format is left out', () => {
    assert.equal(passed({}, 'nonsense\n\n2026-01-02T03:04:05Z stdout F fine\n'), 'fine\n');
  });

  it('An offset of a time zone stays', () => {
    const line = '2026-01-02T03:04:05.5+02:00 stdout F x\n';
    assert.equal(passed({ timestamps: true }, line), '2026-01-02T03:04:05.500000000+02:00 x\n');
  });

  it('Lines come whole, wherever the file was cut, and one without an end does not grow for ever', () => {
    const splitter = createLineSplitter(8);
    const pushed = ['ab', 'c\nde\n', 'f', '123456789', 'x\n'].map((text) =>
      splitter.push(Buffer.from(text)).map(String),
    );
    assert.deepEqual(pushed, [[], ['abc\n', 'de\n'], [], ['f123456789'], ['x\n']]);
  });

  it('Bytes that are no UTF-8 pass as they are', () => {
    const bytes = Buffer.from([0xff, 0x00, 0x1b, 0x0a]);
    const line = Buffer.concat([Buffer.from('2026-01-02T03:04:05Z stdout F '), bytes]);
    assert.deepEqual(createLogFilter({ timestamps: false }).pass([line]), bytes);
  });
});
