package dev.toehold.ffi.linux;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.structLayout;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.StructLayout;

/** {@code struct nfgenmsg} of {@code linux/netfilter/nfnetlink.h}; the resource is in network byte order. */
final class NfgenmsgDescriptor {
    static final StructLayout LAYOUT = structLayout(
                    JAVA_BYTE.withName("nfgen_family"), JAVA_BYTE.withName("version"), JAVA_SHORT.withName("res_id"))
            .withName("struct nfgenmsg");

    static final long FAMILY_OFFSET = LAYOUT.byteOffset(groupElement("nfgen_family"));
    static final long RES_ID_OFFSET = LAYOUT.byteOffset(groupElement("res_id"));

    private NfgenmsgDescriptor() {}
}
