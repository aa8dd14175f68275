// SPDX-License-Identifier: Apache-2.0
//
// Both ends of the transfers of bench/turns, which are too short for iperf3:
//     stream serve ADDRESS PORT
//     stream up|down ADDRESS PORT STREAMS BYTES      prints the nanoseconds that it took
// As many connections at once move BYTES together. Whoever receives says so at the end with one
// byte, so the time is until the last of it has arrived. Compiled by that script when it runs.
// A transfer is bounded by 20 seconds; a server ends with its parent or after two hours.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PIECE = 128 << 10, TRANSFER_S = 20, LIFETIME_S = 7200 };

// What a client asks for, first thing on a connection.
struct request {
    uint64_t bytes;
    uint64_t down;
};

static char piece[PIECE];

static void die(const char *what) {
    fprintf(stderr, "stream: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void give(int s, const void *from, uint64_t bytes) {
    for (uint64_t left = bytes; left > 0;) {
        ssize_t n = write(s, from, left < PIECE ? left : PIECE);
        if (n <= 0) die("write");
        left -= n;
    }
}

static void take(int s, uint64_t bytes) {
    for (uint64_t left = bytes; left > 0;) {
        ssize_t n = read(s, piece, left < PIECE ? left : PIECE);
        if (n <= 0) die("read");
        left -= n;
    }
}

// One end of a transfer: gives all and waits until it is there, or takes all and says so.
static void transfer(int s, int giving, uint64_t bytes) {
    if (giving) {
        give(s, piece, bytes);
        take(s, 1);
    } else {
        take(s, bytes);
        give(s, piece, 1);
    }
}

static int family, length;
static struct sockaddr_storage peer;

static void parse(const char *address, int port) {
    struct sockaddr_in *v4 = (void *) &peer;
    struct sockaddr_in6 *v6 = (void *) &peer;
    if (inet_pton(AF_INET, address, &v4->sin_addr) == 1) {
        family = AF_INET;
        v4->sin_port = htons(port);
        length = sizeof *v4;
    } else if (inet_pton(AF_INET6, address, &v6->sin6_addr) == 1) {
        family = AF_INET6;
        v6->sin6_port = htons(port);
        length = sizeof *v6;
    } else {
        errno = EINVAL;
        die(address);
    }
    peer.ss_family = family;
}

static void serve(void) {
    int one = 1, listener = socket(family, SOCK_STREAM, 0);
    if (listener < 0) die("socket");
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (void *) &peer, length) || listen(listener, 64)) die("bind");
    signal(SIGCHLD, SIG_IGN);
    puts("ready");
    fflush(stdout);
    for (;;) {
        int s = accept(listener, NULL, NULL);
        if (s < 0) continue;
        if (!fork()) {
            struct request request;
            alarm(TRANSFER_S);
            take(s, sizeof request);
            memcpy(&request, piece, sizeof request);
            transfer(s, request.down, request.bytes);
            _exit(0);
        }
        close(s);
    }
}

static void ask(struct request request) {
    int s = socket(family, SOCK_STREAM, 0);
    alarm(TRANSFER_S);
    if (s < 0 || connect(s, (void *) &peer, length)) die("connect");
    give(s, &request, sizeof request);
    transfer(s, !request.down, request.bytes);
    _exit(0);
}

static long now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000L + t.tv_nsec;
}

int main(int argc, char **argv) {
    if (argc < 4) return 2;
    parse(argv[2], atoi(argv[3]));
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (!strcmp(argv[1], "serve")) {
        alarm(LIFETIME_S);
        serve();
    }
    if (argc < 6) return 2;
    int streams = atoi(argv[4]), failed = 0;
    struct request request = {strtoull(argv[5], NULL, 10) / streams, !strcmp(argv[1], "down")};
    long start = now_ns();
    for (int i = 0; i < streams; i++)
        if (!fork()) ask(request);
    for (int i = 0; i < streams; i++) {
        int status;
        wait(&status);
        failed |= status;
    }
    if (!failed) printf("%ld\n", now_ns() - start);
    return failed != 0;
}
