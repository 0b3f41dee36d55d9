import assert from 'node:assert/strict';
import { test } from 'node:test';
import { handlerUrl, redirectUrl } from '../../../src/probe/httpUrl.ts';

const ADDRESS = { host: '10.0.0.7', port: 8080 };

const PATHS: readonly (readonly [path: string | undefined, requestTarget: string])[] = [
  [undefined, '/'],
  ['', '/'],
  ['/healthz', '/healthz'],
  ['healthz', '/healthz'],
  ['/a/../b//c', '/a/../b//c'],
  ['/q?a=b&c=d e', '/q?a=b&c=d%20e'],
  ['/x#part', '/x'],
  ['/a b', '/a%20b'],
  ['/a%20b', '/a%20b'],
  ['/a%zz?x', '/a%25zz%3Fx'],
  ['/ü', '/%C3%BC'],
  ['/\ud800', '/%EF%BF%BD'],
  ['http://elsewhere:1/p?q', '/p?q'],
  ['//elsewhere/p', '/p'],
  ['/a\r\nX: y', '/a%0D%0AX:%20y'],
];

for (const [path, requestTarget] of PATHS) {
  test(`Path ${JSON.stringify(path)} is asked for as ${requestTarget}`, () => {
    const url = handlerUrl(path === undefined ? { port: 1 } : { port: 1, path }, ADDRESS);
    assert.equal(url.requestTarget, requestTarget);
    assert.equal(url.href, `http://10.0.0.7:8080${requestTarget}`);
  });
}

const REDIRECTS: readonly (readonly [location: string, href: string | undefined])[] = [
  ['/next', 'http://10.0.0.7:8080/next'],
  ['next?x=1', 'http://10.0.0.7:8080/a/next?x=1'],
  ['https://10.0.0.7/', 'https://10.0.0.7:443/'],
  ['//[fd00::1]:9/x', 'http://[fd00::1]:9/x'],
  ['ftp://10.0.0.7/', undefined],
  ['http://', undefined],
];

for (const [location, href] of REDIRECTS) {
  test(`A redirect to ${location} leads to ${href}`, () => {
    assert.equal(redirectUrl(handlerUrl({ port: 1, path: '/a/b' }, ADDRESS), location)?.href, href);
  });
}
