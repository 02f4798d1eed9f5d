package dev.toehold.abi;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Writes messages of {@link ControlMessage} into memory. Reusable; one thread at a time. Values that the message cannot
 * carry are the caller's mistake and refused with {@link IllegalArgumentException} before anything is sent.
 */
public final class ControlEncoder {
    static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MemorySegment memory;
    private final int capacity;
    private int cursor;

    /** Encodes into memory from its first byte on; {@link ControlMessage#MAX_LENGTH} bytes hold every message. */
    public ControlEncoder(MemorySegment memory) {
        this.memory = memory;
        this.capacity = (int) Math.min(memory.byteSize(), ControlMessage.MAX_LENGTH);
    }

    /** Encodes a message that stands alone. Returns its length. */
    public int encode(long correlation, ControlBody body) {
        return encode(correlation, body, false);
    }

    /**
     * Encodes one message, at offset 0. Returns its length.
     *
     * @param more sets {@link ControlMessage#FLAG_MORE}
     * @throws IllegalArgumentException if a string or the whole message is too long for the format or the memory
     */
    public int encode(long correlation, ControlBody body, boolean more) {
        cursor = 0;
        putShort(body.type());
        putShort(more ? ControlMessage.FLAG_MORE : 0);
        putInt(0);
        putLong(correlation);
        putBody(body);
        memory.set(U32, ControlMessage.LENGTH_OFFSET, cursor);
        return cursor;
    }

    private void putBody(ControlBody body) {
        switch (body) {
            case ControlBody.Hello hello -> putHello(hello);
            case ControlBody.Welcome welcome -> putWelcome(welcome);
            case ControlBody.Reply reply -> {
                putInt(reply.result());
                putInt(0);
                putString(reply.text(), ControlMessage.MAX_TEXT_LENGTH);
            }
            case ControlBody.Register register -> {
                putInt(register.region());
                putInt(0);
                putLong(register.length());
            }
            case ControlBody.Unregister unregister -> {
                putInt(unregister.region());
                putInt(0);
            }
            case ControlBody.Group group -> {
                putInt(group.group());
                putInt(group.region());
                putLong(group.base());
                putInt(group.bufferSize());
                putInt(group.count());
            }
            case ControlBody.QueuePair queuePair -> {
                putInt(queuePair.lcore());
                putInt(0);
            }
            case ControlBody.QueuePairReady ready -> {
                putInt(ready.lcore());
                putInt(0);
                putLong(ready.length());
            }
            case ControlBody.TcpInfo tcpInfo -> putLong(tcpInfo.handle());
            case ControlBody.Resume resume -> {
                putLong(resume.handle());
                putLong(resume.deliveredPosition());
                putLong(resume.consumedPosition());
                putLong(resume.submittedPosition());
            }
            case ControlBody.Resumed resumed -> {
                putLong(resumed.handle());
                putLong(resumed.rcvPosition());
                putLong(resumed.sndUna());
            }
            case ControlBody.Admin admin -> putBytes(admin.request().getBytes(UTF_8));
            case ControlBody.AdminReply reply -> putBytes(reply.text().getBytes(UTF_8));
        }
    }

    private void putHello(ControlBody.Hello hello) {
        putShort(hello.abiMajor());
        putShort(hello.abiMinor());
        putInt(hello.receiveCreditBytes());
        putLong(hello.requiredCapabilities());
        putLong(hello.token().high());
        putLong(hello.token().low());
        putString(hello.name(), ControlMessage.MAX_STRING_LENGTH);
    }

    private void putWelcome(ControlBody.Welcome welcome) {
        int addressCount = welcome.addresses().size();
        if (addressCount > ControlMessage.MAX_ADDRESSES) {
            throw new IllegalArgumentException(
                    "addressCount=" + addressCount + ", allowed: 0 .. " + ControlMessage.MAX_ADDRESSES);
        }
        putShort(welcome.abiMajor());
        putShort(welcome.abiMinor());
        putInt(welcome.sessionId());
        putInt(welcome.lcoreCount());
        putInt(addressCount);
        putLong(welcome.epoch());
        putLong(welcome.token().high());
        putLong(welcome.token().low());
        putLong(welcome.capabilities());
        putLong(welcome.maxRegionBytes());
        putInt(welcome.maxConnections());
        putInt(welcome.mtu());
        putInt(welcome.maxRegions());
        putInt(welcome.maxGroups());
        for (ControlBody.Address address : welcome.addresses()) {
            putLong(address.high());
            putLong(address.low());
        }
        putString(welcome.engineName(), ControlMessage.MAX_STRING_LENGTH);
        putString(welcome.copyEngine(), ControlMessage.MAX_STRING_LENGTH);
        putString(String.join(",", welcome.congestionControllers()), ControlMessage.MAX_STRING_LENGTH);
        putPorts(welcome.ports());
    }

    private void putPorts(List<ControlBody.Port> ports) {
        if (ports.size() > ControlMessage.MAX_PORTS) {
            throw new IllegalArgumentException(
                    "portCount=" + ports.size() + ", allowed: 0 .. " + ControlMessage.MAX_PORTS);
        }
        putInt(ports.size());
        for (ControlBody.Port port : ports) {
            putString(port.device(), ControlMessage.MAX_STRING_LENGTH);
            putString(port.driver(), ControlMessage.MAX_STRING_LENGTH);
            putLong(port.capabilities());
            putInt(port.mtu());
            putShort(port.rxQueues());
            putShort(port.txQueues());
        }
    }

    private void putString(String value, int maxLength) {
        byte[] bytes = value.getBytes(UTF_8);
        if (bytes.length > maxLength) {
            throw new IllegalArgumentException("string of " + bytes.length + " bytes, allowed: 0 .. " + maxLength);
        }
        putShort(bytes.length);
        putBytes(bytes);
    }

    private void putBytes(byte[] bytes) {
        ensure(bytes.length);
        MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, cursor, bytes.length);
        cursor += bytes.length;
    }

    private void putShort(int value) {
        ensure(Short.BYTES);
        memory.set(U16, cursor, (short) value);
        cursor += Short.BYTES;
    }

    private void putInt(int value) {
        ensure(Integer.BYTES);
        memory.set(U32, cursor, value);
        cursor += Integer.BYTES;
    }

    private void putLong(long value) {
        ensure(Long.BYTES);
        memory.set(U64, cursor, value);
        cursor += Long.BYTES;
    }

    private void ensure(int length) {
        if (length > capacity - cursor) {
            throw new IllegalArgumentException(
                    "message is longer than capacity=" + capacity + " bytes: split it or give more memory");
        }
    }
}
