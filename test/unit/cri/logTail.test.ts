import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tailOfLog } from '../../../src/cri/logTail.ts';

const line = (tags: string, content: string): string => `2026-01-01T00:00:00.000000001Z stdout ${tags} ${content}\n`;

function tail(log: string, more: Partial<Parameters<typeof tailOfLog>[1]> = {}): string {
  return tailOfLog(Buffer.from(log), { linesMax: 80, bytesMax: 2048, startsMidLine: false, ...more }).toString();
}

describe('tailOfLog', () => {
  it('gives the content of whole lines without their stamps', () => {
    assert.equal(tail(line('F', 'one') + line('F', '') + line('F', 'a b  c')), 'one\n\na b  c\n');
  });
  it('joins the parts of a long line', () => {
    assert.equal(tail(line('P', 'begin') + line('P:x', '-middle') + line('F', '-end')), 'begin-middle-end\n');
  });
  it('gives the last lines only', () => {
    const log = Array.from({ length: 100 }, (_, index) => line('F', String(index))).join('');
    assert.equal(tail(log, { linesMax: 3 }), '97\n98\n99\n');
  });
  it('gives the last bytes only', () => {
    assert.equal(tail(line('F', '0123456789'), { bytesMax: 4 }), '789\n');
  });
  it('leaves out the rest of a line that the window has cut', () => {
    assert.equal(tail(`of a line that began before\n${line('F', 'whole')}`, { startsMidLine: true }), 'whole\n');
  });
  it('keeps a last line that is still being written', () => {
    assert.equal(tail(line('F', 'one') + line('F', 'two').slice(0, -1)), 'one\ntwo');
  });
  it('gives nothing for an empty log and for lines that are not of this format', () => {
    assert.equal(tail(''), '');
    assert.equal(tail('garbage\n'), '');
  });
});
