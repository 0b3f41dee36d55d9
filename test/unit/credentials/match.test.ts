import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchingCredentials, repositoryName, serversOf } from '../../../src/credentials/match.ts';

/** One entry for each key; its user is the key. */
function found(keys: readonly string[], image: string): readonly string[] {
  const entries = keys.map((key) => ({ key, credential: { username: key, password: '', identityToken: '' } }));
  return matchingCredentials(entries, image).map(({ username }) => username);
}

const SINGLE: readonly (readonly [key: string, image: string, fits: boolean])[] = [
  ['reg.example', 'reg.example/app:1', true],
  ['https://reg.example', 'reg.example/app:1', true],
  ['http://reg.example/', 'reg.example/app:1', true],
  ['https://reg.example/v1/', 'reg.example/app', true],
  ['https://reg.example/v2/team/', 'reg.example/team/app', true],
  ['reg.example', 'reg.example:5000/app', false],
  ['reg.example:5000', 'reg.example:5000/app', true],
  ['reg.example:5000', 'reg.example/app', false],
  ['reg.example/team', 'reg.example/team/app', true],
  ['reg.example/team', 'reg.example/teams/app', true],
  ['reg.example/team', 'reg.example/other/app', false],
  ['*.example', 'reg.example/app', true],
  ['*.example', 'a.reg.example/app', false],
  ['r[a-f]g.example', 'reg.example/app', true],
  ['r[^a-f]g.example', 'reg.example/app', false],
  ['r\\eg.example', 'reg.example/app', true],
  ['r[eg.example', 'reg.example/app', false],
  ['*', 'reg.example/app', false],
  ['*', 'localhost/app', true],
  ['127.0.0.1:5000', '127.0.0.1:5000/app', true],
  ['user@reg.example', 'reg.example/app', true],
  ['reg.example', 'reg.example/app@sha256:0', false],
  ['', 'reg.example/app', false],
  ['index.docker.io', 'nginx', true],
  ['https://index.docker.io/v1/', 'nginx:1', true],
  ['https://index.docker.io/v1/', 'docker.io/team/app', true],
  ['docker.io', 'nginx', true],
  ['docker.io/library', 'nginx', true],
  ['docker.io/team', 'nginx', false],
  ['index.docker.io', 'reg.example/app', false],
];

for (const [key, image, fits] of SINGLE) {
  test(`a credential for "${key}" is ${fits ? '' : 'not '}for ${image}`, () => {
    assert.deepEqual(found([key], image), fits ? [key] : []);
  });
}

test('the most specific credential comes first, and all that fit follow', () => {
  const keys = ['reg.example', 'https://reg.example/team/app', '*.example', 'reg.example/team', 'other.example'];
  assert.deepEqual(found(keys, 'reg.example/team/app:1'), [
    'https://reg.example/team/app',
    'reg.example/team',
    'reg.example',
    '*.example',
  ]);
});

test('credentials of one key keep their order', () => {
  const credential = (username: string) => ({ username, password: '', identityToken: '' });
  const entries = ['first', 'second'].map((name) => ({ key: 'reg.example', credential: credential(name) }));
  const names = matchingCredentials(entries, 'reg.example/app').map(({ username }) => username);
  assert.deepEqual(names, ['first', 'second']);
});

test('Docker Hub has its own name for helpers, and other registries are known by their host', () => {
  assert.deepEqual(serversOf('nginx'), ['https://index.docker.io/v1/', 'index.docker.io', 'docker.io']);
  assert.deepEqual(serversOf('reg.example:5000/team/app:1'), ['reg.example:5000']);
  assert.deepEqual(serversOf('Not An Image'), []);
});

test('a repository is named with the parts that are implied', () => {
  assert.equal(repositoryName('nginx:1'), 'docker.io/library/nginx');
  assert.equal(repositoryName('reg.example:5000/app'), 'reg.example:5000/app');
  assert.equal(repositoryName('A B'), undefined);
});
