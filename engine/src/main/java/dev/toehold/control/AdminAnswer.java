package dev.toehold.control;

/** Where a management request's answer goes. Use one of the methods, once. */
public interface AdminAnswer {
    /**
     * A listing: {@code {"schema": "toehold/NAME/1", "items": [...]}}.
     *
     * @param items records, whose components are the fields
     */
    void items(Iterable<?> items);

    /** One JSON object. */
    void object(Object value);

    /**
     * No answer, but a reason.
     *
     * @param result a negative {@link dev.toehold.abi.ResultCode}
     */
    void refuse(int result, String text);
}
