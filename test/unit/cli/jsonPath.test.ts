import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseJsonPath } from '../../../src/cli/jsonPath.ts';

const VALUE = {
  kind: 'List',
  items: [
    {
      metadata: { name: 'a', labels: { 'x.y/z': '1' } },
      status: {
        conditions: [
          { type: 'Ready', status: 'True' },
          { type: 'Other', status: 'False' },
        ],
      },
    },
    { metadata: { name: 'b' }, n: 0 },
  ],
};

describe('JSONPath templates', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['{.kind}', 'List'],
    ['.kind', 'List'],
    ['{.items[*].metadata.name}', 'a b'],
    ['{.items[-1].metadata.name}', 'b'],
    ['{.items[1].n}', '0'],
    ['{.items[0].metadata.labels.x\\.y/z}', '1'],
    ["{.items[0].metadata.labels['x.y/z']}", '1'],
    ['{..name}', 'a b'],
    ['{.items[0].status.conditions[?(@.type=="Ready")].status}', 'True'],
    ["{.items[0].status.conditions[?(@.type!='Ready')].type}", 'Other'],
    ['{range .items[*]}{.metadata.name}{"\\t"}{.n}{"\\n"}{end}', 'a\t\nb\t0\n'],
    ['name: {.items[0].metadata.name}!', 'name: a!'],
    ['{.none.at.all}', ''],
    ['{.items[0].metadata}', '{"name":"a","labels":{"x.y/z":"1"}}'],
    ['{.constructor}', ''],
  ];
  for (const [text, expected] of cases) {
    it(`${text} prints ${JSON.stringify(expected)}`, () => {
      const template = parseJsonPath(text);
      assert.ok(template.ok);
      assert.equal(template.value(VALUE), expected);
    });
  }

  for (const text of ['{', '{.a', '{range .a}x', '{end}', '{.a[}', '{.a b}']) {
    it(`${text} is refused as wrong usage`, () => {
      const template = parseJsonPath(text);
      assert.ok(!template.ok);
      assert.equal(template.error.exitCode, 2);
    });
  }
});
