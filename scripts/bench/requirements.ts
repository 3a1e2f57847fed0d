/** What has to be installed, checked before anything is started. */
import { execFileSync } from 'node:child_process';

/** Program → Debian and Ubuntu package. */
const PACKAGES: Record<string, string> = {
  wrk: 'wrk',
  nginx: 'nginx-light',
  h2load: 'nghttp2-client',
  ethtool: 'ethtool',
  ip: 'iproute2',
  taskset: 'util-linux',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  sysctl: 'procps',
};

/** nginx, ethtool and sysctl are where Debian's ordinary users do not look. */
function searchSystemFolders(): void {
  const folders = (process.env.PATH ?? '').split(':');
  const missing = ['/usr/sbin', '/sbin'].filter((folder) => !folders.includes(folder));
  process.env.PATH = [...folders, ...missing].join(':');
}

function isInstalled(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** One line that says which of these programs are missing and how to install them; undefined if none is. */
export function missingPrograms(programs: readonly string[]): string | undefined {
  searchSystemFolders();
  const missing = programs.filter((program) => !isInstalled(program));
  if (missing.length === 0) return undefined;
  const packages = [...new Set(missing.map((program) => PACKAGES[program] ?? program))];
  return `${missing.join(', ')} not found: sudo apt-get install ${packages.join(' ')}`;
}
