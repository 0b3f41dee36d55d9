import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDockerConfig } from '../../../src/credentials/dockerConfig.ts';

const encode = (text: string): string => Buffer.from(text).toString('base64');
const user = (username: string, password: string, identityToken = '') => ({ username, password, identityToken });

test('an entry holds its credential encoded, plainly, or as a token', () => {
  const auths = {
    a: { auth: encode('jane:pass:word') },
    b: { username: 'jane', password: 'plain' },
    c: { auth: encode('jane:'), identitytoken: 'tok' },
    d: { auth: encode('jane:padded\0\0') },
    helped: {},
  };
  assert.deepEqual(parseDockerConfig(JSON.stringify({ auths }), 'config'), {
    ok: true,
    value: {
      entries: [
        { key: 'a', credential: user('jane', 'pass:word') },
        { key: 'b', credential: user('jane', 'plain') },
        { key: 'c', credential: user('jane', '', 'tok') },
        { key: 'd', credential: user('jane', 'padded') },
      ],
      credHelpers: {},
      troubles: [],
    },
  });
});

test('helpers are named in config.json only', () => {
  const text = JSON.stringify({ credsStore: 'pass', credHelpers: { 'reg.example': 'ecr', bad: 7 } });
  assert.deepEqual(parseDockerConfig(text, 'config'), {
    ok: true,
    value: { entries: [], credHelpers: { 'reg.example': 'ecr' }, credsStore: 'pass', troubles: [] },
  });
  const legacy = parseDockerConfig(JSON.stringify({ 'reg.example': { auth: encode('a:b') } }), 'legacy');
  assert.deepEqual(legacy, {
    ok: true,
    value: { entries: [{ key: 'reg.example', credential: user('a', 'b') }], credHelpers: {}, troubles: [] },
  });
});

test('one bad entry does not cost the others, and what it holds is not repeated', () => {
  const auths = {
    good: { auth: encode('a:b') },
    bad: { auth: 'hunter2!' },
    list: [],
    colonless: { auth: encode('ab') },
  };
  const parsed = parseDockerConfig(JSON.stringify({ auths }), 'config');
  assert.deepEqual(parsed, {
    ok: true,
    value: {
      entries: [{ key: 'good', credential: user('a', 'b') }],
      credHelpers: {},
      troubles: [
        'has an entry for "bad" that has an "auth" that is not base64 of user:password',
        'has an entry for "list" that is not a JSON object',
        'has an entry for "colonless" that has an "auth" that is not base64 of user:password',
      ],
    },
  });
});

test('what is no docker config is refused without quoting it', () => {
  const BAD: readonly (readonly [string, string])[] = [
    ['hunter2', 'is not a JSON object'],
    ['{"auths": {"reg": {"password": "hunter2"', 'is not a JSON object'],
    ['["hunter2"]', 'is not a JSON object'],
    ['', 'is not a JSON object'],
    ['{"auths": "hunter2"}', 'has "auths" that is not a JSON object'],
  ];
  for (const [text, error] of BAD) assert.deepEqual(parseDockerConfig(text, 'config'), { ok: false, error }, text);
});
