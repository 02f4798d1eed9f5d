package dev.toehold.stack;

import static dev.toehold.stack.StateFileDescriptor.INT;
import static dev.toehold.stack.StateFileDescriptor.LONG;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The addresses of the engine in its state file: which are its own, and which it took from a Linux interface and owes back, even after a
 * crash. Control path only.
 */
public final class ClaimRecords {
    /**
     * An address that the engine has.
     *
     * @param prefixLength of the address's own family
     * @param interfaceName the Linux interface that it was taken from and is owed to, or empty
     */
    public record Claim(long high, long low, int prefixLength, String interfaceName) {
        boolean isTaken() {
            return !interfaceName.isEmpty();
        }
    }

    private final MemorySegment records;

    public ClaimRecords(StateFile file) {
        records = file.claims();
    }

    /** What an engine took from interfaces and has not given back. */
    public List<Claim> owed() {
        List<Claim> claims = new ArrayList<>();
        for (int i = 0; i < StateFileDescriptor.MAX_CLAIMS; i++) {
            long at = (long) i * StateFileDescriptor.CLAIM_LENGTH;
            int state = (int) INT.getAcquire(records, at + StateFileDescriptor.CLAIM_STATE_OFFSET);
            if (state == StateFileDescriptor.CLAIM_TAKEN) {
                claims.add(new Claim(
                        (long) LONG.get(records, at + StateFileDescriptor.CLAIM_HIGH_OFFSET),
                        (long) LONG.get(records, at + StateFileDescriptor.CLAIM_LOW_OFFSET),
                        (int) INT.get(records, at + StateFileDescriptor.CLAIM_PREFIX_LENGTH_OFFSET),
                        interfaceName(at)));
            }
        }
        return claims;
    }

    /** Replaces all claims. Those of {@link #owed} must be among the new ones or given back. */
    public void set(List<Claim> claims) {
        if (claims.size() > StateFileDescriptor.MAX_CLAIMS) {
            throw new IllegalArgumentException(
                    "claims=" + claims.size() + ", allowed: at most " + StateFileDescriptor.MAX_CLAIMS);
        }
        for (int i = 0; i < StateFileDescriptor.MAX_CLAIMS; i++) {
            long at = (long) i * StateFileDescriptor.CLAIM_LENGTH;
            INT.setRelease(records, at + StateFileDescriptor.CLAIM_STATE_OFFSET, StateFileDescriptor.CLAIM_FREE);
            if (i < claims.size()) {
                write(at, claims.get(i));
            }
        }
    }

    private void write(long at, Claim claim) {
        byte[] name = Arrays.copyOf(
                claim.interfaceName().getBytes(StandardCharsets.UTF_8), StateFileDescriptor.CLAIM_INTERFACE_LENGTH);
        INT.set(records, at + StateFileDescriptor.CLAIM_PREFIX_LENGTH_OFFSET, claim.prefixLength());
        LONG.set(records, at + StateFileDescriptor.CLAIM_HIGH_OFFSET, claim.high());
        LONG.set(records, at + StateFileDescriptor.CLAIM_LOW_OFFSET, claim.low());
        MemorySegment.copy(
                name, 0, records, ValueLayout.JAVA_BYTE, at + StateFileDescriptor.CLAIM_INTERFACE_OFFSET, name.length);
        INT.setRelease(
                records,
                at + StateFileDescriptor.CLAIM_STATE_OFFSET,
                claim.isTaken() ? StateFileDescriptor.CLAIM_TAKEN : StateFileDescriptor.CLAIM_OWN);
    }

    private String interfaceName(long at) {
        byte[] name = records.asSlice(
                        at + StateFileDescriptor.CLAIM_INTERFACE_OFFSET, StateFileDescriptor.CLAIM_INTERFACE_LENGTH)
                .toArray(ValueLayout.JAVA_BYTE);
        int length = 0;
        while (length < name.length && name[length] != 0) {
            length++;
        }
        return new String(name, 0, length, StandardCharsets.UTF_8);
    }
}
