#!/bin/sh
# Runs in the Debian stage of the Dockerfile. Lays out the image's files in /image/system and /image/tool: programs with the
# libraries that they load, the few files in /etc that are read, and the dpkg metadata of the packages they come from.
set -eu
system=/image/system
tool=/image/tool
docs=$system/usr/share/doc
status=$system/var/lib/dpkg/status.d

# Debian's layout: /bin, /lib, /lib64 and /sbin are links into /usr.
mkdir -p $system/usr/bin $system/usr/lib $system/usr/lib64 $system/usr/sbin $system/etc $tool/usr/bin
for folder in bin lib lib64 sbin; do ln -s usr/$folder $system/$folder; done

# Each line: the real path of a file in Debian, and its path in the image (only the links in its folder are resolved).
files=/image/files
: >$files
add() {
  place=$(readlink -f "$(dirname "$1")")/$(basename "$1")
  mkdir -p "$system$(dirname "$place")"
  cp -L "$1" "$system$place"
  echo "$(readlink -f "$1") $place" >>$files
}

libraries() { ldd "$@" | sed -n 's/.*=> \(\/[^ ]*\) (.*/\1/p; s/^[[:blank:]]*\(\/[^ :]*\) (.*/\1/p' | sort -u; }

install -m 0755 /image/dokku-deploy $tool/usr/bin/dokku-deploy
# The second program of dokku/ci-docker-image, whose jobs this image runs.
ln -s dokku-deploy $tool/usr/bin/dokku-unlock
install -D -m 0644 /image/licenses.txt $tool/usr/share/doc/dokku-deploy/copyright
add /usr/bin/git
add /usr/bin/busybox
for library in $(libraries /image/dokku-deploy /usr/bin/git /usr/bin/busybox); do add "$library"; done

# git runs its own commands under these names. All of them are the same program.
mkdir -p $system/usr/lib/git-core $system/usr/share/git-core/templates
ln -s ../../bin/git $system/usr/lib/git-core/git
for part in git-receive-pack git-upload-pack git-upload-archive; do ln -s git $system/usr/bin/$part; done

# Skips names that already exist: `busybox` itself, which is in the list, and the programs copied above.
for applet in $(busybox --list); do
  [ -e "$system/usr/bin/$applet" ] || ln -s busybox "$system/usr/bin/$applet"
done

add /etc/ssl/certs/ca-certificates.crt
add /etc/os-release
# For getaddrinfo: first /etc/hosts, then DNS. Both are built into glibc.
printf 'passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n' >$system/etc/nsswitch.conf
cat >$system/etc/passwd <<'END'
root:x:0:0:root:/root:/bin/sh
app:x:1000:1000:app:/home/app:/bin/sh
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
END
printf 'root:x:0:\napp:x:1000:\nnogroup:x:65534:\n' >$system/etc/group
# A runner clones as root. Without this, git refuses every command in a job that runs as another user.
printf '[safe]\n\tdirectory = *\n[init]\n\tdefaultBranch = main\n' >$system/etc/gitconfig
mkdir -p $system/root $system/home/app $system/tmp $system/var/tmp $system/usr/local/bin
chown 1000:1000 $system/home/app
chmod 0700 $system/root
chmod 1777 $system/tmp $system/var/tmp

# Metadata for scanners, which read it in images without dpkg: a paragraph for each package, and the checksums of its files.
mkdir -p $status
# The certificate bundle is generated at installation, so dpkg does not list it. dpkg lists some files under the path without /usr.
owner() {
  case $1 in
  */ca-certificates.crt) echo ca-certificates ;;
  *) { dpkg -S "$1" 2>/dev/null || dpkg -S "${1#/usr}"; } | sed 's/:.*//' ;;
  esac
}
sort -u $files | while read -r file place; do
  package=$(owner "$file")
  [ -n "$package" ] || { echo "$file does not belong to any package" >&2; exit 1; }
  [ -e "$status/$package" ] || dpkg-query -s "$package" >"$status/$package"
  echo "$(md5sum <"$file" | cut -c 1-32)  ${place#/}" >>"$status/$package.md5sums"
  mkdir -p "$docs/$package"
  cp -L "/usr/share/doc/$package/copyright" "$docs/$package/copyright"
done

# A fixed date, so that a layer depends only on the contents of its files, and not on when or from which commit it is built.
find $system $tool -exec touch -h -d @0 {} +
