import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { envFileValue } from '../../../src/api/envFile.ts';

describe('envFileValue', () => {
  const values: readonly (readonly [string, string, string, string | undefined])[] = [
    ['leading blanks', "  A='1'\n\t B='2'\n", 'B', '2'],
    ['blank lines and comments', "# A='0'\n\n  # x\nA='1' # it's one\n", 'A', '1'],
    ['no newline at the end', "A='1'", 'A', '1'],
    ['an empty value', "A=''\nB='2'", 'A', ''],
    ['"#", "=" and "$" in a value', "A='x#y=z $B `c` \\n'", 'A', 'x#y=z $B `c` \\n'],
    ['a value over several lines', "A='one\n # two\n\nthree '\nB='2'", 'A', 'one\n # two\n\nthree '],
    ['blanks within a value', "A='  x  '  \n", 'A', '  x  '],
    ['the first of two values', "A='1'\nA='2'", 'A', '1'],
    ['nothing for a key that is not there', "A='1'\n", 'B', undefined],
    ['nothing in an empty file', '', 'A', undefined],
    ['what comes before a broken line', "A='1'\nbroken", 'A', '1'],
  ];
  for (const [title, text, key, expected] of values) {
    it(`reads ${title}`, () => assert.deepEqual(envFileValue(text, key), { ok: true, value: expected }));
  }

  const errors: readonly (readonly [string, string, string])[] = [
    ['a line without "="', "A='1'\nsecret", "line 2 must have the form NAME='value'"],
    ['a line without a name', "='secret'", "line 1 must have the form NAME='value'"],
    ['blanks before "="', "KEY ='secret'", 'line 1 has blanks before "="'],
    ['blanks after "="', "KEY= 'secret'", 'the value at line 1 must be enclosed in single quotes'],
    ['a bare value', '\n\nKEY=secret', 'the value at line 3 must be enclosed in single quotes'],
    ['double quotes', 'KEY="secret"', 'the value at line 1 must be enclosed in single quotes'],
    ['a quote that is not closed', "KEY='secret", 'the value at line 1 must be enclosed in single quotes'],
    ['two strings in a row', "KEY='se''cret'", 'line 1 goes on after the closing quote'],
    ['a comment without a blank', "KEY='secret'#x", 'line 1 goes on after the closing quote'],
    ['more after the quote', "A='1'\nB='x\ny'z", 'line 3 goes on after the closing quote'],
  ];
  for (const [title, text, message] of errors) {
    it(`refuses ${title}, and does not repeat it`, () =>
      assert.deepEqual(envFileValue(text, 'KEY'), { ok: false, error: message }));
  }
});
