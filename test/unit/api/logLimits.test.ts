import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logLimitsOf, parseLogFiles, parseLogSize } from '../../../src/api/logLimits.ts';

test('A size is a quantity of bytes, negative for no limit', () => {
  const cases: readonly (readonly [string, number | string])[] = [
    ['10Mi', 10_485_760],
    ['1k', 1000],
    ['0.5', 1],
    ['-1', Number.POSITIVE_INFINITY],
    ['0', 'must be more than 0, or negative for logs without limit'],
    ['ten', 'must be a size such as 10Mi'],
    ['', 'must be a size such as 10Mi'],
  ];
  for (const [text, want] of cases) {
    const parsed = parseLogSize(text);
    assert.equal(parsed.ok ? parsed.value : parsed.error, want, text);
  }
});

test('At least two files are kept', () => {
  const texts = ['2', '1000', '1', '1001', '-5', '2.5', 'five', ''];
  assert.deepEqual(
    texts.map((text) => parseLogFiles(text).ok),
    [true, true, false, false, false, false, false, false],
  );
});

test("A pod's annotations win over the node's limits, one by one", () => {
  const node = { maxBytes: 10, maxFiles: 5 };
  const [size, files] = ['solopod.dev/container-log-max-size', 'solopod.dev/container-log-max-files'];
  assert.deepEqual(logLimitsOf({}, node), node);
  assert.deepEqual(logLimitsOf({ [size]: '1Ki' }, node), { maxBytes: 1024, maxFiles: 5 });
  assert.deepEqual(logLimitsOf({ [files]: '3', [size]: 'nonsense' }, node), { maxBytes: 10, maxFiles: 3 });
});
