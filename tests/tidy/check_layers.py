#!/usr/bin/env python3
"""Compare every #include in the source folders with cmake/layers.txt; print each one that goes the wrong way.

An angle-bracket include that is neither the C++ standard library, POSIX, nor a package of PACKAGES fails: every
outside package has one door, named in the table."""
import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
PACKAGES = {"tbb": r"(oneapi/)?tbb(/|\.h)", "sqlite3": r"sqlite3\.h", "zlib": r"zlib\.h",
            "zstd": r"zstd(_errors)?\.h", "lz4": r"lz4(frame|hc)?\.h", "snappy": r"snappy",
            "simdjson": r"simdjson", "nlohmann": r"nlohmann/", "xxhash": r"xxhash\.h", "date": r"date/",
            "cli11": r"CLI/", "boost": r"boost/", "openssl": r"openssl/", "rocksdb": r"rocksdb/",
            "rdkafka": r"librdkafka/", "re2": r"re2/", "icu": r"unicode/", "pcre2": r"pcre2", "libedit": r"histedit",
            "nghttp2": r"nghttp2/"}
SYSTEM = {"arpa/inet.h", "netdb.h", "netinet/in.h", "netinet/tcp.h", "fcntl.h", "unistd.h", "dirent.h", "errno.h", "malloc.h", "signal.h", "termios.h", "poll.h", "pthread.h", "sched.h",
          "sys/file.h", "sys/ioctl.h", "sys/mman.h", "sys/resource.h", "sys/socket.h", "sys/stat.h",
          "sys/statvfs.h", "sys/syscall.h", "sys/time.h", "sys/types.h", "sys/uio.h", "sys/un.h", "sys/wait.h",
          "langinfo.h", "sys/eventfd.h", "sys/inotify.h", "immintrin.h", "nmmintrin.h", "emmintrin.h", "x86intrin.h", "arm_acle.h", "linux/falloc.h"}


def read_table():
    uses, doors = {}, {}
    for line in (ROOT / "cmake/layers.txt").read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        module, allowed, packages = (cell.split() for cell in line.split("|"))
        uses[module[0]] = set(allowed) | {module[0]}
        doors[module[0]] = dict(package.split(":") for package in packages)
    return uses, doors


def module_of(path, modules):
    return next((m for m in sorted(modules, key=len, reverse=True) if str(path).startswith(m + "/")), None)


def main():
    uses, doors = read_table()
    errors = []
    for path in sorted(p for m in uses for p in (ROOT / m).rglob("*") if p.suffix in {".h", ".cpp"}):
        here = path.relative_to(ROOT)
        module = module_of(here, uses)
        for number, line in enumerate(path.read_text().splitlines(), 1):
            found = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
            if not found:
                continue
            quoted, name = found[1] == '"', found[2]
            target = module_of(name, uses)
            if target and target not in uses[module]:
                errors.append(f"{here}:{number}: {module} may not include {target}")
            if quoted:
                if not target:
                    errors.append(f"{here}:{number}: {name} is not a path from the root of the repository")
                continue
            package = next((p for p, pattern in PACKAGES.items() if re.match(pattern, name)), None)
            if package:
                door = doors[module].get(package)
                if not (door and str(here).startswith(door)):
                    errors.append(f"{here}:{number}: {package} is only for {door or 'other modules'}")
            elif name not in SYSTEM and not re.fullmatch(r"[a-z_0-9]+", name):
                errors.append(f"{here}:{number}: {name} is no package of cmake/layers.txt")
    print("\n".join(dict.fromkeys(errors)) or "layers: ok")
    return 1 if errors else 0


sys.exit(main())
