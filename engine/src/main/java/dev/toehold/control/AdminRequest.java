package dev.toehold.control;

import java.util.List;

/** Answers one management request, such as {@code connections}. Runs on the control thread and must not take long there. */
@FunctionalInterface
public interface AdminRequest {
    /**
     * Answers now, or later on the control thread.
     *
     * @param arguments the words behind the request's name
     */
    void answer(List<String> arguments, AdminAnswer answer);
}
