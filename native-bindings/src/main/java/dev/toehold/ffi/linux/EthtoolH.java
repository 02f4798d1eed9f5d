package dev.toehold.ffi.linux;

/** Values of {@code linux/ethtool.h} and {@code linux/sockios.h}, by their C names. */
final class EthtoolH {
    static final int SIOCETHTOOL = 0x8946;
    static final int ETHTOOL_GDRVINFO = 0x03;
    static final int ETHTOOL_GRXCSUM = 0x14;
    static final int ETHTOOL_SRXCSUM = 0x15;
    static final int ETHTOOL_GTXCSUM = 0x16;
    static final int ETHTOOL_STXCSUM = 0x17;
    static final int ETHTOOL_GSG = 0x18;
    static final int ETHTOOL_SSG = 0x19;
    static final int ETHTOOL_GSTRINGS = 0x1b;
    static final int ETHTOOL_GTSO = 0x1e;
    static final int ETHTOOL_STSO = 0x1f;
    static final int ETHTOOL_GPERMADDR = 0x20;
    static final int ETHTOOL_GGSO = 0x23;
    static final int ETHTOOL_SGSO = 0x24;
    static final int ETHTOOL_GGRO = 0x2b;
    static final int ETHTOOL_SGRO = 0x2c;
    static final int ETHTOOL_GSSET_INFO = 0x37;
    static final int ETHTOOL_GFEATURES = 0x3a;
    static final int ETH_SS_FEATURES = 4;
    static final int ETH_GSTRING_LEN = 32;

    private EthtoolH() {}
}
