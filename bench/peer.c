// SPDX-License-Identifier: Apache-2.0
//
// Both ends of the small loads of bench/system: peer ACTION ADDRESS PORT [ARGUMENT...],
// and a stop watch: peer time COMMAND...
// Compiled by that script when it runs. Results go to standard output as "NAME VALUE" pairs.
// Every load is bounded in count or time; a server ends with its parent or after two hours.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <signal.h>
#include <spawn.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 32, LARGEST = 65536, LIFETIME_S = 7200, RECEIVE_BUFFER = 4 << 20,
       FIRST_CLIENT_PORT = 30000 };

static struct sockaddr_storage peer;
static socklen_t peer_length;

static void die(const char *what) {
    fprintf(stderr, "peer: %s: %s\n", what, strerror(errno));
    exit(1);
}

static long now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000L + t.tv_nsec;
}

static void parse(const char *address, int port) {
    struct sockaddr_in *v4 = (void *) &peer;
    struct sockaddr_in6 *v6 = (void *) &peer;
    if (inet_pton(AF_INET, address, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        peer_length = sizeof *v4;
    } else if (inet_pton(AF_INET6, address, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        peer_length = sizeof *v6;
    } else {
        errno = EINVAL;
        die(address);
    }
}

static int open_socket(int type) {
    int one = 1, buffer = RECEIVE_BUFFER, s = socket(peer.ss_family, type, 0);
    if (s < 0) die("socket");
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (type == SOCK_STREAM) setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    else setsockopt(s, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer);
    return s;
}

static int bound(int type) {
    int s = open_socket(type);
    if (bind(s, (void *) &peer, peer_length)) die("bind");
    return s;
}

static int connected(int type) {
    int s = open_socket(type);
    if (connect(s, (void *) &peer, peer_length)) die("connect");
    return s;
}

static void set_timeout(int s, int ms) {
    struct timeval t = {ms / 1000, ms % 1000 * 1000};
    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
}

// Sends back what comes, TCP and UDP on one port.
static void echo(void) {
    static char buffer[LARGEST];
    struct epoll_event events[64], event = {.events = EPOLLIN};
    int poller = epoll_create1(0), listener = bound(SOCK_STREAM), datagrams = bound(SOCK_DGRAM);
    if (listen(listener, 1024)) die("listen");
    event.data.fd = listener;
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    event.data.fd = datagrams;
    epoll_ctl(poller, EPOLL_CTL_ADD, datagrams, &event);
    puts("ready");
    fflush(stdout);
    for (;;) {
        int n = epoll_wait(poller, events, 64, -1);
        for (int i = 0; i < n; i++) {
            int s = events[i].data.fd;
            if (s == listener) {
                int one = 1;
                event.data.fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
                if (event.data.fd < 0) continue;
                setsockopt(event.data.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                epoll_ctl(poller, EPOLL_CTL_ADD, event.data.fd, &event);
            } else if (s == datagrams) {
                struct sockaddr_storage from;
                socklen_t length = sizeof from;
                ssize_t got = recvfrom(s, buffer, sizeof buffer, 0, (void *) &from, &length);
                if (got >= 0) sendto(s, buffer, got, 0, (void *) &from, length);
            } else {
                ssize_t got = recv(s, buffer, sizeof buffer, 0);
                if (got <= 0 || send(s, buffer, got, MSG_NOSIGNAL) < 0) close(s);
            }
        }
    }
}

// Lets one of our sockets ask, the next one each time, so that all have their turn.
static void ask_next(const int *sockets, int count) {
    static int next;
    char question[64] = "question";
    if (send(sockets[next++ % count], question, sizeof question, 0) < 0) die("send");
}

// Exchanges with an echo server until so many were answered or a time came; how many were.
// What is not answered within a while is lost, and others are asked for it.
static long exchange(int poller, const int *sockets, int count, long most, long end, int *lost) {
    enum { OUTSTANDING = 64, PATIENCE_MS = 500 };
    struct epoll_event events[OUTSTANDING];
    char answer[64];
    long answered = 0;
    int asked = 0;
    while (answered < most && now_ns() < end) {
        for (; asked < OUTSTANDING; asked++) ask_next(sockets, count);
        int n = epoll_wait(poller, events, OUTSTANDING, PATIENCE_MS);
        if (n == 0) {
            *lost += asked;
            asked = 0;
        }
        for (int i = 0; i < n; i++)
            for (; recv(events[i].data.fd, answer, sizeof answer, MSG_DONTWAIT) > 0; asked--)
                answered++;
    }
    return answered;
}

// A datagram socket with that port: the same clients come again the next time.
static int connected_from(int port) {
    struct sockaddr_storage own = {.ss_family = peer.ss_family};
    int s = open_socket(SOCK_DGRAM);
    ((struct sockaddr_in *) &own)->sin_port = htons(port);      // where sockaddr_in6 has it, too
    if (bind(s, (void *) &own, peer_length)) die("bind");
    if (connect(s, (void *) &peer, peer_length)) die("connect");
    return s;
}

// Many clients of one server: each exchanges one small datagram with it and waits for its turn.
// Measures when every client is known on the way, and a line on standard input says so.
static void peers(int count, int ms) {
    int *sockets = malloc(count * sizeof *sockets), lost = 0, poller = epoll_create1(0);
    for (int i = 0; i < count; i++) {
        struct epoll_event event = {.events = EPOLLIN};
        event.data.fd = sockets[i] = connected_from(FIRST_CLIENT_PORT + i);
        if (epoll_ctl(poller, EPOLL_CTL_ADD, sockets[i], &event)) die("epoll_ctl");
    }
    exchange(poller, sockets, count, 2L * count, now_ns() + 20 * 1000000000L, &lost);
    puts("ready");
    fflush(stdout);
    getchar();
    long start = now_ns();
    lost = 0;
    long answered = exchange(poller, sockets, count, LONG_MAX, start + ms * 1000000L, &lost);
    printf("exchanges %ld rate %.0f lost %d\n", answered, answered / ((now_ns() - start) / 1e9),
           lost);
}

static int ascending(const void *a, const void *b) {
    long x = *(const long *) a, y = *(const long *) b;
    return (x > y) - (x < y);
}

// One message there and back, again and again; times in microseconds.
static void round_trips(int type, int count) {
    char message[64] = "round trip", back[64];
    int s = connected(type), lost = 0, kept = 0;
    long *times = malloc(count * sizeof *times);
    set_timeout(s, 1000);
    for (int i = 0; i < count && lost < 5; i++) {
        long start = now_ns();
        if (send(s, message, sizeof message, 0) < 0) die("send");
        if (recv(s, back, sizeof back, MSG_WAITALL) == sizeof back)
            times[kept++] = now_ns() - start;
        else
            lost++;
    }
    if (!kept) die("recv");
    qsort(times, kept, sizeof *times, ascending);
    printf("p50 %.2f p99 %.2f lost %d\n", times[kept / 2] / 1e3, times[kept * 99L / 100] / 1e3,
           lost);
}

// Connections one after the other, each with one message there and back.
static void connections(int count) {
    char message[16] = "hello", back[16];
    long start = now_ns();
    for (int i = 0; i < count; i++) {
        int s = connected(SOCK_STREAM);
        if (send(s, message, sizeof message, 0) < 0) die("send");
        if (recv(s, back, sizeof back, MSG_WAITALL) != sizeof back) die("recv");
        close(s);
    }
    printf("rate %.1f\n", count / ((now_ns() - start) / 1e9));
}

// A connection on which a message went there and back; -1 if it is not to be had within seconds.
static int tried(void) {
    enum { PATIENCE_S = 3 };
    struct timeval patience = {PATIENCE_S, 0};
    char message[16] = "hello", back[16];
    int s = open_socket(SOCK_STREAM);
    setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (!connect(s, (void *) &peer, peer_length) && send(s, message, sizeof message, 0) > 0
            && recv(s, back, sizeof back, MSG_WAITALL) == sizeof back) return s;
    close(s);
    return -1;
}

// Has as many connections open as there can be, up to a number, until its standard input ends.
// Where there are fewer, some of them are closed again, which leaves room for others.
static void hold(int count, int room) {
    int *sockets = malloc(count * sizeof *sockets), held = 0;
    while (held < count && (sockets[held] = tried()) >= 0) held++;
    if (held < count)
        for (int i = 0; i < room && held > 0; i++) close(sockets[--held]);
    printf("open %d\n", held);
    fflush(stdout);
    while (getchar() != EOF);
}

// As many descriptors as one may have.
static void raise_limit(void) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static struct mmsghdr batch[BATCH];
static struct iovec pieces[BATCH];

static void prepare(int size) {
    static char buffers[BATCH][LARGEST];
    for (int i = 0; i < BATCH; i++) {
        pieces[i] = (struct iovec) {buffers[i], size};
        batch[i].msg_hdr = (struct msghdr) {.msg_iov = &pieces[i], .msg_iovlen = 1};
    }
}

// Sends datagrams as fast as it goes.
static void flood(int s, int size, int ms) {
    long sent = 0, end = now_ns() + ms * 1000000L;
    prepare(size);
    while (now_ns() < end) {
        int n = sendmmsg(s, batch, BATCH, 0);
        if (n > 0) sent += n;
        else if (errno != ENOBUFS && errno != ECONNREFUSED) die("sendmmsg");
    }
    printf("sent %ld\n", sent);
}

// Counts datagrams until none comes for 300 ms, and gives the rate between first and last.
static void count(int s) {
    long received = 0, first = 0, last = 0;
    prepare(LARGEST);
    set_timeout(s, 5000);
    for (int n; (n = recvmmsg(s, batch, BATCH, MSG_WAITFORONE, NULL)) > 0; received += n) {
        last = now_ns();
        if (!first) {
            first = last;
            set_timeout(s, 300);
        }
    }
    printf("received %ld rate %.0f\n", received,
           last > first ? received / ((last - first) / 1e9) : 0);
}

// Runs a command and gives the milliseconds until it ended.
static int stop_watch(char **command) {
    extern char **environ;
    posix_spawn_file_actions_t silence;
    int status;
    pid_t child;
    posix_spawn_file_actions_init(&silence);
    posix_spawn_file_actions_addopen(&silence, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    long start = now_ns();
    if ((errno = posix_spawnp(&child, *command, &silence, NULL, command, environ))) die(*command);
    if (waitpid(child, &status, 0) != child) die("waitpid");
    printf("ms %.2f\n", (now_ns() - start) / 1e6);
    return status ? 1 : 0;
}

int main(int argc, char **argv) {
    if (argc > 2 && !strcmp(argv[1], "time")) return stop_watch(argv + 2);
    if (argc < 4) return 2;
    const char *action = argv[1];
    int first = argc > 4 ? atoi(argv[4]) : 0, second = argc > 5 ? atoi(argv[5]) : 0;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    alarm(LIFETIME_S);
    raise_limit();
    parse(argv[2], atoi(argv[3]));
    if (!strcmp(action, "echo")) {
        echo();
    } else if (!strcmp(action, "tcp-rr")) {
        round_trips(SOCK_STREAM, first);
    } else if (!strcmp(action, "udp-rr")) {
        round_trips(SOCK_DGRAM, first);
    } else if (!strcmp(action, "connections")) {
        connections(first);
    } else if (!strcmp(action, "peers")) {           // COUNT MS
        peers(first, second);
    } else if (!strcmp(action, "hold")) {            // COUNT ROOM
        hold(first, second);
    } else if (!strcmp(action, "sink")) {            // receives what "flood" sends
        int s = bound(SOCK_DGRAM);
        puts("ready");
        fflush(stdout);
        count(s);
    } else if (!strcmp(action, "flood")) {           // SIZE MS
        flood(connected(SOCK_DGRAM), first, second);
    } else if (!strcmp(action, "source")) {          // SIZE MS: floods whoever asks first
        int s = bound(SOCK_DGRAM);
        char question[16];
        puts("ready");
        fflush(stdout);
        peer_length = sizeof peer;
        if (recvfrom(s, question, sizeof question, 0, (void *) &peer, &peer_length) < 0)
            die("recvfrom");
        if (connect(s, (void *) &peer, peer_length)) die("connect");
        flood(s, first, second);
    } else if (!strcmp(action, "drink")) {           // asks a "source"
        int s = connected(SOCK_DGRAM);
        if (send(s, "please", 6, 0) < 0) die("send");
        count(s);
    } else {
        return 2;
    }
    return 0;
}
