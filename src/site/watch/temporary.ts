/**
 * Names of files that programs make for a moment while they write another one. What happens to them is no news. Most
 * begin with a dot, as rsync's do, and hidden names are not served anyway. A file that was served with such a name
 * before is still looked after: it may really be meant to be served.
 */

/** Each with the program that uses it. */
const TEMPORARY: readonly (readonly [form: RegExp, program: string])[] = [
  [/~$/, 'backup of Emacs, Vim, gedit, nano, Kate'],
  [/^#.*#$/, 'auto-save of Emacs'],
  [/^\.#/, 'lock of Emacs, a link to nothing'],
  [/\.sw[a-p]$/, 'swap file of Vim; in the folder itself with "set directory"'],
  [/^4913$/, 'Vim looks whether it may write in the folder'],
  [/\.(tmp|temp)$/i, 'many programs, before they rename it'],
  [/\.tmp[-.][0-9a-z]+$/i, 'npm write-file-atomic, Python tempfile and the like: x.js.tmp-1234'],
  [/^sed[A-Za-z0-9]{6}$/, 'sed -i'],
  [/___jb_(tmp|old|bak)___$/, 'JetBrains: safe write'],
  [/\.kate-swp$/, 'swap file of Kate'],
  [/^\.goutputstream-/, 'GLib: gedit, and copies in the file manager'],
  [/\.(part|partial|crdownload|filepart)$/, 'downloads of browsers; WinSCP and rsync uploads'],
  [/^\.nfs[0-9a-f]+$/, 'NFS: a file that was removed while it was open'],
  [/^\.~lock\..*#$/, 'lock of LibreOffice'],
  [/^~\$/, 'owner file of Microsoft Office'],
];

/** Whether a name (the last part of a path) is one that programs use for a moment. */
export function isTemporary(part: string): boolean {
  return TEMPORARY.some(([form]) => form.test(part));
}
