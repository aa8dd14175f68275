// SPDX-License-Identifier: Apache-2.0
//
// A minimal TCP relay between two network namespaces: epoll, splice(2) and a pair of pipes for
// each connection, one thread, nothing else: a yardstick for the splice path.
// Arguments: see relay.h. bench/system compiles it when it runs.

#include "relay.h"

enum {
    PIPE_BYTES = 1 << 20,
    TURNS = 16,             // moves in one direction before others get their turn
    BACKLOG = 128
};

struct listener {
    int is_listener, socket, port;
};

// What epoll knows of a socket: the direction which reads from it.
struct direction {
    int is_listener, from, to, pipe[2];
    size_t held;            // bytes in the pipe
    int ended;              // the end of the data was passed on
    struct connection *connection;
};

struct connection {
    int open;
    struct direction ways[2];
    struct connection *next_unused;
};

// Closed connections keep their pipes for the next one.
static struct connection *unused;

static void open_pipe(struct direction *way) {
    if (pipe2(way->pipe, O_NONBLOCK | O_CLOEXEC)) die("pipe2");
    fcntl(way->pipe[0], F_SETPIPE_SZ, PIPE_BYTES);
}

static struct connection *take_unused(void) {
    struct connection *c = unused;
    if (c) {
        unused = c->next_unused;
        return c;
    }
    if (!(c = calloc(1, sizeof *c))) die("calloc");
    for (int i = 0; i < 2; i++) {
        c->ways[i].connection = c;
        open_pipe(&c->ways[i]);
    }
    return c;
}

static void end(struct connection *c) {
    for (int i = 0; i < 2; i++) {
        close(c->ways[i].from);
        if (c->ways[i].held) {          // Nobody's bytes: the next user needs an empty pipe.
            close(c->ways[i].pipe[0]);
            close(c->ways[i].pipe[1]);
            open_pipe(&c->ways[i]);
        }
    }
    c->open = 0;
    c->next_unused = unused;
    unused = c;
}

// Moves what can be moved: 0 when it waits for a socket, 1 when there may be more, -1 on errors.
static int move(struct direction *way) {
    for (int turn = 0; turn < TURNS && !way->ended; turn++) {
        ssize_t out = 0, in = splice(way->from, NULL, way->pipe[1], NULL, PIPE_BYTES,
                                     SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
        if (in < 0 && errno != EAGAIN) return -1;
        if (in > 0) way->held += in;
        if (way->held) {
            out = splice(way->pipe[0], NULL, way->to, NULL, way->held,
                         SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
            if (out < 0) return errno == EAGAIN ? 0 : -1;
            way->held -= out;
        }
        if (in == 0 && !way->held) {
            shutdown(way->to, SHUT_WR);
            way->ended = 1;
        } else if (in < 0 && !out) {    // "Again" may also mean that the pipe was full.
            return 0;
        }
    }
    return !way->ended;
}

static void serve(struct direction *way) {
    struct connection *c = way->connection;
    int more = move(way);
    if (more < 0 || (c->ways[0].ended && c->ways[1].ended)) {
        end(c);
    } else if (more) {
        // Events come on edges only; asking anew brings another one where there is more to do.
        int i = way - c->ways;
        struct direction *at = &c->ways[way->held ? !i : i];
        watch(EPOLL_CTL_MOD, at->from, EPOLLIN | EPOLLOUT | EPOLLET, at);
    }
}

static void handle(struct direction *way, unsigned events) {
    struct connection *c = way->connection;
    struct direction *back = &c->ways[way == c->ways];
    if (c->open && events & ~EPOLLOUT) serve(way);
    if (c->open && events & ~EPOLLIN && back->held) serve(back);
}

static void accept_all(struct listener *l) {
    for (int s; (s = accept4(l->socket, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
        int one = 1, other = connect_to(SOCK_STREAM, l->port);
        if (other < 0) {
            close(s);
            continue;
        }
        setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        struct connection *c = take_unused();
        c->open = 1;
        for (int i = 0; i < 2; i++) {
            struct direction *way = &c->ways[i];
            way->from = i ? other : s;
            way->to = i ? s : other;
            way->held = way->ended = 0;
        }
        for (int i = 0; i < 2; i++)
            watch(EPOLL_CTL_ADD, c->ways[i].from, EPOLLIN | EPOLLOUT | EPOLLET, &c->ways[i]);
    }
}

static void start(int s, int port) {
    struct listener *l = malloc(sizeof *l);
    if (!l || listen(s, BACKLOG)) die("listen");
    *l = (struct listener) {1, s, port};
    watch(EPOLL_CTL_ADD, s, EPOLLIN, l);
}

int main(int argc, char **argv) {
    struct epoll_event events[EVENTS];
    if (argc != 5) return 2;
    set_up(argv, SOCK_STREAM, start);
    for (;;) {
        int n = epoll_wait(poller, events, EVENTS, -1);
        for (int i = 0; i < n; i++) {
            struct direction *way = events[i].data.ptr;
            if (way->is_listener) accept_all((struct listener *) way);
            else handle(way, events[i].events);
        }
    }
}
