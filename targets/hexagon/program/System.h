/* The declarations that a program for the emulator is compiled with: what runtime/cli uses of the C
 * library and of POSIX, under every header's name (CMake writes files of those names that include
 * this one). Numbers and layouts are those of Linux; see Calls.c. */
#ifndef INGOT_HEXAGON_SYSTEM_H
#define INGOT_HEXAGON_SYSTEM_H

#include <limits.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* errno.h: one thread, one number */
extern int errno;
#define EINTR 4
#define ENOMEM 12

/* string.h */
void *memcpy(void *to, const void *from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int byte, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);
size_t strlen(const char *text);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t most);
char *strchr(const char *text, int character);
char *strrchr(const char *text, int character);
char *strerror(int number);

/* stdlib.h */
extern char **environ;
void *malloc(size_t bytes);
void *memalign(size_t alignment, size_t bytes);
void *realloc(void *at, size_t bytes);
void free(void *at);
char *getenv(const char *name);
void qsort(void *at, size_t count, size_t bytes, int (*compare)(const void *, const void *));
long long strtoll(const char *text, char **end, int base);
double strtod(const char *text, char **end);

/* math.h */
double exp(double x);
double log(double x);
#define INFINITY __builtin_inff()
#define NAN __builtin_nanf("")
#define isnan(x) __builtin_isnan(x)
#define isfinite(x) __builtin_isfinite(x)
#define isinf(x) __builtin_isinf(x)

/* stdio.h: a stream is a descriptor; nothing is held back */
typedef struct ingot_stream {
  int descriptor;
} FILE;
extern FILE *const stdout, *const stderr;
int printf(const char *format, ...);
int fprintf(FILE *to, const char *format, ...);
int snprintf(char *to, size_t room, const char *format, ...);
int vsnprintf(char *to, size_t room, const char *format, va_list arguments);
int fputc(int character, FILE *to);
int fflush(FILE *to);
int rename(const char *from, const char *to);

/* fcntl.h, unistd.h */
typedef int pid_t;
typedef int ssize_t;
typedef unsigned mode_t;
typedef long long off_t;
#define O_RDONLY 0
#define O_WRONLY 1
#define O_RDWR 2
#define O_CREAT 0100
#define O_EXCL 0200
#define O_CLOEXEC 02000000
#define STDIN_FILENO 0
#define STDOUT_FILENO 1
#define STDERR_FILENO 2
#define PATH_MAX 4096
int open(const char *path, int flags, ...);
int close(int descriptor);
ssize_t read(int descriptor, void *to, size_t bytes);
ssize_t write(int descriptor, const void *from, size_t bytes);
ssize_t readlink(const char *path, char *to, size_t room);
int unlink(const char *path);
int isatty(int descriptor);
int mkostemp(char *pattern, int flags);
int pipe2(int ends[2], int flags);
_Noreturn void _exit(int code);

/* sys/mman.h */
#define PROT_READ 1
#define PROT_WRITE 2
#define MAP_PRIVATE 2
#define MAP_ANONYMOUS 0x20
#define MAP_FAILED ((void *)-1)
void *mmap(void *at, size_t bytes, int protection, int flags, int descriptor, off_t offset);
int munmap(void *at, size_t bytes);

/* sys/stat.h */
struct stat {
  mode_t st_mode;
  off_t st_size;
};
#define S_ISREG(mode) (((mode) & 0170000) == 0100000)
int stat(const char *path, struct stat *status);
int fstat(int descriptor, struct stat *status);
int fchmod(int descriptor, mode_t mode);
mode_t umask(mode_t mask);

/* time.h */
struct timespec {
  int tv_sec, tv_nsec;
};
#define CLOCK_MONOTONIC 1
int clock_gettime(int clock, struct timespec *time);

/* signal.h */
typedef int sig_atomic_t;
typedef void (*ingot_handler)(int);
struct sigaction {
  ingot_handler sa_handler;
  unsigned long sa_flags;
  unsigned long rest[4];
};
#define SIG_IGN ((ingot_handler)1)
#define SIGINT 2
#define SIGPIPE 13
#define SIGTERM 15
#define SIGCHLD 17
#define SA_RESTART 0x10000000
#define SA_RESETHAND 0x80000000
int sigaction(int number, const struct sigaction *action, struct sigaction *old);
ingot_handler signal(int number, ingot_handler handler);

/* spawn.h, sys/wait.h, sys/resource.h */
typedef struct {
  int from, to; /* one descriptor is moved */
} posix_spawn_file_actions_t;
typedef struct posix_spawnattr posix_spawnattr_t;
int posix_spawn(pid_t *child, const char *path, const posix_spawn_file_actions_t *actions,
                const posix_spawnattr_t *attributes, char *const *arguments,
                char *const *environment);
int posix_spawn_file_actions_init(posix_spawn_file_actions_t *actions);
int posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *actions, int from, int to);
int posix_spawn_file_actions_destroy(posix_spawn_file_actions_t *actions);
struct rusage {
  int times[4];
  int ru_maxrss;
  int rest[13];
};
pid_t wait4(pid_t child, int *status, int options, struct rusage *usage);
#define WIFEXITED(status) (((status) & 0x7f) == 0)
#define WEXITSTATUS(status) ((status) >> 8 & 0xff)

#ifdef __cplusplus
}
#endif
#endif
