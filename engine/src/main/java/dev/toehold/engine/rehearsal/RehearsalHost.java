package dev.toehold.engine.rehearsal;

import dev.toehold.engine.LcoreClients;
import dev.toehold.engine.LcoreCommands;
import dev.toehold.engine.LcorePass;
import dev.toehold.engine.StageTimes;
import dev.toehold.ffi.dpdk.Lcore;
import dev.toehold.ffi.dpdk.PktMbufPool;
import dev.toehold.ffi.linux.PeerCredentials;
import dev.toehold.ffi.linux.WakeSocket;
import dev.toehold.net.IpAddress;
import dev.toehold.placement.Region;
import dev.toehold.session.EngineQueuePair;
import dev.toehold.session.LcoreSession;
import dev.toehold.session.LcoreSessions;
import dev.toehold.session.Session;
import dev.toehold.session.SessionEvents;
import dev.toehold.session.SessionLimits;
import dev.toehold.stack.DispatchRings;
import dev.toehold.stack.Doorbell;
import dev.toehold.stack.LcoreEnvironment;
import dev.toehold.stack.LcorePort;
import dev.toehold.stack.LcoreStack;
import dev.toehold.stack.LocalAddresses;
import dev.toehold.stack.Routes;
import dev.toehold.stack.StateFile;
import dev.toehold.stack.link.EthernetLinkLayer;
import dev.toehold.tcp.TcpConfig;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.agrona.ErrorHandler;

/** One of the two hosts of a rehearsal: an lcore as an engine has it, with one client, at the end of a wire. */
final class RehearsalHost implements AutoCloseable, SessionEvents {
    private static final int MAX_CONNECTIONS = 64;
    private static final int RING_SIZE = 64;
    private static final long CREDIT_BYTES = 16 << 10;

    private final Arena arena = Arena.ofConfined();
    private final Doorbell doorbell = new Doorbell();
    private final WakeSocket[] wakeup = WakeSocket.pair();
    private final IpAddress ipv4;
    private final IpAddress ipv6;
    private final long mac;
    private final RehearsalWire wire;
    private final StateFile stateFile;
    private final DispatchRings rings;
    private final LcoreStack stack;
    private final LcorePass pass;
    private final RehearsalClient client;

    /**
     * @param number of the host, 1 or 2: the last part of its addresses, which are of the documentation prefixes (RFC 5737, RFC 3849)
     * @param directory where its state file goes
     */
    RehearsalHost(
            int number,
            Path directory,
            RehearsalWire wire,
            TcpConfig tcpConfig,
            PktMbufPool pool,
            Lcore dpdkLcore,
            ErrorHandler errorHandler,
            long nowNs) {
        this.wire = wire;
        ipv4 = IpAddress.parse("192.0.2." + number);
        ipv6 = IpAddress.parse("2001:db8::" + number);
        mac = wire.adapter().macAddress();
        stateFile = StateFile.open(directory, MAX_CONNECTIONS, 1, StateFile.Leftovers.ABANDON);
        rings = new DispatchRings("rehearsal" + number, new Doorbell[] {doorbell}, RING_SIZE);
        LocalAddresses addresses = new LocalAddresses(List.of(
                new LocalAddresses.Entry(0, ipv4.hi(), ipv4.lo(), 24),
                new LocalAddresses.Entry(0, ipv6.hi(), ipv6.lo(), 64)));
        addresses.stateRelease(1, LocalAddresses.USABLE);
        LcorePort port = new LcorePort(0, wire, 0, 0, 0, mac, wire.adapter().mtu(), true, true, false);
        stack = new LcoreStack(
                new LcoreEnvironment(
                        0,
                        List.of(port),
                        stateFile,
                        rings,
                        pool,
                        addresses,
                        new Routes(addresses, List.of()),
                        tcpConfig,
                        number,
                        errorHandler),
                dpdkLcore,
                nowNs);
        LcoreClients clients = LcoreClients.of(stack, this);
        stack.bind(
                new EthernetLinkLayer(
                        addresses,
                        new long[] {mac},
                        stack.frameOutput(),
                        stack,
                        false,
                        new SplittableRandom(number),
                        nowNs),
                clients.handler());
        pass = new LcorePass(new LcoreCommands(doorbell), stack, clients, StageTimes.sampled());
        client = new RehearsalClient(arena, 0);
        attach(clients.sessions());
    }

    private void attach(LcoreSessions sessions) {
        int entries = RehearsalClient.entries();
        Session session = new Session(
                1,
                "rehearsal",
                new PeerCredentials((int) ProcessHandle.current().pid(), 0, 0),
                wakeup[0],
                CREDIT_BYTES,
                SessionLimits.of(MAX_CONNECTIONS, 1));
        LcoreSession lcoreSession = sessions.newLcoreSession(
                session,
                new EngineQueuePair(client.queuePair, entries, entries, entries),
                List.of(new Region(RehearsalClient.REGION, client.region)));
        lcoreSession.addGroup(lcoreSession.newGroup(
                RehearsalClient.GROUP,
                RehearsalClient.REGION,
                0,
                RehearsalClient.BUFFER_SIZE,
                RehearsalClient.BUFFER_COUNT));
        sessions.attach(lcoreSession);
        client.lendAll();
    }

    RehearsalClient client() {
        return client;
    }

    LcoreStack stack() {
        return stack;
    }

    IpAddress ipv4() {
        return ipv4;
    }

    IpAddress ipv6() {
        return ipv6;
    }

    long mac() {
        return mac;
    }

    /** What an lcore does in one pass, then what its client does. */
    void turn(long nowNs) {
        pass.run(nowNs);
        client.poll();
    }

    /** Before {@link #close}: nothing is left that holds an mbuf. */
    void end(long nowNs) {
        stack.abortAll(nowNs);
        stack.flushTx();
    }

    @Override
    public void onSessionError(Session session, int resultCode) {
        throw new IllegalStateException("the rehearsal's client broke the contract: resultCode=" + resultCode);
    }

    @Override
    public void onListening(Session session, long handle, long localHigh, long localLow, int localPort, int backlog) {}

    @Override
    public void onListenerClosed(Session session, long handle) {}

    @Override
    public void close() {
        wire.close();
        stack.close();
        rings.close();
        stateFile.delete();
        stateFile.close();
        wakeup[0].close();
        wakeup[1].close();
        doorbell.close();
        arena.close();
    }
}
