package dev.toehold.port;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Geometry of the memory that the kernel and net_af_packet share. A frame holds one packet behind its header; the
 * driver computes a frame's address as if blocks were contiguous, so a block must be a multiple of the frame; the
 * kernel wants it to be a multiple of the page.
 *
 * @param frameSize bytes of a frame
 * @param blockSize bytes of a block
 * @param frameCount frames per direction
 */
record AfPacketRing(int frameSize, int blockSize, int frameCount) {
    /** Largest MTU: a frame with its header must fit an mbuf, whose lengths have 16 bits. */
    static final int MAX_MTU = 16 * 1024;

    /** Ethernet header and one VLAN tag, which the driver puts back in front of the payload. */
    static final int LINK_HEADER_LENGTH = 18;

    /**
     * Bytes of a frame in front of a received packet: tpacket2_hdr and sockaddr_ll (52), 16 for the link header at
     * least, rounded up to 16, less the 14 of the Ethernet header that lie at its end (linux/if_packet.h).
     */
    private static final int RX_HEADER_LENGTH = 66;

    /** Bytes in front of a packet sent: TPACKET2_HDRLEN less sizeof(struct sockaddr_ll). */
    private static final int TX_HEADER_LENGTH = 32;

    private static final Pattern FRAME_SIZE = Pattern.compile(",framesz=(\\d{1,6})(?=,|$)");

    private static final int PAGE = 4096;
    private static final int LEAST_FRAME = 2048;
    private static final int FRAME_STEP = 1024;
    /** Blocks are physically contiguous where the kernel can: larger ones get scarce. */
    private static final int MOST_BLOCK = 256 * 1024;

    private static final int BYTES_PER_DIRECTION = 8 << 20;
    private static final int LEAST_FRAMES = 1024;

    /**
     * Frames for packets of {@code mtu} bytes behind the Ethernet header: 4096 of 2 KiB, or what 8 MiB hold of
     * larger ones.
     */
    static AfPacketRing forMtu(final int mtu) {
        if (mtu < 1 || mtu > MAX_MTU) {
            throw new IllegalArgumentException("mtu=" + mtu + " is not in 1.." + MAX_MTU);
        }
        // One byte more than the longest packet, so that a packet which fills its frame is known to be cut.
        final int needed = mtu + LINK_HEADER_LENGTH + RX_HEADER_LENGTH + 1;
        final int frameSize = needed <= LEAST_FRAME ? LEAST_FRAME : (needed + FRAME_STEP - 1) / FRAME_STEP * FRAME_STEP;
        final int unit = leastCommonMultiple(PAGE, frameSize);
        final int blockSize = Math.max(1, MOST_BLOCK / unit) * unit;
        final int perBlock = blockSize / frameSize;
        final int frames = Math.max(LEAST_FRAMES, BYTES_PER_DIRECTION / frameSize);
        return new AfPacketRing(frameSize, blockSize, (frames + perBlock - 1) / perBlock * perBlock);
    }

    /** Bytes that the driver maps and locks in memory, both directions. */
    long lockedBytes() {
        return 2L * frameSize * frameCount;
    }

    private static int leastCommonMultiple(final int a, final int b) {
        int x = a;
        int y = b;
        while (y != 0) {
            final int rest = x % y;
            x = y;
            y = rest;
        }
        return a / x * b;
    }

    /** A received packet of at least this many bytes was cut to fit. */
    int truncatedLength() {
        return frameSize - RX_HEADER_LENGTH;
    }

    /** Likewise for a device string that chooses its own frame size, or leaves it to the driver. */
    static int truncatedLength(final String deviceArguments) {
        final Matcher matcher = FRAME_SIZE.matcher(deviceArguments);
        return (matcher.find() ? Integer.parseInt(matcher.group(1)) : LEAST_FRAME) - RX_HEADER_LENGTH;
    }

    /** Bytes of packet that a transmit or receive buffer must hold. */
    int packetRoom() {
        return frameSize - TX_HEADER_LENGTH;
    }
}
