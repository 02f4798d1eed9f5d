package dev.toehold.session;

/** Where a local address stands in the list that WELCOME gives to clients. */
@FunctionalInterface
public interface AddressIndex {
    /** It is none of them (any more). */
    int UNKNOWN = -1;

    int indexOf(long high, long low);
}
