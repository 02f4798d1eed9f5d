package dev.toehold.ffi.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What {@code ethtool} shows and switches (SIOCETHTOOL of {@code linux/ethtool.h}), for interfaces of the network namespace
 * of the thread that calls {@link #open}. Reading needs no privilege, switching needs CAP_NET_ADMIN.
 */
public final class Ethtool implements AutoCloseable {
    /** The switches of {@code ethtool -K} by their short names. */
    public enum Offload {
        /** Of received checksums. */
        RX_CHECKSUM(EthtoolH.ETHTOOL_GRXCSUM, EthtoolH.ETHTOOL_SRXCSUM),
        /** Of sent checksums. Off switches {@link #TSO} off too; on a veth, the other end then receives complete ones. */
        TX_CHECKSUM(EthtoolH.ETHTOOL_GTXCSUM, EthtoolH.ETHTOOL_STXCSUM),
        /** Scatter-gather transmit. */
        SCATTER_GATHER(EthtoolH.ETHTOOL_GSG, EthtoolH.ETHTOOL_SSG),
        /** TCP segmentation: the stack hands over segments beyond the MTU. */
        TSO(EthtoolH.ETHTOOL_GTSO, EthtoolH.ETHTOOL_STSO),
        /** Generic segmentation, in software just above the driver. */
        GSO(EthtoolH.ETHTOOL_GGSO, EthtoolH.ETHTOOL_SGSO),
        /** Generic receive aggregation, in software just above the driver. */
        GRO(EthtoolH.ETHTOOL_GGRO, EthtoolH.ETHTOOL_SGRO);

        private final int getCommand;
        private final int setCommand;

        Offload(int getCommand, int setCommand) {
            this.getCommand = getCommand;
            this.setCommand = setCommand;
        }
    }

    /**
     * State of one feature, such as {@code "tx-tcp-segmentation"}.
     *
     * @param isActive whether it works now
     * @param isRequested whether somebody wants it, which another feature may prevent
     * @param isFixed whether it can never be changed
     */
    public record Feature(boolean isActive, boolean isRequested, boolean isFixed) {}

    private static final int MAX_FEATURES = 1024;
    private static final int MAC_BYTES = 6;

    /** MAX_ADDR_LEN of the kernel. */
    private static final int MAX_ADDRESS_BYTES = 32;

    private final Fd socket;

    private Ethtool(Fd socket) {
        this.socket = socket;
    }

    public static Ethtool open() {
        int result = SocketCalls.socket(SocketH.AF_INET, SocketH.SOCK_DGRAM | SocketH.SOCK_CLOEXEC, 0);
        if (result < 0) {
            throw LinuxException.of("socket(AF_INET, SOCK_DGRAM)", result);
        }
        return new Ethtool(Fd.opened(result));
    }

    /**
     * Whether an offload is on.
     *
     * @throws LinuxException ENODEV if there is no such interface, EOPNOTSUPP if it has no such switch
     */
    public boolean isOn(String interfaceName, Offload offload) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(EthtoolValueDescriptor.LAYOUT);
            value.set(JAVA_INT, EthtoolValueDescriptor.CMD_OFFSET, offload.getCommand);
            ioctl(arena, interfaceName, value, "get " + offload);
            return value.get(JAVA_INT, EthtoolValueDescriptor.DATA_OFFSET) != 0;
        }
    }

    /**
     * Switches an offload. What depends on it follows.
     *
     * @throws LinuxException ENODEV, EOPNOTSUPP (it is fixed), EPERM
     */
    public void set(String interfaceName, Offload offload, boolean on) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(EthtoolValueDescriptor.LAYOUT);
            value.set(JAVA_INT, EthtoolValueDescriptor.CMD_OFFSET, offload.setCommand);
            value.set(JAVA_INT, EthtoolValueDescriptor.DATA_OFFSET, on ? 1 : 0);
            ioctl(arena, interfaceName, value, "set " + offload + "=" + (on ? "on" : "off"));
        }
    }

    /** All features by the kernel's names, as {@code ethtool -k} shows them. */
    public SortedMap<String, Feature> features(String interfaceName) {
        try (Arena arena = Arena.ofConfined()) {
            int count = featureCount(arena, interfaceName);
            MemorySegment names = featureNames(arena, interfaceName, count);
            MemorySegment blocks = featureBlocks(arena, interfaceName, (count + Integer.SIZE - 1) / Integer.SIZE);
            SortedMap<String, Feature> features = new TreeMap<>();
            for (int i = 0; i < count; i++) {
                String name = string(names, (long) i * EthtoolH.ETH_GSTRING_LEN, EthtoolH.ETH_GSTRING_LEN);
                if (!name.isEmpty()) {
                    features.put(name, feature(blocks, i));
                }
            }
            return features;
        }
    }

    /** The address that the hardware came with, whatever it is set to now; {@link MacAddress#NONE} if it has none. */
    public MacAddress permanentAddress(String interfaceName) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(EthtoolPermAddrDescriptor.SIZE + MAX_ADDRESS_BYTES, Integer.BYTES);
            value.set(JAVA_INT, EthtoolPermAddrDescriptor.CMD_OFFSET, EthtoolH.ETHTOOL_GPERMADDR);
            value.set(JAVA_INT, EthtoolPermAddrDescriptor.LENGTH_OFFSET, MAX_ADDRESS_BYTES);
            ioctl(arena, interfaceName, value, "permanent address");
            return value.get(JAVA_INT, EthtoolPermAddrDescriptor.LENGTH_OFFSET) == MAC_BYTES
                    ? MacAddress.of(value.asSlice(EthtoolPermAddrDescriptor.SIZE, MAC_BYTES)
                            .toArray(JAVA_BYTE))
                    : MacAddress.NONE;
        }
    }

    /** The kernel driver's name, such as {@code "veth"} or {@code "virtio_net"}. */
    public String driver(String interfaceName) {
        return driverInfo(interfaceName, EthtoolDrvinfoDescriptor.DRIVER_OFFSET);
    }

    /** Where the device sits, such as {@code "0000:01:00.0"}; empty for virtual ones. */
    public String busInfo(String interfaceName) {
        return driverInfo(interfaceName, EthtoolDrvinfoDescriptor.BUS_INFO_OFFSET);
    }

    @Override
    public void close() {
        socket.close();
    }

    private String driverInfo(String interfaceName, long offset) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(EthtoolDrvinfoDescriptor.LAYOUT);
            info.set(JAVA_INT, EthtoolDrvinfoDescriptor.CMD_OFFSET, EthtoolH.ETHTOOL_GDRVINFO);
            ioctl(arena, interfaceName, info, "driver");
            return string(info, offset, EthtoolDrvinfoDescriptor.STRING_BYTES);
        }
    }

    private int featureCount(Arena arena, String interfaceName) {
        MemorySegment info = arena.allocate(EthtoolSsetInfoDescriptor.SIZE + Integer.BYTES, Long.BYTES);
        info.set(JAVA_INT, EthtoolSsetInfoDescriptor.CMD_OFFSET, EthtoolH.ETHTOOL_GSSET_INFO);
        info.set(JAVA_LONG, EthtoolSsetInfoDescriptor.SSET_MASK_OFFSET, 1L << EthtoolH.ETH_SS_FEATURES);
        ioctl(arena, interfaceName, info, "count features");
        int count = info.get(JAVA_INT, EthtoolSsetInfoDescriptor.SIZE);
        return info.get(JAVA_LONG, EthtoolSsetInfoDescriptor.SSET_MASK_OFFSET) == 0
                ? 0
                : Math.clamp(count, 0, MAX_FEATURES);
    }

    private MemorySegment featureNames(Arena arena, String interfaceName, int count) {
        long bytes = (long) count * EthtoolH.ETH_GSTRING_LEN;
        MemorySegment strings = arena.allocate(EthtoolGstringsDescriptor.SIZE + bytes, Integer.BYTES);
        strings.set(JAVA_INT, EthtoolGstringsDescriptor.CMD_OFFSET, EthtoolH.ETHTOOL_GSTRINGS);
        strings.set(JAVA_INT, EthtoolGstringsDescriptor.STRING_SET_OFFSET, EthtoolH.ETH_SS_FEATURES);
        strings.set(JAVA_INT, EthtoolGstringsDescriptor.LEN_OFFSET, count);
        ioctl(arena, interfaceName, strings, "name features");
        return strings.asSlice(EthtoolGstringsDescriptor.SIZE);
    }

    private MemorySegment featureBlocks(Arena arena, String interfaceName, int blockCount) {
        long bytes = blockCount * EthtoolFeaturesBlockDescriptor.SIZE;
        MemorySegment features = arena.allocate(EthtoolGfeaturesDescriptor.SIZE + bytes, Integer.BYTES);
        features.set(JAVA_INT, EthtoolGfeaturesDescriptor.CMD_OFFSET, EthtoolH.ETHTOOL_GFEATURES);
        features.set(JAVA_INT, EthtoolGfeaturesDescriptor.COUNT_OFFSET, blockCount);
        ioctl(arena, interfaceName, features, "get features");
        return features.asSlice(EthtoolGfeaturesDescriptor.SIZE);
    }

    private static Feature feature(MemorySegment blocks, int index) {
        long block = index / Integer.SIZE * EthtoolFeaturesBlockDescriptor.SIZE;
        int bit = 1 << index % Integer.SIZE;
        boolean isChangeable = (blocks.get(JAVA_INT, block + EthtoolFeaturesBlockDescriptor.AVAILABLE_OFFSET) & bit)
                        != 0
                && (blocks.get(JAVA_INT, block + EthtoolFeaturesBlockDescriptor.NEVER_CHANGED_OFFSET) & bit) == 0;
        return new Feature(
                (blocks.get(JAVA_INT, block + EthtoolFeaturesBlockDescriptor.ACTIVE_OFFSET) & bit) != 0,
                (blocks.get(JAVA_INT, block + EthtoolFeaturesBlockDescriptor.REQUESTED_OFFSET) & bit) != 0,
                !isChangeable);
    }

    private void ioctl(Arena arena, String interfaceName, MemorySegment command, String what) {
        Check.interfaceName(interfaceName);
        MemorySegment ifreq = arena.allocate(IfreqDescriptor.LAYOUT);
        ifreq.setString(IfreqDescriptor.NAME_OFFSET, interfaceName);
        ifreq.set(ADDRESS, IfreqDescriptor.DATA_OFFSET, command);
        int number = socket.acquire();
        try {
            int result = SocketCalls.ioctl(number, EthtoolH.SIOCETHTOOL, ifreq);
            if (result < 0) {
                throw LinuxException.of(
                        "ioctl(SIOCETHTOOL, interface=" + interfaceName + ", " + what + ")",
                        result,
                        Errno.EPERM.is(result) ? "CAP_NET_ADMIN is needed" : "");
            }
        } finally {
            socket.release();
        }
    }

    /** A string that is zero-terminated unless it fills its field. */
    private static String string(MemorySegment segment, long offset, int maxLength) {
        MemorySegment field = segment.asSlice(offset, maxLength);
        byte[] bytes = field.toArray(JAVA_BYTE);
        int end = 0;
        while (end < bytes.length && bytes[end] != 0) {
            end++;
        }
        return new String(bytes, 0, end, StandardCharsets.UTF_8);
    }
}
