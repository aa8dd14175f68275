// SPDX-License-Identifier: Apache-2.0
//
// Stands for a virtual machine in bench/system: guest-relay SOCKET-PATH TAP-NAME.
// Compiled by that script when it runs, in the network namespace that is the guest.
//
// Copies frames between a UNIX stream socket, where each is behind its length (32 bits,
// big-endian), and an existing tap device of its network namespace, without any offload. Batches
// are as large as what is there: the socket costs little, the device one system call per frame.

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    LIFETIME_S = 7200, PREFIX = 4, LONGEST = 65535, BATCH = 256 << 10, SOCKET_BUFFER = 16 << 20,
    ROOM = BATCH + PREFIX + LONGEST, CONNECT_TRIES = 1000, CONNECT_PAUSE_US = 10000
};

static char to_guest[ROOM], from_guest[ROOM];
static size_t to_guest_end, from_guest_start, from_guest_end;
static int device, stream;

static void die(const char *what) {
    fprintf(stderr, "guest-relay: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int open_tap(const char *name) {
    struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) die("/dev/net/tun");
    strncpy(request.ifr_name, name, IFNAMSIZ - 1);
    if (ioctl(fd, TUNSETIFF, &request)) die(name);
    return fd;
}

static int connect_to(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int size = SOCKET_BUFFER, fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) die("socket");
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    for (int tries = 0; connect(fd, (void *) &address, sizeof address); tries++) {
        // Between bind and listen there is a socket, but nobody to talk to.
        if (errno != ECONNREFUSED || tries == CONNECT_TRIES) die(path);
        usleep(CONNECT_PAUSE_US);
    }
    return fd;
}

// Writes each whole frame to the device; the first part of one waits at the front for its rest.
static void receive(void) {
    size_t at = 0;
    ssize_t got = recv(stream, to_guest + to_guest_end, ROOM - to_guest_end, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) exit(0);
    to_guest_end += got;
    while (to_guest_end - at >= PREFIX) {
        uint32_t length;
        memcpy(&length, to_guest + at, PREFIX);
        length = ntohl(length);
        if (length > LONGEST) exit(3);
        if (to_guest_end - at < PREFIX + length) break;
        // What the device refuses is lost, as on any link.
        if (write(device, to_guest + at + PREFIX, length) < 0 && errno == EBADFD) die("write");
        at += PREFIX + length;
    }
    to_guest_end -= at;
    memmove(to_guest, to_guest + at, to_guest_end);
}

// Gathers what the device has, each frame behind its length.
static void gather(void) {
    while (from_guest_end < BATCH) {
        ssize_t got = read(device, from_guest + from_guest_end + PREFIX, LONGEST);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && errno == EAGAIN) return;
        if (got <= 0) die("read");
        uint32_t length = htonl(got);
        memcpy(from_guest + from_guest_end, &length, PREFIX);
        from_guest_end += PREFIX + got;
    }
}

static void transmit(void) {
    ssize_t sent = send(stream, from_guest + from_guest_start, from_guest_end - from_guest_start,
                        MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) exit(0);
    if (sent > 0) from_guest_start += sent;
    if (from_guest_start == from_guest_end) from_guest_start = from_guest_end = 0;
}

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    alarm(LIFETIME_S);
    device = open_tap(argv[2]);
    stream = connect_to(argv[1]);
    puts("ready");
    fflush(stdout);
    for (;;) {
        // What the socket does not take holds the device up: the frames wait in its queue.
        int full = from_guest_end > 0;
        struct pollfd watched[] = {{.fd = stream, .events = full ? POLLIN | POLLOUT : POLLIN},
                                   {.fd = full ? -1 : device, .events = POLLIN}};
        if (poll(watched, 2, -1) < 0 && errno != EINTR) die("poll");
        if (watched[0].revents & ~POLLOUT) receive();
        if (watched[1].revents) gather();
        if (from_guest_end > 0) transmit();
    }
}
