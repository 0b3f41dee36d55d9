// `cp`: files between this machine and a container, through tar in the container, as kubectl does it. Links that come out
// of a container are skipped: they could lead what follows to anywhere on this machine.
import { createWriteStream } from 'node:fs';
import { chmod, lstat, mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { err, ok, type Result } from '../../lib/result.ts';
import { printable } from '../../manifest/format.ts';
import { type Cli, fail } from '../command.ts';
import { EXIT, type Failure } from '../exitCodes.ts';
import type { Io } from '../io.ts';
import { socketPath } from '../settings.ts';
import { runRemote } from '../stream/remoteCommand.ts';
import { findContainerOf, type SessionTarget, sayDefaulted, sessionPath } from '../stream/target.ts';
import { packTar } from './pack.ts';
import { type Copying, memberPath, parseCopying } from './place.ts';
import { readTar, type TarMember } from './untar.ts';

const ERROR_TEXT_MAX = 4_096;

export interface CopyQuery {
  readonly from: string;
  readonly to: string;
  readonly container?: string;
  readonly namespace?: string;
}

export async function copy(cli: Cli, { from, to, ...where }: CopyQuery): Promise<number> {
  const { io } = cli;
  const copying = parseCopying(from, to);
  if (!copying.ok) return fail(io, copying.error);
  const socket = await socketPath(cli);
  if (!socket.ok) return fail(io, socket.error);
  const target = await findContainerOf(socket.value, { name: copying.value.pod, ...where });
  if (!target.ok) return fail(io, target.error);
  io.err(sayDefaulted(target.value));
  const job: Job = { io, socket: socket.value, target: target.value, copying: copying.value, signal: io.interrupted() };
  const done = copying.value.direction === 'download' ? await download(job) : await upload(job);
  if (job.signal.aborted) return EXIT.interrupted;
  return done.ok ? EXIT.done : fail(io, done.error);
}

interface Job {
  readonly io: Io;
  readonly socket: string;
  readonly target: SessionTarget;
  readonly copying: Copying;
  readonly signal: AbortSignal;
}

interface Remote {
  readonly command: readonly string[];
  readonly stdin?: Readable;
  readonly stdout?: Writable;
}

/** Runs a command in the container. A code other than 0 is a failure in its own words, unless `mayFail`. */
async function remote(job: Job, { command, stdin, stdout }: Remote): Promise<Result<number, Failure>> {
  const complaint = textSink();
  const session = {
    socketPath: job.socket,
    path: sessionPath('exec', job.target, { command, stdin: stdin !== undefined, tty: false }),
    stdout: stdout ?? textSink().stream,
    stderr: complaint.stream,
    ...(stdin === undefined ? {} : { stdin }),
  };
  const result = await runRemote(session, job.signal);
  if (!result.ok && result.error.exitCode === EXIT.notFound)
    return err({ exitCode: EXIT.failed, message: `Cannot copy: the container has no ${command[0]}` });
  if (!result.ok || result.value === 0 || command[0] !== 'tar') return result;
  const message = complaint.text().trim();
  return err({
    exitCode: EXIT.failed,
    message: message === '' ? `tar in the container ended with ${result.value}` : message,
  });
}

function textSink(): { readonly stream: Writable; text(): string } {
  let kept = '';
  const stream = new Writable({
    write(chunk, _, done) {
      if (kept.length < ERROR_TEXT_MAX) kept += String(chunk);
      done();
    },
  });
  return { stream, text: () => kept };
}

async function download(job: Job): Promise<Result<void, Failure>> {
  const { copying } = job;
  const wanted = path.posix.normalize(copying.remote).replace(/(.)\/$/, '$1');
  const [folder, base] = [path.posix.dirname(wanted), wanted === '/' ? '.' : path.posix.basename(wanted)];
  const into = await isDirectory(copying.local);
  const destination = into && base !== '.' ? path.join(copying.local, base) : copying.local;
  const archive = new PassThrough();
  // What can't be unpacked is not read any further.
  const stop = new AbortController();
  const session = { ...job, signal: AbortSignal.any([job.signal, stop.signal]) };
  const sent = remote(session, { command: ['tar', 'cf', '-', '-C', folder, `./${base}`], stdout: archive });
  void sent.finally(() => archive.end());
  const unpacked = await unpack(job, { archive, base, destination });
  if (!unpacked.ok) stop.abort();
  const result = await sent;
  return unpacked.ok && !result.ok ? result : unpacked;
}

interface Unpacking {
  readonly archive: Readable;
  readonly base: string;
  readonly destination: string;
}

async function unpack({ io }: Job, { archive, base, destination }: Unpacking): Promise<Result<void, Failure>> {
  try {
    for await (const member of readTar(archive)) {
      if (!member.ok) return err(failed(`Cannot copy: ${member.error}`));
      const inside = memberPath(member.value.path, base);
      if (inside === undefined)
        return err(failed(`Cannot copy "${member.value.path}": it leads out of what was asked for`));
      if (member.value.kind === 'other')
        io.err(`Skipped ${printable(member.value.path)}: neither a file nor a directory\n`);
      else await place(member.value, inside === '' ? destination : path.join(destination, inside));
    }
    return ok(undefined);
  } catch (cause) {
    return err(failed(`Cannot copy: ${cause instanceof Error ? cause.message : String(cause)}`));
  }
}

async function place(member: TarMember, at: string): Promise<void> {
  if (member.kind === 'directory') {
    // Ours to write into until everything in it is there.
    await mkdir(at, { recursive: true, mode: member.mode | 0o700 });
    return;
  }
  const found = await lstat(at).catch(() => undefined);
  if (found?.isSymbolicLink() === true) throw new Error(`${at} is a link: remove it first`);
  await pipeline(member.content, createWriteStream(at, { mode: member.mode }));
  await chmod(at, member.mode);
}

async function upload(job: Job): Promise<Result<void, Failure>> {
  const { copying } = job;
  const found = await stat(copying.local).catch((cause: Error) => cause);
  if (found instanceof Error) return err(failed(`Cannot copy: ${found.message}`));
  const wanted = path.posix.normalize(copying.remote);
  const test = await remote(job, { command: ['test', '-d', wanted] });
  if (!test.ok) return test;
  const into = test.value === 0;
  const trimmed = wanted.replace(/(.)\/$/, '$1');
  const folder = into ? wanted : path.posix.dirname(trimmed);
  const name = into ? path.basename(path.resolve(copying.local)) : path.posix.basename(trimmed);
  const archive = Readable.from(packTar(copying.local, name), { objectMode: false });
  const trouble = new Promise<string | undefined>((resolve) => {
    archive.once('error', (cause) => resolve(cause.message));
    archive.once('close', () => resolve(undefined));
  });
  const result = await remote(job, { command: ['tar', 'xmf', '-', '-C', folder], stdin: archive });
  archive.destroy();
  const message = await trouble;
  if (message !== undefined) return err(failed(`Cannot copy: ${message}`));
  return result.ok ? ok(undefined) : result;
}

async function isDirectory(place: string): Promise<boolean> {
  return stat(place).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

function failed(message: string): Failure {
  return { exitCode: EXIT.failed, message };
}
