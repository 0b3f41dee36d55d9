import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { runCli } from './runCli.ts';

/** What bash would offer for a line. */
function offered(script: string, ...words: readonly string[]): readonly string[] {
  const line = words.map((word) => `'${word}'`).join(' ');
  const ask = `${script}\nsolopod() { echo pod/web-node; }\nCOMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _solopod; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', ask], { encoding: 'utf8' }).trimEnd().split('\n');
}

describe('completion', () => {
  it('bash: verbs, flags, subverbs, and pods where a verb takes them', async () => {
    const { code, out } = await runCli(['completion', 'bash']);
    assert.equal(code, 0);
    assert.deepEqual(offered(out, 'solopod', 'des'), ['describe']);
    assert.deepEqual(offered(out, 'solopod', 'logs', '--tai'), ['--tail']);
    assert.deepEqual(offered(out, 'solopod', 'logs', 'we'), ['web-node']);
    assert.deepEqual(offered(out, 'solopod', 'config', 'v'), ['view']);
    assert.deepEqual(offered(out, 'solopod', 'validate', 'we'), ['']);
  });

  it('zsh goes through bash, fish has a line for each; another shell is refused', async () => {
    assert.match((await runCli(['completion', 'zsh'])).out, /^#compdef solopod\n.*bashcompinit\n_solopod\(\)/s);
    assert.match(
      (await runCli(['completion', 'fish'])).out,
      /^complete -c solopod -n __fish_use_subcommand -f -a run -d '/,
    );
    assert.equal((await runCli(['completion', 'tcsh'])).code, 2);
  });
});
