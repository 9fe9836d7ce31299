/* Start and system calls of a program that the emulator runs as a Linux process: the number in r6,
 * arguments in r0 to r5, trap0(#1), the answer or minus errno in r0. Numbers are those of
 * include/uapi/asm-generic/unistd.h. */

#include "System.h"

enum call {
  CALL_DUP3 = 24,
  CALL_IOCTL = 29,
  CALL_UNLINKAT = 35,
  CALL_FCHMOD = 52,
  CALL_OPENAT = 56,
  CALL_CLOSE = 57,
  CALL_PIPE2 = 59,
  CALL_READ = 63,
  CALL_WRITE = 64,
  CALL_READLINKAT = 78,
  CALL_EXIT_GROUP = 94,
  CALL_CLOCK_GETTIME = 113,
  CALL_SIGACTION = 134,
  CALL_UMASK = 166,
  CALL_MUNMAP = 215,
  CALL_CLONE = 220,
  CALL_EXECVE = 221,
  CALL_MMAP2 = 222,
  CALL_WAIT4 = 260,
  CALL_RENAMEAT2 = 276,
  CALL_STATX = 291,
};

#define HERE (-100) /* paths are relative to the working directory */

int errno;
char **environ;

static int raw(enum call call, intptr_t a, intptr_t b, intptr_t c, intptr_t d, intptr_t e,
               intptr_t f) {
  register intptr_t r0 __asm__("r0") = a;
  register intptr_t r1 __asm__("r1") = b;
  register intptr_t r2 __asm__("r2") = c;
  register intptr_t r3 __asm__("r3") = d;
  register intptr_t r4 __asm__("r4") = e;
  register intptr_t r5 __asm__("r5") = f;
  register intptr_t r6 __asm__("r6") = call;
  __asm__ volatile("trap0(#1)"
                   : "+r"(r0)
                   : "r"(r1), "r"(r2), "r"(r3), "r"(r4), "r"(r5), "r"(r6)
                   : "memory");
  return (int)r0;
}

/* The answer, or -1 with errno set. */
static int checked(int answer) {
  if (answer >= -4095 && answer < 0) {
    errno = -answer;
    return -1;
  }
  return answer;
}

#define CALL(number, a, b, c, d)                                                                   \
  checked(raw(CALL_##number, (intptr_t)(a), (intptr_t)(b), (intptr_t)(c), (intptr_t)(d), 0, 0))

/* ---- start: the stack holds the count of arguments, them, a null, the environment, a null ---- */

int main(int argc, char **argv);

__attribute__((used)) static void start(intptr_t *stack) {
  char **argv = (char **)(stack + 1);
  environ = argv + *stack + 1;
  _exit(main((int)*stack, argv));
}

/* Vectors are spilled to a stack that is aligned for them. */
__asm__(".globl _start\n"
        ".type _start, @function\n"
        "_start:\n"
        "  { r0 = r29\n    r29 = and(r29, #-128)\n    r30 = #0\n    r31 = #0 }\n"
        "  { call start }\n");

void _exit(int code) {
  for (;;)
    raw(CALL_EXIT_GROUP, code, 0, 0, 0, 0, 0);
}

/* What QuRT says of the processor. The emulator is a v67, and runs what is compiled for v68: that
 * its kernels hold no instruction of v68 is for the tests to see. */
int qurt_sysenv_get_arch_version(unsigned *version);
int qurt_sysenv_get_arch_version(unsigned *version) {
  *version = 0x68;
  return 0;
}

/* ---- files ---- */

int open(const char *path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const int mode = flags & O_CREAT ? va_arg(more, int) : 0;
  va_end(more);
  return CALL(OPENAT, HERE, path, flags, mode);
}
int close(int descriptor) { return CALL(CLOSE, descriptor, 0, 0, 0); }
ssize_t read(int descriptor, void *to, size_t bytes) {
  return CALL(READ, descriptor, to, bytes, 0);
}
ssize_t write(int descriptor, const void *from, size_t bytes) {
  return CALL(WRITE, descriptor, from, bytes, 0);
}
ssize_t readlink(const char *path, char *to, size_t room) {
  return CALL(READLINKAT, HERE, path, to, room);
}
int unlink(const char *path) { return CALL(UNLINKAT, HERE, path, 0, 0); }
int rename(const char *from, const char *to) { return CALL(RENAMEAT2, HERE, from, HERE, to); }
int fchmod(int descriptor, mode_t mode) { return CALL(FCHMOD, descriptor, mode, 0, 0); }
mode_t umask(mode_t mask) { return (mode_t)CALL(UMASK, mask, 0, 0, 0); }
int pipe2(int ends[2], int flags) { return CALL(PIPE2, ends, flags, 0, 0); }

int isatty(int descriptor) {
  char settings[64];
  return CALL(IOCTL, descriptor, /*TCGETS*/ 0x5401, settings, 0) == 0;
}

/* struct statx, which is the same on every machine: the mode at 28, the size at 40. */
static int status_of(int descriptor, const char *path, int flags, struct stat *status) {
  uint64_t answer[32];
  const int basic = 0x7ff;
  if (checked(raw(CALL_STATX, descriptor, (intptr_t)path, flags, basic, (intptr_t)answer, 0)) != 0)
    return -1;
  status->st_mode = *((const uint16_t *)answer + 14);
  status->st_size = (off_t)answer[5];
  return 0;
}
int stat(const char *path, struct stat *status) { return status_of(HERE, path, 0, status); }
int fstat(int descriptor, struct stat *status) {
  return status_of(descriptor, "", /*AT_EMPTY_PATH*/ 0x1000, status);
}

int mkostemp(char *pattern, int flags) {
  char *end = pattern + strlen(pattern) - 6;
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  unsigned number = (unsigned)time.tv_nsec ^ (unsigned)time.tv_sec * 2654435761u;
  for (int attempt = 0; attempt < 100; ++attempt, number = number * 1664525u + 1013904223u) {
    for (int i = 0; i < 6; ++i)
      end[i] = (char)('a' + (number >> (5 * i)) % 26);
    const int descriptor = open(pattern, O_RDWR | O_CREAT | O_EXCL | flags, 0600);
    if (descriptor >= 0 || errno != /*EEXIST*/ 17)
      return descriptor;
  }
  return -1;
}

/* ---- memory, time, signals ---- */

void *mmap(void *at, size_t bytes, int protection, int flags, int descriptor, off_t offset) {
  const int unit = 4096; /* of the call's offset */
  return (void *)checked(raw(CALL_MMAP2, (intptr_t)at, (intptr_t)bytes, protection, flags,
                             descriptor, (intptr_t)(offset / unit)));
}
int munmap(void *at, size_t bytes) { return CALL(MUNMAP, at, bytes, 0, 0); }
int clock_gettime(int clock, struct timespec *time) {
  return CALL(CLOCK_GETTIME, clock, time, 0, 0);
}

int sigaction(int number, const struct sigaction *action, struct sigaction *old) {
  return CALL(SIGACTION, number, action, old, /*bytes of a set of signals*/ 8);
}
ingot_handler signal(int number, ingot_handler handler) {
  struct sigaction action = {handler, SA_RESTART, {0}}, old = {0};
  return sigaction(number, &action, &old) == 0 ? old.sa_handler : (ingot_handler)-1;
}

/* ---- processes ---- */

int posix_spawn_file_actions_init(posix_spawn_file_actions_t *actions) {
  actions->from = actions->to = -1;
  return 0;
}
int posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *actions, int from, int to) {
  actions->from = from;
  actions->to = to;
  return 0;
}
int posix_spawn_file_actions_destroy(posix_spawn_file_actions_t *actions) {
  (void)actions;
  return 0;
}
int posix_spawn(pid_t *child, const char *path, const posix_spawn_file_actions_t *actions,
                const posix_spawnattr_t *attributes, char *const *arguments,
                char *const *environment) {
  (void)attributes;
  const int answer = CALL(CLONE, SIGCHLD, 0, 0, 0);
  if (answer < 0)
    return errno;
  if (answer == 0) {
    if (actions && actions->from >= 0)
      CALL(DUP3, actions->from, actions->to, 0, 0);
    CALL(EXECVE, path, arguments, environment, 0);
    _exit(127);
  }
  *child = answer;
  return 0;
}
pid_t wait4(pid_t child, int *status, int options, struct rusage *usage) {
  return CALL(WAIT4, child, status, options, usage);
}
