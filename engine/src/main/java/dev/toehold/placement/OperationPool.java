package dev.toehold.placement;

import java.util.Arrays;

/**
 * The outstanding operations of one queue pair, a node each: posted RECEIVEs, bound buffers, SENDs, and what waits for the end
 * of a connection. There are as many nodes as completion slots, and whoever takes a node holds a slot, so the pool is never
 * dry. Nodes are indexes into one flat array and are linked into lists by {@link #next}.
 */
public final class OperationPool {
    public static final int NONE = -1;

    private static final int STRIDE = 8;
    private static final int POSITION = 0;
    private static final int USER_DATA = 1;
    private static final int OFFSET = 2;
    private static final int LENGTH_AND_NEXT = 3;
    private static final int REGION_AND_MIN_LENGTH = 4;
    private static final int GROUP_AND_BUFFER = 5;
    private static final int DELIVERED_AND_FLAGS = 6;

    private final long[] words;
    private int freeHead;
    private int freeCount;

    public OperationPool(int capacity) {
        words = new long[capacity * STRIDE];
        freeCount = capacity;
        for (int node = 0; node < capacity; node++) {
            next(node, node + 1 < capacity ? node + 1 : NONE);
        }
    }

    /** A zeroed node, linked to none, or {@link #NONE}. */
    public int allocate() {
        int node = freeHead;
        if (node == NONE) {
            return NONE;
        }
        freeHead = next(node);
        freeCount--;
        int base = node * STRIDE;
        Arrays.fill(words, base, base + STRIDE, 0L);
        next(node, NONE);
        return node;
    }

    public void free(int node) {
        next(node, freeHead);
        freeHead = node;
        freeCount++;
    }

    public int freeCount() {
        return freeCount;
    }

    public int capacity() {
        return words.length / STRIDE;
    }

    /** First position of the stream that the node covers. */
    public long position(int node) {
        return words[node * STRIDE + POSITION];
    }

    public void position(int node, long value) {
        words[node * STRIDE + POSITION] = value;
    }

    /** Position behind the last byte that the node covers. */
    public long end(int node) {
        return position(node) + length(node);
    }

    public long userData(int node) {
        return words[node * STRIDE + USER_DATA];
    }

    public void userData(int node, long value) {
        words[node * STRIDE + USER_DATA] = value;
    }

    /** Byte offset in the region of the first byte. */
    public long offset(int node) {
        return words[node * STRIDE + OFFSET];
    }

    public void offset(int node, long value) {
        words[node * STRIDE + OFFSET] = value;
    }

    /** Bytes. */
    public int length(int node) {
        return low(node, LENGTH_AND_NEXT);
    }

    public void length(int node, int value) {
        low(node, LENGTH_AND_NEXT, value);
    }

    public int next(int node) {
        return high(node, LENGTH_AND_NEXT);
    }

    public void next(int node, int value) {
        high(node, LENGTH_AND_NEXT, value);
    }

    public int region(int node) {
        return low(node, REGION_AND_MIN_LENGTH);
    }

    public void region(int node, int value) {
        low(node, REGION_AND_MIN_LENGTH, value);
    }

    /** RECEIVE: bytes that suffice to complete it, 0 = exact fill. */
    public int minLength(int node) {
        return high(node, REGION_AND_MIN_LENGTH);
    }

    public void minLength(int node, int value) {
        high(node, REGION_AND_MIN_LENGTH, value);
    }

    /** Bound buffer: its group. */
    public int group(int node) {
        return low(node, GROUP_AND_BUFFER);
    }

    public void group(int node, int value) {
        low(node, GROUP_AND_BUFFER, value);
    }

    /** Bound buffer: its id in the group. */
    public int buffer(int node) {
        return high(node, GROUP_AND_BUFFER);
    }

    public void buffer(int node, int value) {
        high(node, GROUP_AND_BUFFER, value);
    }

    /** Bound buffer: bytes of it that completions have named. */
    public int delivered(int node) {
        return low(node, DELIVERED_AND_FLAGS);
    }

    public void delivered(int node, int value) {
        low(node, DELIVERED_AND_FLAGS, value);
    }

    /** Bits whose meaning is the list's. */
    public int flags(int node) {
        return high(node, DELIVERED_AND_FLAGS);
    }

    public void flags(int node, int value) {
        high(node, DELIVERED_AND_FLAGS, value);
    }

    private int low(int node, int word) {
        return (int) words[node * STRIDE + word];
    }

    private void low(int node, int word, int value) {
        int index = node * STRIDE + word;
        words[index] = (words[index] & 0xffff_ffff_0000_0000L) | (value & 0xffff_ffffL);
    }

    private int high(int node, int word) {
        return (int) (words[node * STRIDE + word] >>> 32);
    }

    private void high(int node, int word, int value) {
        int index = node * STRIDE + word;
        words[index] = (words[index] & 0xffff_ffffL) | (long) value << 32;
    }
}
