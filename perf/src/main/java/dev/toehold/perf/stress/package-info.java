/**
 * The queue pair's memory ordering and its sleep/wake pair under jcstress ({@code toehold bench jcstress}): both ends are the program's own.
 * {@link dev.toehold.perf.stress.MutantStress} holds the same protocols with a fence or an ordering taken out, which must be caught where the
 * processor and the JIT compiler show it: docs/performance.md says what x86 cannot show.
 */
package dev.toehold.perf.stress;
