/**
 * Fuzzing of everything that reads what the wire brings: each target takes any bytes and must come to no exception and break no invariant.
 * Jazzer drives them with coverage ({@code toehold bench fuzz}); the tests run each over its corpus. Uses the engine's packages {@code net},
 * {@code tcp} and {@code stack} by their public classes only.
 */
package dev.toehold.perf.fuzz;
