import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatStamp, isFlood, nextStamp, planRotation, restMs } from '../../../src/upkeep/logRotation.ts';

const LOG = '0.log';

describe('log rotation', () => {
  it('keeps the newest file plain until the next turn, compresses the others and removes the oldest', () => {
    const cases: { readonly name: string; readonly files: readonly string[]; readonly want: object }[] = [
      { name: 'nothing rotated yet', files: [LOG], want: { remove: [], compress: [] } },
      {
        name: 'one earlier rotation',
        files: [LOG, '0.log.20260101-000001'],
        want: { remove: [], compress: ['0.log.20260101-000001'] },
      },
      {
        name: 'at the limit of five',
        files: [
          '0.log.20260101-000003.gz',
          '0.log.20260101-000001.gz',
          '0.log.20260101-000004',
          '0.log.20260101-000002.gz',
          LOG,
        ],
        want: { remove: ['0.log.20260101-000001.gz'], compress: ['0.log.20260101-000004'] },
      },
      {
        name: 'left by a compression that was killed, before and after its end',
        files: [
          '0.log.20260101-000001',
          '0.log.20260101-000001.tmp',
          '0.log.20260101-000002',
          '0.log.20260101-000002.gz',
        ],
        want: {
          remove: ['0.log.20260101-000001.tmp', '0.log.20260101-000002'],
          compress: ['0.log.20260101-000001'],
        },
      },
      {
        name: 'another instance of the container',
        files: ['1.log', '1.log.20260101-000001', '10.log', '0.logs'],
        want: { remove: [], compress: [] },
      },
    ];
    for (const { name, files, want } of cases)
      assert.deepEqual(planRotation(files, { logName: LOG, maxFiles: 5 }), want, name);
  });

  it('keeps none but the newest rotated file where two files are allowed', () => {
    const files = [LOG, '0.log.20260101-000001.gz', '0.log.20260101-000002'];
    assert.deepEqual(planRotation(files, { logName: LOG, maxFiles: 2 }), { remove: files.slice(1), compress: [] });
  });

  it('names rotated files by local time, in the order of rotation whatever the clock does', () => {
    const files = [LOG, '0.log.20260101-120000.gz', '0.log.20251231-235959'];
    assert.equal(nextStamp(files, LOG, '20260101-120001'), '20260101-120001');
    assert.equal(nextStamp(files, LOG, '20260101-120000'), '20260101-120001', 'twice in one second');
    assert.equal(nextStamp(files, LOG, '20200101-000000'), '20260101-120001', 'the clock was set back');
    assert.equal(nextStamp(['0.log.20261231-235959'], LOG, '20260101-000000'), '20270101-000000');
    assert.equal(nextStamp([LOG, '0.log.old'], LOG, '20260101-120000'), '20260101-120000', 'no name of ours');
    assert.equal(formatStamp(new Date('2026-01-31T23:59:58.900Z')), '20260131-235958');
  });

  it('looks at a log again before it can be full', () => {
    const limits = { maxBytes: 10_000_000, longestMs: 10_000 };
    const at = (bytes: number, ms: number) => ({ bytes, at: ms });
    assert.equal(restMs(undefined, at(5, 0), limits), 10_000, 'seen for the first time');
    assert.equal(restMs(at(5, 0), at(5, 10_000), limits), 10_000, 'idle');
    assert.equal(restMs(at(9_000, 0), at(5, 10_000), limits), 10_000, 'truncated');
    assert.equal(restMs(at(0, 0), at(2_000_000, 2_000), limits), 4_000, 'full in 8 s');
    assert.equal(restMs(at(0, 0), at(9_900_000, 100), limits), 1_000, 'flooded');
    assert.equal(restMs(at(0, 0), at(99, 1), { ...limits, maxBytes: Number.POSITIVE_INFINITY }), 10_000, 'no limit');
  });

  it('knows a flood by two rotations in a short time', () => {
    assert.deepEqual([isFlood(undefined, 5), isFlood(0, 4_999), isFlood(0, 5_000)], [false, true, false]);
  });
});
