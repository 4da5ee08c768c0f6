import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execute } from './execute.ts';
import type { Source } from './nats-binary.ts';

/** The first Debian whose nats-server is new enough; its binary is static, so that older Debians run it too. */
const suite = 'trixie';
const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * Through apt, which verifies Debian's signature, but with directories of our own: it needs no root, installs nothing, and
 * leaves the machine's own lists alone.
 */
export const fetchFromDebian: Source = async (into) => {
  if (!existsSync('/usr/bin/apt-get') || !existsSync(keyring)) throw new Error('this is no Debian');
  const mirror = await debianMirror();
  const apt = join(into, 'apt');
  for (const folder of ['lists/partial', 'cache/archives/partial']) await mkdir(join(apt, folder), { recursive: true });
  await writeFile(join(apt, 'status'), '');
  await writeFile(join(apt, 'sources.list'), `deb [signed-by=${keyring}] ${mirror} ${suite} main\n`);
  await writeFile(
    join(apt, 'apt.conf'),
    `Dir::Etc::sourcelist "${apt}/sources.list"; Dir::Etc::sourceparts "/dev/null"; Dir::Etc::preferencesparts "/dev/null";
Dir::State::lists "${apt}/lists"; Dir::State::status "${apt}/status"; Dir::Cache "${apt}/cache";
Acquire::Languages "none"; Acquire::Retries "3"; APT::Update::Error-Mode "any"; APT::Sandbox::User "";
`,
  );
  const env = { ...process.env, APT_CONFIG: join(apt, 'apt.conf') };
  await execute('apt-get', ['-qq', 'update'], { cwd: apt, env });
  await execute('apt-get', ['-qq', 'download', 'nats-server'], { cwd: apt, env });
  const archive = (await readdir(apt)).find((name) => name.endsWith('.deb'));
  if (!archive) throw new Error('apt has no nats-server');
  await execute('dpkg-deb', ['--extract', archive, 'files'], { cwd: apt, env });
  await execute('cp', ['files/usr/sbin/nats-server', join(into, 'nats-server')], { cwd: apt, env });
};

/** The one that this machine is set up to use, which a company's network may have moved. */
async function debianMirror(): Promise<string> {
  const folder = '/etc/apt/sources.list.d';
  const names = await readdir(folder).catch(() => []);
  for (const file of ['/etc/apt/sources.list', ...names.map((name) => join(folder, name))]) {
    const found = mirrorIn(await readFile(file, 'utf8').catch(() => ''));
    if (found) return found;
  }
  throw new Error('no Debian mirror is set up in /etc/apt');
}

/** In either of apt's spellings; not the mirror of security updates. */
export function mirrorIn(sources: string): string | undefined {
  const [, modern] = /^URIs:\s*(?:\S+\s+)*?(https?:\/\/\S*\/debian)\/?(?:\s|$)/m.exec(sources) ?? [];
  const [, classic] = /^deb\s+(?:\[[^\]]*\]\s+)?(https?:\/\/\S*\/debian)\/?\s/m.exec(sources) ?? [];
  return modern ?? classic;
}
