/* A disk on which flushes fail, for one process: preloaded, it stands between the program and the C library.
 *
 * While the file named by FAIL_FLUSH exists, flushing a file whose name contains FAIL_NAME fails with EIO, and
 * what was written to it since the last flush is forgotten by the system and never reaches the disk, as it is
 * with Linux's file systems. What a disk really has of a file is kept beside it in "<file>.disk", so a test can
 * put that in the file's place, which is what a power cut does.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#define PAGE 4096
#define FILES 64
#define PAGES 65536

struct file {
    dev_t device;
    ino_t number;
    char dirty[PAGES];
};

static struct file files[FILES];
static int known;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int path_of(int descriptor, char *path, size_t size) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, size - 1);
    if (length < 0) return 0;
    path[length] = 0;
    const char *name = getenv("FAIL_NAME");
    return name && strstr(path, name) && !strstr(path, ".disk");
}

/* The file, if it is one of those that are watched. Call with the lock held. */
static struct file *find(int descriptor, char *path, size_t size) {
    struct stat found;
    if (!path_of(descriptor, path, size) || fstat(descriptor, &found)) return NULL;
    for (int i = 0; i < known; i++)
        if (files[i].device == found.st_dev && files[i].number == found.st_ino) return &files[i];
    if (known == FILES) abort();
    files[known].device = found.st_dev;
    files[known].number = found.st_ino;
    return &files[known++];
}

static void written(int descriptor, off_t at, size_t length) {
    char path[4096];
    pthread_mutex_lock(&lock);
    struct file *file = find(descriptor, path, sizeof path);
    if (file && length > 0)
        for (off_t page = at / PAGE; page <= (off_t)(at + length - 1) / PAGE; page++) {
            if (page >= PAGES) abort();
            file->dirty[page] = 1;
        }
    pthread_mutex_unlock(&lock);
}

/* Flushes: what is dirty goes to the disk, or is lost. */
static int flush(int descriptor, int (*real)(int)) {
    char path[4096], disk[4200];
    pthread_mutex_lock(&lock);
    struct file *file = find(descriptor, path, sizeof path);
    if (!file) {
        pthread_mutex_unlock(&lock);
        return real(descriptor);
    }
    const char *flag = getenv("FAIL_FLUSH");
    if (flag && access(flag, F_OK) == 0) {
        memset(file->dirty, 0, sizeof file->dirty);
        pthread_mutex_unlock(&lock);
        errno = EIO;
        return -1;
    }
    snprintf(disk, sizeof disk, "%s.disk", path);
    int in = open(path, O_RDONLY | O_CLOEXEC), out = open(disk, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    struct stat now;
    char bytes[PAGE];
    if (in >= 0 && out >= 0 && fstat(in, &now) == 0) {
        for (off_t page = 0; page < PAGES; page++) {
            if (!file->dirty[page]) continue;
            ssize_t length = pread(in, bytes, PAGE, page * PAGE);
            if (length > 0 && REAL(pwrite64)(out, bytes, length, page * PAGE) != length) abort();
        }
        if (REAL(ftruncate64)(out, now.st_size)) abort();
    }
    /* Closing a database would take its locks from SQLite: FAIL_NAME is for logs. */
    if (in >= 0) close(in);
    if (out >= 0) close(out);
    memset(file->dirty, 0, sizeof file->dirty);
    pthread_mutex_unlock(&lock);
    return 0;
}

int fsync(int descriptor) { return flush(descriptor, REAL(fsync)); }

int fdatasync(int descriptor) { return flush(descriptor, REAL(fdatasync)); }

ssize_t write(int descriptor, const void *bytes, size_t length) {
    off_t at = lseek(descriptor, 0, SEEK_CUR);
    ssize_t done = REAL(write)(descriptor, bytes, length);
    if (done > 0 && at >= 0) written(descriptor, at, done);
    return done;
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t length, off64_t at) {
    ssize_t done = REAL(pwrite64)(descriptor, bytes, length, at);
    if (done > 0) written(descriptor, at, done);
    return done;
}

ssize_t pwrite(int descriptor, const void *bytes, size_t length, off_t at) {
    return pwrite64(descriptor, bytes, length, at);
}
