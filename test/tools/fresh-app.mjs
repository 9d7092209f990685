// Packs the package, installs it from the tarball into a fresh Nest application, compiles that with tsc, starts it
// with plain node and exchanges messages with it over a real socket. Once as ES modules and once as CommonJS.
// Needs the npm registry.

import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { WebSocket } from 'ws';

const run = promisify(execFile);
const repository = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const PATIENCE = 20_000;

const APP = `
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ConnectedSocket, MessageBody } from '@nestjs/websockets';
import { ChannelService, Connection, HauynaGateway, HauynaModule, HauynaWsAdapter, OnMessage, PathParam } from '@hauyna/nestjs';
import { IsString, MaxLength } from 'class-validator';

class SayDto {
  @IsString()
  @MaxLength(10)
  text!: string;
}

@HauynaGateway({ path: '/rooms/:room' })
class RoomGateway {
  constructor(private readonly channels: ChannelService) {}

  @OnMessage('say')
  async say(@MessageBody() body: SayDto, @PathParam('room') room: string, @ConnectedSocket() client: Connection) {
    const kind = body.constructor.name;
    return { room, kind, text: body.text.toUpperCase(), channels: await this.channels.channelsOf(client) };
  }
}

@Module({ imports: [HauynaModule.forRoot()], providers: [RoomGateway] })
class AppModule {}

async function main(): Promise<void> {
  const app = await NestFactory.create(AppModule, { logger: ['warn', 'error'] });
  app.useWebSocketAdapter(app.get(HauynaWsAdapter));
  app.enableShutdownHooks();
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as { port: number };
  console.log(\`listening on \${port}\`);
}

void main();
`;

const base = await mkdtemp(join(tmpdir(), 'hauyna-fresh-app-'));
try {
  const tarball = await pack();
  await install(tarball);
  for (const type of ['module', 'commonjs']) await check(type);
  console.log(
    'fresh app: a message was validated, handled and answered in an ES module and a CommonJS application',
  );
} finally {
  await rm(base, { recursive: true, force: true });
}

async function pack() {
  // The build has been made and checked already; packing must not make it again.
  await run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', base], { cwd: repository });
  const [tarball] = (await readdir(base)).filter((name) => name.endsWith('.tgz'));
  return join(base, tarball);
}

async function install(tarball) {
  const { devDependencies } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8'));
  const wanted = (names) => Object.fromEntries(names.map((name) => [name, devDependencies[name]]));
  const manifest = {
    name: 'fresh-app',
    version: '0.0.0',
    private: true,
    dependencies: {
      '@hauyna/nestjs': `file:${tarball}`,
      ...wanted(['@nestjs/common', '@nestjs/core', '@nestjs/platform-express', '@nestjs/platform-ws']),
      ...wanted(['@nestjs/websockets', 'class-transformer', 'class-validator', 'reflect-metadata', 'rxjs']),
    },
    devDependencies: wanted(['typescript', '@types/node']),
  };
  await writeFile(join(base, 'package.json'), JSON.stringify(manifest, undefined, 2));
  await tell('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], base);
}

async function check(type) {
  const folder = join(base, type);
  await mkdir(join(folder, 'src'), { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type }));
  await writeFile(join(folder, 'src', 'main.ts'), APP);
  const compilerOptions = {
    target: 'es2022',
    module: 'nodenext',
    strict: true,
    strictPropertyInitialization: false,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    types: ['node'],
    rootDir: 'src',
    outDir: 'dist',
    skipLibCheck: false,
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['src'] }));
  await tell(
    process.execPath,
    [join(base, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', folder],
    folder,
  );

  const app = spawn(process.execPath, ['dist/main.js'], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  try {
    await talk(await portOf(app));
    const ended = new Promise((done) => app.once('exit', (code, signal) => done(signal ?? code)));
    app.kill('SIGTERM');
    const how = await within(ended, 'the application to end');
    if (how !== 'SIGTERM' && how !== 0) throw new Error(`The application ended with ${how}.`);
  } finally {
    app.kill('SIGKILL');
  }
}

async function talk(port) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/rooms/lobby`);
  const answers = new Map();
  socket.on('message', (data) => {
    const frame = JSON.parse(data.toString());
    answers.get(frame.id)?.(frame);
  });
  await within(
    new Promise((done, fail) => socket.once('open', done).once('error', fail)),
    'the socket to open',
  );
  const ask = (frame) => {
    const answer = new Promise((done) => answers.set(frame.id, done));
    socket.send(JSON.stringify(frame));
    return within(answer, `the answer to ${JSON.stringify(frame)}`);
  };

  const good = await ask({ type: 'say', id: 1, text: 'hola' });
  expectField(good, 'type', 'ack');
  expectField(good.data, 'text', 'HOLA');
  expectField(good.data, 'room', 'lobby');
  expectField(good.data, 'kind', 'SayDto');
  const bad = await ask({ type: 'say', id: 2, text: 'far longer than ten' });
  expectField(bad, 'type', 'error');
  expectField(bad, 'error_type', 'validation_error');
  socket.close();
}

function expectField(object, name, wanted) {
  if (object?.[name] !== wanted) throw new Error(`${name} should be ${wanted}: ${JSON.stringify(object)}`);
}

function portOf(app) {
  let printed = '';
  const port = new Promise((done, fail) => {
    const read = (chunk) => {
      printed += chunk;
      const found = /listening on (\d+)/.exec(printed);
      if (found !== null) done(Number(found[1]));
    };
    app.stdout.on('data', read);
    app.stderr.on('data', read);
    app.once('exit', (code) => fail(new Error(`The application ended with ${code}:\n${printed}`)));
  });
  return within(port, 'the application to listen').catch((error) => {
    throw new Error(`${error.message}\n${printed}`);
  });
}

function within(promise, what) {
  let timer;
  const late = new Promise((_, fail) => {
    timer = setTimeout(() => fail(new Error(`Waited ${PATIENCE} ms in vain for ${what}.`)), PATIENCE);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

async function tell(program, args, cwd) {
  await run(program, args, { cwd }).catch((error) => {
    throw new Error(`${program} ${args.join(' ')} failed:\n${error.stdout}${error.stderr}`);
  });
}
