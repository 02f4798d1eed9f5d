package dev.toehold.tcp;

import java.lang.foreign.MemorySegment;

/** Line 0 of a TCB: whose connection it is and in which state. Offsets and meanings stand in {@link TcbLayout}. */
abstract class TcbIdentity extends TcbRecord {
    TcbIdentity(MemorySegment records) {
        super(records);
    }

    /** TcpState; the last store of a publish. */
    public final int state() {
        return getInt(TcbLayout.STATE);
    }

    /** For {@link TcbStore} alone. */
    public final void stateRelease(int value) {
        setIntRelease(TcbLayout.STATE, value);
    }

    /** TcbFlags. */
    public final int flags() {
        return getInt(TcbLayout.FLAGS);
    }

    public final void flags(int value) {
        setInt(TcbLayout.FLAGS, value);
    }

    /** For {@link TcbStore} alone. */
    public final void flagsRelease(int value) {
        setIntRelease(TcbLayout.FLAGS, value);
    }

    /** 24 bits, bumped before an index is used again. */
    public final int generation() {
        return getInt(TcbLayout.GENERATION);
    }

    public final void generation(int value) {
        setInt(TcbLayout.GENERATION, value);
    }

    /** Of this record. */
    public final int index() {
        return getInt(TcbLayout.INDEX);
    }

    public final void index(int value) {
        setInt(TcbLayout.INDEX, value);
    }

    /** Local address, network order; IPv4 in its mapped form. */
    public final long localHigh() {
        return getLong(TcbLayout.LOCAL_HIGH);
    }

    public final void localHigh(long value) {
        setLong(TcbLayout.LOCAL_HIGH, value);
    }

    public final long localLow() {
        return getLong(TcbLayout.LOCAL_LOW);
    }

    public final void localLow(long value) {
        setLong(TcbLayout.LOCAL_LOW, value);
    }

    /** Remote address, likewise. */
    public final long remoteHigh() {
        return getLong(TcbLayout.REMOTE_HIGH);
    }

    public final void remoteHigh(long value) {
        setLong(TcbLayout.REMOTE_HIGH, value);
    }

    public final long remoteLow() {
        return getLong(TcbLayout.REMOTE_LOW);
    }

    public final void remoteLow(long value) {
        setLong(TcbLayout.REMOTE_LOW, value);
    }

    public final int localPort() {
        return getShort(TcbLayout.LOCAL_PORT);
    }

    public final void localPort(int value) {
        setShort(TcbLayout.LOCAL_PORT, value);
    }

    public final int remotePort() {
        return getShort(TcbLayout.REMOTE_PORT);
    }

    public final void remotePort(int value) {
        setShort(TcbLayout.REMOTE_PORT, value);
    }

    /** 4 or 6. */
    public final int family() {
        return getByte(TcbLayout.FAMILY);
    }

    public final void family(int value) {
        setByte(TcbLayout.FAMILY, value);
    }

    /** The owner. */
    public final int lcore() {
        return getByte(TcbLayout.LCORE);
    }

    public final void lcore(int value) {
        setByte(TcbLayout.LCORE, value);
    }

    /** Port by which the peer is reached. */
    public final int portIndex() {
        return getShort(TcbLayout.PORT_INDEX);
    }

    public final void portIndex(int value) {
        setShort(TcbLayout.PORT_INDEX, value);
    }

    /** 0 = no client. */
    public final int sessionId() {
        return getInt(TcbLayout.SESSION_ID);
    }

    public final void sessionId(int value) {
        setInt(TcbLayout.SESSION_ID, value);
    }

    /** -1 = opened actively. */
    public final int listenerIndex() {
        return getInt(TcbLayout.LISTENER_INDEX);
    }

    public final void listenerIndex(int value) {
        setInt(TcbLayout.LISTENER_INDEX, value);
    }
}
