/**
 * The wire: views and writers of Ethernet, ARP, IPv4, IPv6, ICMP, NDP, MLD and TCP over a {@link
 * java.lang.foreign.MemorySegment}, the Internet checksum, addresses, keyed hashes and serial-number arithmetic.
 *
 * <p>Views are static accessors over (memory, offset of the header): a segment kept in a field of a flyweight costs more than
 * the parse itself. Each protocol has one check; after it no accessor can leave the memory. IP addresses are pairs of longs in
 * network order; an IPv4 address takes the IPv4-mapped form, so that one pair serves both families. Nothing here allocates,
 * throws or logs on the way of a packet; what an operator typed is parsed with exceptions that say what is wrong.
 *
 * <p>Imports nothing of Toehold and knows no port, mbuf or clock.
 */
package dev.toehold.net;
