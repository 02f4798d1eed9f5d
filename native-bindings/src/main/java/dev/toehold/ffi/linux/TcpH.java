package dev.toehold.ffi.linux;

/** Values of {@code netinet/tcp.h} and {@code netinet/in.h}, with the socket options and ioctls that go with them, by their C names. */
final class TcpH {
    static final int IPPROTO_TCP = 6;

    static final int TCP_MAXSEG = 2;
    static final int TCP_INFO = 11;
    static final int TCP_REPAIR = 19;
    static final int TCP_REPAIR_QUEUE = 20;
    static final int TCP_QUEUE_SEQ = 21;
    static final int TCP_REPAIR_OPTIONS = 22;
    static final int TCP_TIMESTAMP = 24;
    static final int TCP_REPAIR_WINDOW = 29;
    static final int TCP_ULP = 31;

    static final int TCP_REPAIR_ON = 1;
    static final int TCP_REPAIR_OFF = 0;
    static final int TCP_REPAIR_OFF_NO_WP = -1;

    static final int TCP_NO_QUEUE = 0;
    static final int TCP_RECV_QUEUE = 1;
    static final int TCP_SEND_QUEUE = 2;

    static final int TCPI_OPT_TIMESTAMPS = 1;
    static final int TCPI_OPT_SACK = 2;
    static final int TCPI_OPT_WSCALE = 4;
    static final int TCPI_OPT_ECN = 8;

    static final int TCPOPT_MAXSEG = 2;
    static final int TCPOPT_WINDOW = 3;
    static final int TCPOPT_SACK_PERMITTED = 4;
    static final int TCPOPT_TIMESTAMP = 8;

    static final int SO_REUSEADDR = 2;
    static final int SO_RCVBUF = 8;
    static final int SO_PROTOCOL = 38;
    static final int SO_DOMAIN = 39;
    static final int SO_PEEK_OFF = 42;
    static final int SO_ZEROCOPY = 60;
    static final int SO_BUF_LOCK = 72;

    static final int MSG_PEEK = 2;

    static final int SIOCINQ = 0x541b;
    static final int SIOCOUTQ = 0x5411;
    static final int SIOCOUTQNSD = 0x894b;

    private TcpH() {}
}
