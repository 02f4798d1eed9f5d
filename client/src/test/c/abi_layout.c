/* Prints the layout of Toehold's shared structures as a C compiler sees them; CLayoutTest compares. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct submission {
    uint8_t op;
    uint8_t flags;
    uint16_t group;
    uint32_t minLength;
    uint64_t handle;
    uint64_t userData;
    uint64_t position;
    uint32_t region;
    uint32_t length;
    uint64_t offset;
    uint64_t arg;
    uint64_t zero;
};

struct completion {
    uint64_t userData;
    uint64_t handle;
    uint64_t position;
    int32_t result;
    uint16_t flags;
    uint8_t op;
    uint8_t zero;
    uint32_t buffer;
    uint32_t bufferOffset;
    uint32_t length;
    uint32_t more;
    uint64_t arg0;
    uint64_t arg1;
};

struct buffer {
    uint32_t id;
    uint16_t group;
    uint16_t zero;
};

#define LINE _Alignas(128) uint64_t

struct queuePair {
    uint64_t magic;
    uint16_t abiMajor;
    uint16_t abiMinor;
    uint32_t sqEntries;
    uint32_t cqEntries;
    uint32_t bufEntries;
    uint32_t sqOffset;
    uint32_t cqOffset;
    uint32_t bufOffset;
    uint32_t lcore;
    uint64_t epoch;
    uint64_t length;
    uint32_t ready;
    LINE sqTail;
    LINE sqHead;
    LINE cqTail;
    LINE cqHead;
    LINE bufTail;
    LINE bufHead;
    LINE engineNeedWakeup;
    LINE clientNeedWakeup;
    LINE heartbeatNs;
    LINE copiedBytes;
};

struct control {
    uint16_t type;
    uint16_t flags;
    uint32_t length;
    uint64_t correlation;
    uint8_t body[];
};

#define SIZE(type) printf(#type " %zu\n", sizeof(struct type))
#define FIELD(type, field) printf(#type "." #field " %zu\n", offsetof(struct type, field))

int main(void)
{
    SIZE(submission);
    FIELD(submission, op);
    FIELD(submission, flags);
    FIELD(submission, group);
    FIELD(submission, minLength);
    FIELD(submission, handle);
    FIELD(submission, userData);
    FIELD(submission, position);
    FIELD(submission, region);
    FIELD(submission, length);
    FIELD(submission, offset);
    FIELD(submission, arg);
    FIELD(submission, zero);
    SIZE(completion);
    FIELD(completion, userData);
    FIELD(completion, handle);
    FIELD(completion, position);
    FIELD(completion, result);
    FIELD(completion, flags);
    FIELD(completion, op);
    FIELD(completion, zero);
    FIELD(completion, buffer);
    FIELD(completion, bufferOffset);
    FIELD(completion, length);
    FIELD(completion, more);
    FIELD(completion, arg0);
    FIELD(completion, arg1);
    SIZE(buffer);
    FIELD(buffer, id);
    FIELD(buffer, group);
    FIELD(buffer, zero);
    SIZE(queuePair);
    FIELD(queuePair, magic);
    FIELD(queuePair, abiMajor);
    FIELD(queuePair, abiMinor);
    FIELD(queuePair, sqEntries);
    FIELD(queuePair, cqEntries);
    FIELD(queuePair, bufEntries);
    FIELD(queuePair, sqOffset);
    FIELD(queuePair, cqOffset);
    FIELD(queuePair, bufOffset);
    FIELD(queuePair, lcore);
    FIELD(queuePair, epoch);
    FIELD(queuePair, length);
    FIELD(queuePair, ready);
    FIELD(queuePair, sqTail);
    FIELD(queuePair, sqHead);
    FIELD(queuePair, cqTail);
    FIELD(queuePair, cqHead);
    FIELD(queuePair, bufTail);
    FIELD(queuePair, bufHead);
    FIELD(queuePair, engineNeedWakeup);
    FIELD(queuePair, clientNeedWakeup);
    FIELD(queuePair, heartbeatNs);
    FIELD(queuePair, copiedBytes);
    FIELD(control, type);
    FIELD(control, flags);
    FIELD(control, length);
    FIELD(control, correlation);
    FIELD(control, body);
    return 0;
}
