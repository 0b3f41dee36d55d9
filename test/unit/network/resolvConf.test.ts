import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseResolvConf } from '../../../src/network/resolvConf.ts';

describe('parseResolvConf', () => {
  const cases: readonly (readonly [string, string, ReturnType<typeof parseResolvConf>])[] = [
    ['reads nothing from nothing', '', { servers: [], searches: [], options: [] }],
    [
      'adds servers up',
      'nameserver 192.0.2.1\n  nameserver\tfd00::1 extra\nnameserver\n',
      { servers: ['192.0.2.1', 'fd00::1'], searches: [], options: [] },
    ],
    [
      'lets the last search and options lines win',
      'search a b\noptions ndots:2\nsearch c.lab. .\noptions edns0 trust-ad\n',
      { servers: [], searches: ['c.lab', '.'], options: ['edns0', 'trust-ad'] },
    ],
    [
      'passes over comments and what it does not know',
      '# nameserver 192.0.2.9\n; search x\nsortlist 1\nnameserver 192.0.2.1\r\n',
      { servers: ['192.0.2.1'], searches: [], options: [] },
    ],
  ];
  for (const [name, text, expected] of cases) {
    it(name, () => assert.deepEqual(parseResolvConf(text), expected));
  }

  it('takes any text', () => {
    fc.assert(fc.property(fc.string(), (text) => parseResolvConf(text).servers.every((server) => server !== '')));
  });
});
