package dev.toehold.engine;

import dev.toehold.ffi.linux.KernelRecord;
import dev.toehold.ffi.linux.LinkAddress;
import dev.toehold.ffi.linux.Netlink;
import dev.toehold.net.IpAddress;
import dev.toehold.stack.ClaimRecords;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Addresses that Linux interfaces give up while the engine runs ({@code addresses = "interface"}), with the routes that go with them.
 * Noted in the state file before each is taken, so that the next engine, or an orderly end, gives back what a crash left taken.
 */
final class Takeover implements AutoCloseable {
    private final Netlink netlink;
    private final ClaimRecords claims;
    private final AddressPlan plan;
    private final BooleanSupplier holdsConnections;
    private final List<AddressPlan.Takeover> taken = new ArrayList<>();

    /** What the interfaces had before anything was taken. */
    private final List<KernelRecord> records = new ArrayList<>();

    private long recordedNs;

    private Takeover(Netlink netlink, ClaimRecords claims, AddressPlan plan, BooleanSupplier holdsConnections) {
        this.netlink = netlink;
        this.claims = claims;
        this.plan = plan;
        this.holdsConnections = holdsConnections;
    }

    /**
     * Takes the plan's addresses; if that fails, gives back what was taken.
     *
     * @param holdsConnections whether the state file holds any: then nothing is given back, since the kernel would reset them
     */
    static Takeover begin(Netlink netlink, ClaimRecords claims, AddressPlan plan, BooleanSupplier holdsConnections) {
        Takeover takeover = new Takeover(netlink, claims, plan, holdsConnections);
        try {
            takeover.take();
            return takeover;
        } catch (RuntimeException e) {
            takeover.close();
            throw e;
        }
    }

    private void take() {
        List<ClaimRecords.Claim> all = new ArrayList<>();
        plan.prefixes()
                .forEach(prefixes -> prefixes.forEach(prefix -> {
                    String owner = plan.takeovers().stream()
                            .filter(t -> IpAddress.of(t.prefix().address()).equals(prefix.address()))
                            .map(AddressPlan.Takeover::interfaceName)
                            .findFirst()
                            .orElseGet(() -> plan.kernelOwner(prefix.address()));
                    all.add(new ClaimRecords.Claim(
                            prefix.address().hi(), prefix.address().lo(), prefix.length(), owner));
                }));
        claims.set(all);
        recordedNs = System.nanoTime();
        plan.takeovers().stream()
                .mapToInt(AddressPlan.Takeover::linkIndex)
                .distinct()
                .forEach(index -> records.addAll(netlink.records(index)));
        for (AddressPlan.Takeover address : plan.takeovers()) {
            taken.add(address);
            boolean isHeld = netlink.addresses(address.linkIndex()).stream()
                    .anyMatch(held -> held.prefix().equals(address.prefix()));
            if (isHeld) {
                netlink.deleteAddress(address.linkIndex(), address.prefix());
            }
        }
    }

    /** Gives everything back: addresses first, then the routes that need them. */
    @Override
    public void close() {
        if (holdsConnections.getAsBoolean()) {
            return; // the claims stay, for the next engine
        }
        RuntimeException failure = null;
        long ageSeconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - recordedNs);
        for (AddressPlan.Takeover address : taken) {
            try {
                if (records.stream().noneMatch(kernelRecord -> isOf(kernelRecord.asAddress(), address))) {
                    // Of an engine that was killed: no more is known of it.
                    netlink.addAddress(address.linkIndex(), address.prefix(), false);
                }
            } catch (RuntimeException e) {
                failure = e;
            }
        }
        for (KernelRecord kernelRecord : taken.isEmpty() ? List.<KernelRecord>of() : records) {
            try {
                netlink.restore(kernelRecord, ageSeconds);
            } catch (RuntimeException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
        claims.set(List.of());
    }

    private static boolean isOf(LinkAddress held, AddressPlan.Takeover address) {
        return held != null
                && held.linkIndex() == address.linkIndex()
                && held.prefix().equals(address.prefix());
    }
}
