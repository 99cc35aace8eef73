// Preloaded into a server: each sync takes 2.5 ms longer, as on a disk that is not next to its processor.
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <unistd.h>

static int slowly(long call, int file)
{
    int result = (int)syscall(call, file);
    usleep(2500);
    return result;
}

int fsync(int file) { return slowly(SYS_fsync, file); }

int fdatasync(int file) { return slowly(SYS_fdatasync, file); }
