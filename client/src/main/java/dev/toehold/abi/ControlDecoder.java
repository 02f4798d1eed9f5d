package dev.toehold.abi;

import static dev.toehold.abi.ControlEncoder.U16;
import static dev.toehold.abi.ControlEncoder.U32;
import static dev.toehold.abi.ControlEncoder.U64;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads messages of {@link ControlMessage} that may come from anybody: every field is bounds-checked, every reserved
 * field must be zero, the length must fit exactly (HELLO and WELCOME may be longer, so that a later minor version can
 * add to them). What a field means (is the region known, may this client do it) is the receiver's business.
 *
 * <p>Reusable; one thread at a time. The memory must not change while {@link #decode} runs: a socket's receive buffer,
 * not shared memory.
 */
public final class ControlDecoder {
    private MemorySegment memory = MemorySegment.NULL;
    private int cursor;
    private int limit;
    private long correlation;

    /**
     * Decodes the message in the first length bytes of source.
     *
     * @throws ControlException INVALID, with what is wrong; nothing beyond length was read
     * @throws IndexOutOfBoundsException if length is not within source: a mistake of the caller
     */
    public ControlFrame decode(MemorySegment source, long length) throws ControlException {
        memory = source.asSlice(0, length);
        correlation = 0;
        if (length < ControlMessage.BODY_OFFSET || length > ControlMessage.MAX_LENGTH) {
            throw invalid("length=" + length + ", allowed: " + ControlMessage.BODY_OFFSET + " .. "
                    + ControlMessage.MAX_LENGTH);
        }
        correlation = memory.get(U64, ControlMessage.CORRELATION_OFFSET);
        int type = Short.toUnsignedInt(memory.get(U16, ControlMessage.TYPE_OFFSET));
        int flags = Short.toUnsignedInt(memory.get(U16, ControlMessage.FLAGS_OFFSET));
        int said = memory.get(U32, ControlMessage.LENGTH_OFFSET);
        if (said != length) {
            throw invalid("length field=" + Integer.toUnsignedString(said) + " in a message of " + length + " bytes");
        }
        boolean more = flags == ControlMessage.FLAG_MORE;
        if (flags != 0 && !(more && type == ControlMessage.ADMIN_REPLY)) {
            throw invalid("flags=" + flags + " for type=" + type);
        }
        cursor = ControlMessage.BODY_OFFSET;
        limit = (int) length;
        ControlBody body = body(type);
        if (cursor != limit && type != ControlMessage.HELLO && type != ControlMessage.WELCOME) {
            throw invalid((limit - cursor) + " bytes too many for type=" + type);
        }
        return new ControlFrame(correlation, more, body);
    }

    private ControlBody body(int type) throws ControlException {
        return switch (type) {
            case ControlMessage.HELLO -> hello();
            case ControlMessage.WELCOME -> welcome();
            case ControlMessage.REPLY -> {
                int result = getInt();
                checkZero();
                yield new ControlBody.Reply(result, getString(ControlMessage.MAX_TEXT_LENGTH));
            }
            case ControlMessage.REGISTER -> {
                int region = getInt();
                checkZero();
                yield new ControlBody.Register(region, getLong());
            }
            case ControlMessage.UNREGISTER -> {
                int region = getInt();
                checkZero();
                yield new ControlBody.Unregister(region);
            }
            case ControlMessage.GROUP -> new ControlBody.Group(getInt(), getInt(), getLong(), getInt(), getInt());
            case ControlMessage.QUEUE_PAIR -> {
                int lcore = getInt();
                checkZero();
                yield new ControlBody.QueuePair(lcore);
            }
            case ControlMessage.QUEUE_PAIR_READY -> {
                int lcore = getInt();
                checkZero();
                yield new ControlBody.QueuePairReady(lcore, getLong());
            }
            case ControlMessage.TCPINFO -> new ControlBody.TcpInfo(getLong());
            case ControlMessage.RESUME -> new ControlBody.Resume(getLong(), getLong(), getLong(), getLong());
            case ControlMessage.RESUMED -> new ControlBody.Resumed(getLong(), getLong(), getLong());
            case ControlMessage.ADMIN -> new ControlBody.Admin(getUtf8(limit - cursor));
            case ControlMessage.ADMIN_REPLY -> new ControlBody.AdminReply(getUtf8(limit - cursor));
            default -> throw invalid("type=" + type + " is unknown");
        };
    }

    private ControlBody.Hello hello() throws ControlException {
        int abiMajor = getShort();
        int abiMinor = getShort();
        int receiveCreditBytes = getInt();
        if (receiveCreditBytes < 0) {
            throw invalid("defaultReceiveCredit=" + Integer.toUnsignedString(receiveCreditBytes)
                    + ", allowed: 0 .. 2147483647");
        }
        long requiredCapabilities = getLong();
        ControlBody.Token token = new ControlBody.Token(getLong(), getLong());
        String name = getString(ControlMessage.MAX_STRING_LENGTH);
        if (name.codePoints().anyMatch(Character::isISOControl)) {
            throw invalid("name contains control characters");
        }
        return new ControlBody.Hello(abiMajor, abiMinor, receiveCreditBytes, requiredCapabilities, token, name);
    }

    private ControlBody.Welcome welcome() throws ControlException {
        int abiMajor = getShort();
        int abiMinor = getShort();
        int sessionId = getInt();
        int lcoreCount = getInt();
        int addressCount = getInt();
        if (addressCount < 0 || addressCount > ControlMessage.MAX_ADDRESSES) {
            throw invalid("addressCount=" + Integer.toUnsignedString(addressCount) + ", allowed: 0 .. "
                    + ControlMessage.MAX_ADDRESSES);
        }
        long epoch = getLong();
        ControlBody.Token token = new ControlBody.Token(getLong(), getLong());
        long capabilities = getLong();
        long maxRegionBytes = getLong();
        int maxConnections = getInt();
        int mtu = getInt();
        int maxRegions = getInt();
        int maxGroups = getInt();
        List<ControlBody.Address> addresses = new ArrayList<>(addressCount);
        for (int i = 0; i < addressCount; i++) {
            addresses.add(new ControlBody.Address(getLong(), getLong()));
        }
        return new ControlBody.Welcome(
                abiMajor,
                abiMinor,
                sessionId,
                lcoreCount,
                epoch,
                token,
                capabilities,
                maxRegionBytes,
                maxConnections,
                mtu,
                maxRegions,
                maxGroups,
                addresses,
                getString(ControlMessage.MAX_STRING_LENGTH),
                getString(ControlMessage.MAX_STRING_LENGTH),
                names(getString(ControlMessage.MAX_STRING_LENGTH)),
                ports());
    }

    private static List<String> names(String joined) {
        return joined.isEmpty() ? List.of() : List.of(joined.split(",", -1));
    }

    private List<ControlBody.Port> ports() throws ControlException {
        int count = getInt();
        if (count < 0 || count > ControlMessage.MAX_PORTS) {
            throw invalid(
                    "portCount=" + Integer.toUnsignedString(count) + ", allowed: 0 .. " + ControlMessage.MAX_PORTS);
        }
        List<ControlBody.Port> ports = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            ports.add(new ControlBody.Port(
                    getString(ControlMessage.MAX_STRING_LENGTH),
                    getString(ControlMessage.MAX_STRING_LENGTH),
                    getLong(),
                    getInt(),
                    getShort(),
                    getShort()));
        }
        return ports;
    }

    private int getShort() throws ControlException {
        int at = take(Short.BYTES);
        return Short.toUnsignedInt(memory.get(U16, at));
    }

    private int getInt() throws ControlException {
        int at = take(Integer.BYTES);
        return memory.get(U32, at);
    }

    private long getLong() throws ControlException {
        int at = take(Long.BYTES);
        return memory.get(U64, at);
    }

    private void checkZero() throws ControlException {
        int at = cursor;
        int value = getInt();
        if (value != 0) {
            throw invalid("reserved field at " + at + " is " + Integer.toUnsignedString(value) + ", must be 0");
        }
    }

    private String getString(int maxLength) throws ControlException {
        int length = getShort();
        if (length > maxLength) {
            throw invalid("string of " + length + " bytes, allowed: 0 .. " + maxLength);
        }
        return getUtf8(length);
    }

    private String getUtf8(int length) throws ControlException {
        int at = take(length);
        byte[] bytes = new byte[length];
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, at, bytes, 0, length);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw invalid("string at " + at + " is not UTF-8");
        }
    }

    private int take(int length) throws ControlException {
        int at = cursor;
        if (length > limit - at) {
            throw invalid("message of " + limit + " bytes ends within a field of " + length + " bytes at " + at);
        }
        cursor = at + length;
        return at;
    }

    private ControlException invalid(String reason) {
        return new ControlException(ResultCode.INVALID, correlation, "control message: " + reason);
    }
}
