/*
 * An echo server on a Toehold engine, in C: echo_client SOCKET TCP-PORT. Written from the Javadoc of dev.toehold.abi alone; the names
 * here are the ones there. It attaches, lends memory, listens on every lcore and sends each byte back from the place where it came,
 * so that nothing is copied. It prints "ready" when it listens and runs until the engine hangs up.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { HELLO = 1, WELCOME, REPLY, REGISTER, UNREGISTER, GROUP, QUEUE_PAIR, QUEUE_PAIR_READY }; /* ControlMessage */
enum { CONSUMED = 3, SEND = 4, LISTEN = 6, CLOSE = 9, SET_OPTION = 11, ACCEPT = 64, PROVIDED, TERMINATED }; /* Op */
enum { MORE = 1, EOF_FLAG = 2, BUFFER = 8 }; /* CompletionFlag */
enum { ACCEPT_CREDIT = 4 }; /* Option */
enum { SQ_TAIL = 128, SQ_HEAD = 256, CQ_TAIL = 384, CQ_HEAD = 512, BUF_TAIL = 640, ENGINE_NEED_WAKEUP = 896, CLIENT_NEED_WAKEUP = 1024,
       RINGS = 1408 }; /* QueuePairDescriptor */
enum { REGION_ID = 0, GROUP_ID = 0, BUFFER_SIZE = 8192, BUFFERS_PER_LCORE = 128, CREDIT = 65536, BACKLOG = 64, MAX_LCORES = 256 };

struct submission { uint8_t op, flags; uint16_t group; uint32_t min_length; uint64_t handle, user_data, position; uint32_t region, length;
                    uint64_t offset, arg, zero; };
struct completion { uint64_t user_data, handle, position; int32_t result; uint16_t flags; uint8_t op, zero; uint32_t buffer,
                    buffer_offset, length, more; uint64_t arg0, arg1; };
struct buffer_entry { uint32_t id; uint16_t group, zero; };
struct header { uint64_t magic; uint16_t abi_major, abi_minor; uint32_t sq_entries, cq_entries, buf_entries, sq_offset, cq_offset,
                buf_offset, lcore; uint64_t epoch, length; uint32_t ready; };

/* Bytes of one provided buffer on their way back to the peer. */
struct piece { struct piece *next; uint64_t end; uint32_t buffer, offset, length; };

/* A connection. unsent points into the list of pieces; those before it are submitted and wait for their completion. */
struct connection { struct connection *next; uint64_t handle, received, consumed; struct piece *first, *last, *unsent;
                    int close_due, close_submitted; };

struct lcore { char *memory; int doorbell; struct header header; uint64_t sq_tail, cq_head, buf_tail, listener;
               int is_listening, credit_owed; struct connection *connections; };

static struct lcore lcores[MAX_LCORES];
static int lcore_count, control, wake;
static char *region;
static struct { int references, is_lent; } buffers[MAX_LCORES * BUFFERS_PER_LCORE];

static void die(const char *what) {
    fprintf(stderr, "echo_client: %s: %s\n", what, errno ? strerror(errno) : "not as the contract says");
    exit(1);
}

static void *allocate(size_t size) {
    void *memory = calloc(1, size);
    if (memory == NULL) {
        die("calloc");
    }
    return memory;
}

/* ---- control socket ---- */

/* Sends one message with at most one descriptor, and waits for its answer with at most two. Returns the answer's body. */
static const char *request(int type, const void *body, size_t length, int descriptor, int expected, int *descriptors) {
    static char message[65536];
    static uint64_t correlation;
    struct { uint16_t type, flags; uint32_t length; uint64_t correlation; } head = {type, 0, 16 + length, ++correlation};
    union { char bytes[CMSG_SPACE(2 * sizeof(int))]; struct cmsghdr align; } aside;
    struct iovec parts[2] = {{&head, 16}, {(void *) body, length}};
    struct msghdr out = {.msg_iov = parts, .msg_iovlen = 2};
    if (descriptor >= 0) {
        out.msg_control = aside.bytes;
        out.msg_controllen = CMSG_SPACE(sizeof(int));
        struct cmsghdr *rights = CMSG_FIRSTHDR(&out);
        *rights = (struct cmsghdr) {.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
        memcpy(CMSG_DATA(rights), &descriptor, sizeof(int));
    }
    if (sendmsg(control, &out, MSG_NOSIGNAL) < 0) {
        die("sendmsg");
    }
    struct iovec whole = {message, sizeof message};
    struct msghdr in = {.msg_iov = &whole, .msg_iovlen = 1, .msg_control = aside.bytes, .msg_controllen = sizeof aside};
    ssize_t received = recvmsg(control, &in, MSG_CMSG_CLOEXEC);
    if (received < 16) {
        die("recvmsg");
    }
    memcpy(&head, message, 16);
    int32_t result;
    memcpy(&result, message + 16, 4);
    if (head.type == REPLY && result < 0) {
        fprintf(stderr, "echo_client: the engine says %d: %.*s\n", result, (int) received - 26, message + 26);
        exit(1);
    }
    struct cmsghdr *rights = CMSG_FIRSTHDR(&in);
    if (head.type != expected || head.correlation != correlation || (descriptors != NULL && rights == NULL)) {
        errno = 0;
        die("answer of the engine");
    }
    if (descriptors != NULL) {
        memcpy(descriptors, CMSG_DATA(rights), rights->cmsg_len - CMSG_LEN(0));
    }
    return message + 16;
}

static void attach(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    control = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (connect(control, (struct sockaddr *) &address, sizeof address) < 0) {
        die(path);
    }
    struct __attribute__((packed)) { uint16_t abi_major, abi_minor; uint32_t credit; uint64_t capabilities, token[2]; uint16_t name_length;
        char name[4]; } hello = {1, 0, CREDIT, 0, {0, 0}, 4, "echo"};
    const char *welcome = request(HELLO, &hello, sizeof hello, -1, WELCOME, &wake);
    memcpy(&lcore_count, welcome + 8, 4);
    if (lcore_count < 1 || lcore_count > MAX_LCORES) {
        errno = 0;
        die("lcoreCount");
    }
}

static void lend_memory(void) {
    uint64_t size = (uint64_t) lcore_count * BUFFERS_PER_LCORE * BUFFER_SIZE;
    int fd = memfd_create("echo-region", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0 || fallocate(fd, 0, 0, size) < 0 || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK) < 0) {
        die("region");
    }
    region = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (region == MAP_FAILED) {
        die("mmap");
    }
    struct { uint32_t region, zero; uint64_t length; } reg = {REGION_ID, 0, size};
    request(REGISTER, &reg, sizeof reg, fd, REPLY, NULL);
    struct { uint32_t group, region; uint64_t base; uint32_t buffer_size, count; } group = {GROUP_ID, REGION_ID, 0, BUFFER_SIZE,
        (uint32_t) lcore_count * BUFFERS_PER_LCORE};
    request(GROUP, &group, sizeof group, -1, REPLY, NULL);
}

static void map_queue_pair(uint32_t index) {
    struct lcore *l = &lcores[index];
    struct { uint32_t lcore, zero; } ask = {index, 0};
    int descriptors[2];
    uint64_t length;
    memcpy(&length, request(QUEUE_PAIR, &ask, sizeof ask, -1, QUEUE_PAIR_READY, descriptors) + 8, 8);
    l->doorbell = descriptors[1];
    l->memory = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, descriptors[0], 0);
    if (l->memory == MAP_FAILED) {
        die("mmap of the queue pair");
    }
    memcpy(&l->header, l->memory, sizeof l->header);
    if (memcmp(l->memory, "TOEHOLDQ", 8) != 0 || l->header.abi_major != 1 || l->header.ready != 1 || l->header.sq_offset != RINGS) {
        errno = 0;
        die("header of the queue pair");
    }
}

/* ---- rings ---- */

static _Atomic uint64_t *counter(struct lcore *l, int offset) {
    return (_Atomic uint64_t *) (l->memory + offset);
}

static int has_room(struct lcore *l) {
    return l->sq_tail - atomic_load_explicit(counter(l, SQ_HEAD), memory_order_acquire) < l->header.sq_entries;
}

static void submit(struct lcore *l, struct submission s) {
    memcpy(l->memory + l->header.sq_offset + (l->sq_tail & (l->header.sq_entries - 1)) * sizeof s, &s, sizeof s);
    atomic_store_explicit(counter(l, SQ_TAIL), ++l->sq_tail, memory_order_release);
}

static void lend(struct lcore *l, uint32_t id) {
    struct buffer_entry entry = {id, GROUP_ID, 0};
    buffers[id].is_lent = 1;
    memcpy(l->memory + l->header.buf_offset + (l->buf_tail & (l->header.buf_entries - 1)) * sizeof entry, &entry, sizeof entry);
    atomic_store_explicit(counter(l, BUF_TAIL), ++l->buf_tail, memory_order_release);
}

static void ring_doorbell(struct lcore *l) {
    uint64_t one = 1;
    atomic_thread_fence(memory_order_seq_cst);
    if (atomic_load_explicit(counter(l, ENGINE_NEED_WAKEUP), memory_order_relaxed) != 0
            && atomic_exchange(counter(l, ENGINE_NEED_WAKEUP), 0) == 1 && write(l->doorbell, &one, sizeof one) < 0) {
        die("doorbell");
    }
}

/* ---- echo ---- */

static void unreference(struct lcore *l, uint32_t id) {
    if (--buffers[id].references == 0 && !buffers[id].is_lent) {
        lend(l, id);
    }
}

/* Submits what has room: bytes to send, what was consumed, and CLOSE behind everything. */
static void pump(struct lcore *l, struct connection *c) {
    for (; c->unsent != NULL && has_room(l); c->unsent = c->unsent->next) {
        struct piece *p = c->unsent;
        submit(l, (struct submission) {.op = SEND, .handle = c->handle, .position = p->end - p->length, .region = REGION_ID,
            .length = p->length, .offset = (uint64_t) p->buffer * BUFFER_SIZE + p->offset});
    }
    if (c->consumed > 0 && !c->close_due && has_room(l)) {
        submit(l, (struct submission) {.op = CONSUMED, .handle = c->handle, .arg = c->consumed});
        c->consumed = 0;
    }
    if (c->close_due && !c->close_submitted && c->unsent == NULL && has_room(l)) {
        submit(l, (struct submission) {.op = CLOSE, .handle = c->handle});
        c->close_submitted = 1;
    }
}

/* SENDs up to that position of the stream are done, one way or the other: their memory is ours again. */
static void finish_sends(struct lcore *l, struct connection *c, uint64_t end) {
    while (c->first != NULL && c->first->end <= end) {
        struct piece *p = c->first;
        c->first = p->next;
        c->unsent = c->unsent == p ? p->next : c->unsent;
        c->consumed += p->length;
        unreference(l, p->buffer);
        free(p);
    }
}

static void on_provided(struct lcore *l, struct connection *c, const struct completion *done) {
    if (done->flags & BUFFER) {
        buffers[done->buffer].references++; /* held until the end of this function */
        if (done->length > 0 && !c->close_due) {
            struct piece *p = allocate(sizeof *p);
            c->received += done->length;
            *p = (struct piece) {NULL, c->received, done->buffer, done->buffer_offset, done->length};
            *(c->first == NULL ? &c->first : &c->last->next) = p;
            c->last = p;
            c->unsent = c->unsent == NULL ? p : c->unsent;
            buffers[done->buffer].references++;
        }
        if (!(done->flags & MORE)) {
            buffers[done->buffer].is_lent = 0;
        }
        unreference(l, done->buffer);
    }
    c->close_due |= (done->flags & EOF_FLAG) != 0;
}

static void on_completion(struct lcore *l, const struct completion *done) {
    struct connection **at = &l->connections, *c;
    if (done->op == LISTEN) {
        if (done->result < 0 || !(done->flags & MORE)) {
            fprintf(stderr, "echo_client: LISTEN ended, result=%d\n", done->result);
            exit(1);
        }
        l->listener = done->handle;
        l->is_listening = 1;
    } else if (done->op == ACCEPT) {
        c = allocate(sizeof *c);
        c->handle = done->handle;
        c->next = l->connections;
        l->connections = c;
        l->credit_owed++;
    } else {
        while (*at != NULL && (*at)->handle != done->handle) {
            at = &(*at)->next;
        }
        if ((c = *at) == NULL) {
            return; /* the answer to SET_OPTION of the listener */
        }
        if (done->op == PROVIDED) {
            on_provided(l, c, done);
        } else if (done->op == SEND) {
            finish_sends(l, c, done->position + done->length);
        } else if (done->op == TERMINATED) {
            c->close_due = 1;
        } else if (done->op == CLOSE) {
            finish_sends(l, c, UINT64_MAX);
            *at = c->next;
            free(c);
        }
    }
}

/* Takes all completions of an lcore, then submits what follows from them. Returns how many there were. */
static int turn(struct lcore *l) {
    uint64_t tail = atomic_load_explicit(counter(l, CQ_TAIL), memory_order_acquire);
    int count = (int) (tail - l->cq_head);
    for (; l->cq_head != tail; l->cq_head++) {
        struct completion done;
        memcpy(&done, l->memory + l->header.cq_offset + (l->cq_head & (l->header.cq_entries - 1)) * sizeof done, sizeof done);
        on_completion(l, &done);
    }
    atomic_store_explicit(counter(l, CQ_HEAD), l->cq_head, memory_order_release);
    int is_waiting = 0;
    for (struct connection *c = l->connections; c != NULL; c = c->next) {
        pump(l, c);
        is_waiting |= c->unsent != NULL || c->close_due != c->close_submitted;
    }
    if (l->credit_owed > 0 && has_room(l)) {
        submit(l, (struct submission) {.op = SET_OPTION, .handle = l->listener, .length = ACCEPT_CREDIT, .arg = l->credit_owed});
        l->credit_owed = 0;
    }
    ring_doorbell(l);
    return count + is_waiting; /* room in the submission ring is announced by nothing: look again */
}

static void sleep_until_something(void) {
    int is_quiet = 1;
    for (int i = 0; i < lcore_count; i++) {
        atomic_store_explicit(counter(&lcores[i], CLIENT_NEED_WAKEUP), 1, memory_order_relaxed);
    }
    atomic_thread_fence(memory_order_seq_cst);
    for (int i = 0; i < lcore_count; i++) {
        is_quiet &= atomic_load_explicit(counter(&lcores[i], CQ_TAIL), memory_order_acquire) == lcores[i].cq_head;
    }
    struct pollfd fds[2] = {{wake, POLLIN, 0}, {control, POLLIN, 0}};
    if (poll(fds, 2, is_quiet ? -1 : 0) < 0 && errno != EINTR) {
        die("poll");
    }
    char bytes[64];
    while (fds[0].revents & POLLIN && recv(wake, bytes, sizeof bytes, MSG_DONTWAIT) > 0) {
    }
    if (fds[1].revents != 0) {
        exit(0); /* the engine ends the session: REPLY with correlation 0, then it hangs up */
    }
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: echo_client SOCKET TCP-PORT\n");
        return 2;
    }
    attach(argv[1]);
    lend_memory();
    int listening = 0;
    for (int i = 0; i < lcore_count; i++) {
        map_queue_pair(i);
        for (int id = 0; id < BUFFERS_PER_LCORE; id++) {
            lend(&lcores[i], i * BUFFERS_PER_LCORE + id);
        }
        submit(&lcores[i], (struct submission) {.op = LISTEN, .length = BACKLOG, .min_length = BACKLOG, .arg = atoi(argv[2])});
        ring_doorbell(&lcores[i]);
    }
    for (int is_ready = 0;;) {
        int work = 0;
        listening = 0;
        for (int i = 0; i < lcore_count; i++) {
            work += turn(&lcores[i]);
            listening += lcores[i].is_listening;
        }
        if (!is_ready && listening == lcore_count) {
            is_ready = 1;
            puts("ready echo_client");
            fflush(stdout);
        }
        if (work == 0) {
            sleep_until_something();
        }
    }
}
