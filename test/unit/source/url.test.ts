import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maySendCredentials, parseSourceUrl, withoutSecrets } from '../../../src/source/url.ts';

const SHOWN: readonly (readonly [url: string, shown: string])[] = [
  ['https://host/pods.yaml', 'https://host/pods.yaml'],
  ['https://user:secret@host:8443/p', 'https://host:8443/p'],
  ['http://host/p?token=secret&node=a#part', 'http://host/p?token=xxxxx&node=xxxxx'],
  ['http://host/p?secret', 'http://host/p?secret=xxxxx'],
];

for (const [url, shown] of SHOWN) {
  test(`${url} is shown as ${shown}`, () => assert.equal(withoutSecrets(new URL(url)), shown));
}

const REFUSED: readonly (readonly [text: string, reason: string])[] = [
  ['file:///etc/passwd', 'must be an http or https URL, not file'],
  ['ftp://host/p', 'must be an http or https URL, not ftp'],
  ['unix:///run/x.sock', 'must be an http or https URL, not unix'],
  ['host/pods.yaml', 'must be a URL such as https://host/pods.yaml'],
  ['', 'must be a URL such as https://host/pods.yaml'],
];

for (const [text, reason] of REFUSED) {
  test(`"${text}" ${reason}`, () => assert.deepEqual(parseSourceUrl(text), { ok: false, error: reason }));
}

const CREDENTIALS: readonly (readonly [from: string, to: string, may: boolean])[] = [
  ['https://a/x', 'https://a/y', true],
  ['http://a/x', 'https://a/x', true],
  ['https://a/x', 'http://a/x', false],
  ['https://a/x', 'https://a:444/x', false],
  ['https://a/x', 'https://b/x', false],
];

for (const [from, to, may] of CREDENTIALS) {
  test(`Credentials for ${from} ${may ? 'may' : 'may not'} go to ${to}`, () => {
    assert.equal(maySendCredentials(new URL(from), new URL(to)), may);
  });
}
