// Atomic writing of files. The bytes go into a file without a name where the system has that, so that a
// kill leaves nothing; then it gets a name that nobody could have guessed, and takes the place of the old file at once.
#define _GNU_SOURCE
#include "siam_codecs.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

static const char mark[] = ".siam-part";

static int put(int file, const uint8_t *bytes, size_t count) {
    while (count > 0) {
        ssize_t n = write(file, bytes, count);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return n < 0 ? errno : EIO;
        bytes += n;
        count -= (size_t)n;
    }
    return 0;
}

/// Writes all bytes and brings them to the disk. A file system that cannot do the latter is no error; some file servers report a
/// full disk only then.
static int put_safely(int file, const uint8_t *bytes, size_t count) {
    int code = put(file, bytes, count);
    if (!code && fsync(file) != 0 && errno != EINVAL && errno != EROFS) code = errno;
    return code;
}

/// Gives a written file the name that it is for; where something failed, before or now, the file is removed.
static int take_place(const char *beside, const char *target, int is_named, int code) {
    if (!code && rename(beside, target) != 0) code = errno;
    if (code && is_named) unlink(beside);
    return code;
}

int siam_write_beside(const char *path, const char *beside, const uint8_t *bytes, size_t count, uint32_t mode) {
    int file = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    if (file < 0) return errno;
    int code = put_safely(file, bytes, count);
    if (close(file) != 0 && !code) code = errno;
    return take_place(beside, path, 1, code);
}

/// Where a path leads: through symbolic links, the last of which may point to what is not there yet.
static int follow(const char *path, char *target) {
    if (strlen(path) >= PATH_MAX) return ENAMETOOLONG;
    strcpy(target, path);
    for (int hop = 0; hop < 40; hop++) {
        char link[PATH_MAX];
        ssize_t n = readlink(target, link, sizeof link - 1);
        if (n < 0) return 0;
        link[n] = 0;
        char *slash = strrchr(target, '/');
        size_t head = link[0] == '/' || !slash ? 0 : (size_t)(slash - target) + 1;
        if (head + (size_t)n >= PATH_MAX) return ENAMETOOLONG;
        memcpy(target + head, link, (size_t)n + 1);
    }
    return ELOOP;
}

/// Removes temporary files that a terminated process has left beside the file.
static void clear_left(const char *folder, const char *name) {
    DIR *directory = opendir(folder);
    if (!directory) return;
    size_t length = strlen(name);
    struct dirent *entry;
    for (int seen = 0; (entry = readdir(directory)) && seen < 20000; seen++) {
        const char *n = entry->d_name;
        size_t all = strlen(n);
        if (n[0] != '.' || all < length + sizeof mark || strncmp(n + 1, name, length) || n[length + 1] != '.') continue;
        if (strcmp(n + all - (sizeof mark - 1), mark)) continue;
        long owner = strtol(n + length + 2, NULL, 10);
        if (owner > 0 && (owner == getpid() || kill((pid_t)owner, 0) == 0 || errno != ESRCH)) continue;
        unlinkat(dirfd(directory), n, 0);
    }
    closedir(directory);
}

int siam_write_whole(const char *path, const uint8_t *bytes, size_t count, uint32_t mode) {
    char target[PATH_MAX], folder[PATH_MAX], beside[PATH_MAX + 64];
    int code = follow(path, target);
    if (code) return code;
    struct stat old;
    int exists = stat(target, &old) == 0;
    if (exists && S_ISDIR(old.st_mode)) return EISDIR;
    if (exists && !S_ISREG(old.st_mode)) {
        // A device or a pipe cannot be replaced; what is written goes into it.
        int file = open(target, O_WRONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        if (file < 0) return errno;
        fcntl(file, F_SETFL, 0);
        code = put(file, bytes, count);
        if (close(file) != 0 && !code) code = errno;
        return code;
    }
    // Renaming needs no write permission on the file itself, but a write-protected file must not be replaced.
    if (exists && access(target, W_OK) != 0) return errno;
    const char *slash = strrchr(target, '/');
    const char *name = slash ? slash + 1 : target;
    if (!*name) return EISDIR;
    size_t head = slash ? (size_t)(slash - target) + (slash == target) : 0;
    if (slash) memcpy(folder, target, head);
    folder[head] = 0;
    if (!slash) strcpy(folder, ".");
    uint64_t chance = 0;
    if (getrandom(&chance, sizeof chance, 0) != sizeof chance) return EIO;
    int length = snprintf(beside, sizeof beside, "%s/.%s.%ld-%016llx%s", folder, name, (long)getpid(),
                          (unsigned long long)chance, mark);
    if (length < 0 || (size_t)length >= sizeof beside) return ENAMETOOLONG;
    int is_named = 0;
    int file = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
    if (file < 0) {
        file = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
        if (file < 0) return errno;
        is_named = 1;
    }
    if (exists) {
        // Only root may change the owner; otherwise at least the mode is kept.
        if (old.st_uid != geteuid() || old.st_gid != getegid()) { if (fchown(file, old.st_uid, old.st_gid) != 0) errno = 0; }
        // A file that only its owner may read stays so, whoever owned the old file.
        mode_t kept = mode == 0600 ? 0600 : old.st_mode & 07777;
        if (fchmod(file, kept) != 0) errno = 0;
    }
    code = put_safely(file, bytes, count);
    if (!code && !is_named) {
        char open_file[64];
        snprintf(open_file, sizeof open_file, "/proc/self/fd/%d", file);
        if (linkat(AT_FDCWD, open_file, AT_FDCWD, beside, AT_SYMLINK_FOLLOW) == 0) is_named = 1;
        else code = errno;
    }
    if (close(file) != 0 && !code) code = errno;
    code = take_place(beside, target, is_named, code);
    if (code) return code;
    clear_left(folder, name);
    int directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory >= 0) {
        fsync(directory);
        close(directory);
    }
    return 0;
}
