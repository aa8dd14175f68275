// SPDX-License-Identifier: Apache-2.0
//
// What the two minimal relays of bench/system have in common: their arguments, and sockets in two
// network namespaces. Arguments: CONNECT-NAMESPACE-FILE ADDRESS FIRST-PORT LAST-PORT. Sockets that
// listen are opened in the namespace the relay is started in; then it enters the other one, where
// a port is connected to the same port of the same address.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LIFETIME_S = 7200, EVENTS = 64, SMALLEST_PORT = 1, LARGEST_PORT = 65535 };

static struct sockaddr_storage address;
static socklen_t address_length;
static int poller;

static void die(const char *what) {
    fprintf(stderr, "relay: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void set_port(int port) {
    if (address.ss_family == AF_INET) ((struct sockaddr_in *) &address)->sin_port = htons(port);
    else ((struct sockaddr_in6 *) &address)->sin6_port = htons(port);
}

static void parse_address(const char *text) {
    struct sockaddr_in *v4 = (void *) &address;
    struct sockaddr_in6 *v6 = (void *) &address;
    if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        address_length = sizeof *v4;
    } else if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        address_length = sizeof *v6;
    } else {
        errno = EINVAL;
        die(text);
    }
}

static int open_socket(int type) {
    int one = 1, s = socket(address.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s >= 0 && type == SOCK_STREAM) setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return s;
}

static void watch(int operation, int s, unsigned events, void *data) {
    struct epoll_event event = {.events = events, .data.ptr = data};
    if (epoll_ctl(poller, operation, s, &event)) die("epoll_ctl");
}

// Opens a bound socket for each port, gives it to `take`, and enters the other namespace.
static void set_up(char **argv, int type, void (*take)(int s, int port)) {
    int first, last, one = 1, elsewhere = open(argv[1], O_RDONLY | O_CLOEXEC);
    if (elsewhere < 0) die(argv[1]);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    alarm(LIFETIME_S);
    signal(SIGPIPE, SIG_IGN);
    parse_address(argv[2]);
    first = atoi(argv[3]);
    last = atoi(argv[4]);
    if (first < SMALLEST_PORT || last > LARGEST_PORT) exit(2);
    if ((poller = epoll_create1(EPOLL_CLOEXEC)) < 0) die("epoll_create1");
    for (int port = first; port <= last; port++) {
        int s = open_socket(type);
        if (s < 0) die("socket");
        setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
        set_port(port);
        if (bind(s, (void *) &address, address_length)) die("bind");
        take(s, port);
    }
    if (setns(elsewhere, CLONE_NEWNET)) die("setns");
    close(elsewhere);
    puts("ready");
    fflush(stdout);
}

// The connecting end, in the other namespace: a socket, or -1.
static int connect_to(int type, int port) {
    int s = open_socket(type);
    set_port(port);
    if (s >= 0 && connect(s, (void *) &address, address_length) && errno != EINPROGRESS) {
        close(s);
        return -1;
    }
    return s;
}
