// SPDX-License-Identifier: Apache-2.0
//
// A minimal UDP relay between two network namespaces: epoll, recvmmsg(2) and sendmmsg(2), a
// connected socket for each port and sender, one thread. It remembers the last few senders.
// Arguments: see relay.h. bench/system compiles it when it runs.

#include "relay.h"

enum { BATCH = 32, LARGEST = 65536, SENDERS = 256 };

struct listener {
    int is_listener, socket, port;
};

struct sender {
    int is_listener, socket;        // the socket connected to the server on this one's behalf
    struct listener *listener;
    struct sockaddr_storage from;
    socklen_t length;
};

static struct sender senders[SENDERS];
static unsigned next_sender;

static char buffers[BATCH][LARGEST];
static struct sockaddr_storage names[BATCH];
static struct iovec pieces[BATCH];
static struct mmsghdr batch[BATCH];

static int receive(int s) {
    for (int i = 0; i < BATCH; i++) {
        pieces[i] = (struct iovec) {buffers[i], LARGEST};
        batch[i].msg_hdr = (struct msghdr) {.msg_iov = &pieces[i], .msg_iovlen = 1,
                                            .msg_name = &names[i], .msg_namelen = sizeof names[i]};
    }
    return recvmmsg(s, batch, BATCH, 0, NULL);
}

static struct sender *find(struct listener *l, struct msghdr *message) {
    struct sender *s = senders;
    for (; s < senders + SENDERS; s++)
        if (s->listener == l && s->length == message->msg_namelen
            && !memcmp(&s->from, message->msg_name, s->length)) return s;
    s = &senders[next_sender++ % SENDERS];
    if (s->listener) close(s->socket);
    s->listener = l;
    s->length = message->msg_namelen;
    memcpy(&s->from, message->msg_name, s->length);
    if ((s->socket = connect_to(SOCK_DGRAM, l->port)) < 0) die("connect");
    watch(EPOLL_CTL_ADD, s->socket, EPOLLIN, s);
    return s;
}

// Passes on datagrams from `first` to before `end`, to an address or a connected socket's peer.
static void pass_on(int s, int first, int end, struct sockaddr_storage *to, socklen_t length) {
    for (int i = first; i < end; i++) {
        pieces[i].iov_len = batch[i].msg_len;
        batch[i].msg_hdr.msg_name = to;
        batch[i].msg_hdr.msg_namelen = length;
    }
    while (first < end) {
        int sent = sendmmsg(s, batch + first, end - first, 0);
        first += sent > 0 ? sent : 1;       // What cannot be sent is lost, as it is with UDP.
    }
}

static void forward(struct listener *l) {
    int n = receive(l->socket);
    for (int i = 0, end; i < n; i = end) {
        struct sender *s = find(l, &batch[i].msg_hdr);
        for (end = i + 1; end < n && batch[end].msg_hdr.msg_namelen == s->length
                          && !memcmp(&names[end], &s->from, s->length); end++);
        pass_on(s->socket, i, end, NULL, 0);
    }
}

static void answer(struct sender *s) {
    int n = receive(s->socket);
    if (n > 0) pass_on(s->listener->socket, 0, n, &s->from, s->length);
}

static void start(int s, int port) {
    struct listener *l = malloc(sizeof *l);
    if (!l) die("malloc");
    *l = (struct listener) {1, s, port};
    watch(EPOLL_CTL_ADD, s, EPOLLIN, l);
}

int main(int argc, char **argv) {
    struct epoll_event events[EVENTS];
    if (argc != 5) return 2;
    set_up(argv, SOCK_DGRAM, start);
    for (;;) {
        int n = epoll_wait(poller, events, EVENTS, -1);
        for (int i = 0; i < n; i++) {
            struct sender *s = events[i].data.ptr;
            if (s->is_listener) forward((struct listener *) s);
            else answer(s);
        }
    }
}
