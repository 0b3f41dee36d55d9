import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  allUnusedImages,
  canonicalImageName,
  type ImageFacts,
  type ImageRules,
  noteImages,
  planImageGarbage,
  type StoredImage,
} from '../../../src/upkeep/imageGarbage.ts';

const MINUTE = 60_000;
const RULES: ImageRules = { highPercent: 85, lowPercent: 80, minAgeMs: 2 * MINUTE, maxAgeMs: 0 };
const FULL = { capacityBytes: 1000, availableBytes: 100 };

function image(id: string, more: Partial<StoredImage> = {}): StoredImage {
  return { id, names: [`registry/${id}:1`], sizeBytes: 60, pinned: false, ...more };
}

/** Images in order of their last use, a minute apart, all old enough. */
function facts(images: readonly StoredImage[], more: Partial<ImageFacts> = {}): ImageFacts {
  const histories = new Map(images.map(({ id }, i) => [id, { firstSeen: 0, lastUsed: i * MINUTE }]));
  return { images, histories, needed: new Set(), own: undefined, disk: FULL, now: 100 * MINUTE, ...more };
}

function removed(given: ImageFacts, rules: ImageRules = RULES): string[] {
  return planImageGarbage(given, rules).remove.map(({ id }) => id);
}

describe('image garbage', () => {
  it('goes in the order of last use until usage would be at the low mark', () => {
    const plan = planImageGarbage(facts([image('a'), image('b'), image('c')]), RULES);
    assert.deepEqual(plan, { remove: [image('a'), image('b')], goalBytes: 100, shortBytes: 0 });
  });

  it('stays while usage is below the high mark, or the mark is 100', () => {
    const roomy = { capacityBytes: 1000, availableBytes: 151 };
    assert.deepEqual(removed(facts([image('a')], { disk: roomy })), []);
    assert.deepEqual(removed(facts([image('a')], { disk: { ...roomy, availableBytes: 150 } })), ['a']);
    assert.deepEqual(removed(facts([image('a')]), { ...RULES, highPercent: 100 }), []);
    assert.deepEqual(removed(facts([image('a')], { disk: { capacityBytes: 0, availableBytes: 0 } })), [], 'unknown');
  });

  it('is never what somebody needs, by id or by any spelling of its name, and never what the runtime needs', () => {
    const images = [
      image('by-id'),
      image('by-name', { names: ['docker.io/library/busybox:1', 'docker.io/library/busybox@sha256:x'] }),
      image('latest', { names: ['docker.io/me/tool:latest'] }),
      image('pause', { pinned: true }),
      image('free'),
    ];
    const needed = new Set(['by-id', ...['busybox:1', 'me/tool'].map(canonicalImageName)]);
    assert.deepEqual(removed(facts(images, { needed })), ['free']);
    assert.deepEqual(
      allUnusedImages(facts(images, { needed }), RULES).remove.map(({ id }) => id),
      ['free'],
    );
  });

  it('is only what is our own, where others use the runtime too', () => {
    const own = new Set(['b', canonicalImageName('registry/c:1')]);
    assert.deepEqual(removed(facts([image('a'), image('b'), image('c'), image('d')], { own })), ['b', 'c']);
  });

  it('is not what came a moment ago', () => {
    const images = [image('old'), image('new')];
    const histories = new Map([
      ['old', { firstSeen: 0, lastUsed: 5 }],
      ['new', { firstSeen: 98.1 * MINUTE, lastUsed: 1 }],
    ]);
    assert.deepEqual(removed(facts(images, { histories })), ['old']);
    assert.equal(planImageGarbage(facts(images, { histories }), RULES).shortBytes, 40);
  });

  it('is also what was not used for the maximum age, however empty the disk is', () => {
    const given = facts([image('a'), image('b'), image('c')], { disk: { capacityBytes: 1000, availableBytes: 900 } });
    assert.deepEqual(removed(given, { ...RULES, maxAgeMs: 98.5 * MINUTE }), ['a', 'b']);
    const unseen = new Map([['a', { firstSeen: Number.NEGATIVE_INFINITY, lastUsed: Number.NEGATIVE_INFINITY }]]);
    const start = { ...given, histories: unseen, now: MINUTE };
    assert.deepEqual(removed(start, { ...RULES, maxAgeMs: 2 * MINUTE }), [], 'not at once after a start');
  });

  it('has a history: seen first, used last, forgotten when it is gone', () => {
    const images = [image('a'), image('b')];
    const first = noteImages(new Map(), { images, needed: new Set(['b']), now: 7 }, { isFirst: true });
    assert.deepEqual(
      [...first],
      [
        ['a', { firstSeen: Number.NEGATIVE_INFINITY, lastUsed: Number.NEGATIVE_INFINITY }],
        ['b', { firstSeen: Number.NEGATIVE_INFINITY, lastUsed: 7 }],
      ],
    );
    const second = noteImages(
      first,
      { images: [image('b'), image('c')], needed: new Set(), now: 9 },
      { isFirst: false },
    );
    assert.deepEqual(
      [...second],
      [
        ['b', { firstSeen: Number.NEGATIVE_INFINITY, lastUsed: 7 }],
        ['c', { firstSeen: 9, lastUsed: Number.NEGATIVE_INFINITY }],
      ],
    );
  });

  it('is told apart by one spelling for one name', () => {
    const id = `sha256:${'a'.repeat(64)}`;
    const names = ['busybox', 'me/tool:2', 'localhost/x:1', `h:5000/a/b@${id}`, id, 'Not A Name'];
    assert.deepEqual(names.map(canonicalImageName), [
      'docker.io/library/busybox:latest',
      'docker.io/me/tool:2',
      'localhost/x:1',
      `h:5000/a/b@${id}`,
      id,
      'Not A Name',
    ]);
  });
});
