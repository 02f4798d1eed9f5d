package dev.toehold.port;

import dev.toehold.ffi.dpdk.DpdkException;
import dev.toehold.ffi.dpdk.EthDev;
import dev.toehold.ffi.dpdk.EthDevInfo;
import dev.toehold.ffi.dpdk.EthRss;
import java.util.Arrays;
import java.util.function.IntFunction;

/**
 * Whether a port can spread what it receives over queues so that the engine knows beforehand where a flow comes: by the hash of network
 * cards over addresses and TCP ports, under a key that we set and can read back, and a table that we set and can read back.
 */
final class ReceiveSpread {
    /** Bytes that the hash of an IPv6 flow takes of a key. */
    private static final int LEAST_KEY = 40;

    private ReceiveSpread() {}

    /** Why a port has one queue only; empty if it can have {@code queues}, more than one, and spread over them. */
    static String whyOneQueue(final EthDevInfo info, final int queues) {
        if (!EthRss.hashesTcp(info)) {
            return "driver " + info.driverName() + " cannot hash TCP (no RSS)";
        }
        final int table = info.redirectionTableSize();
        if (Integer.bitCount(table) != 1 || table < queues) {
            return "its redirection table has " + table + " entries, not a power of two from " + queues + " on";
        }
        if (info.hashKeySize() != 0 && info.hashKeySize() < LEAST_KEY) {
            return "its hash key has " + info.hashKeySize() + " bytes, fewer than " + LEAST_KEY;
        }
        if (info.maxRxQueues() < queues || info.maxTxQueues() < queues) {
            return "it has " + info.maxRxQueues() + " receive and " + info.maxTxQueues() + " transmit queues for "
                    + queues + " lcores";
        }
        return "";
    }

    /** The key for a port, of the length that its driver wants. */
    static byte[] key(final EthDevInfo info, final IntFunction<byte[]> keyOfLength) {
        return keyOfLength.apply(info.hashKeySize() == 0 ? LEAST_KEY : info.hashKeySize());
    }

    /** Makes a started port hash under this key. Returns why it does not; empty if it does. */
    static String start(final EthDev dev, final byte[] key) {
        final EthRss rss = dev.rss();
        try {
            if (!isUnder(rss, key)) {
                rss.key(key, dev.info().rssOffloads());
            }
            return isUnder(rss, key) ? "" : "driver " + dev.info().driverName() + " does not hash TCP under our key";
        } catch (final DpdkException e) {
            return "driver " + dev.info().driverName() + ": " + e.getMessage();
        }
    }

    private static boolean isUnder(final EthRss rss, final byte[] key) {
        return rss.isHashingTcp() && Arrays.equals(key, rss.key(key.length));
    }

    /** Sets the table and reads it back. Returns why it is not as it should be; empty if it is. */
    static String redirect(final EthRss rss, final int[] queues) {
        try {
            rss.redirect(queues);
            return Arrays.equals(queues, rss.table()) ? "" : "its redirection table is not as it was set";
        } catch (final DpdkException e) {
            return e.getMessage();
        }
    }
}
