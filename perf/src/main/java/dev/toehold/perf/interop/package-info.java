/**
 * Interop with the kernel's TCP: connections both ways through an impairing link, every byte compared, over the kernel's options, both
 * MTUs and both families. Imports the rig, the link and {@code dev.toehold.client}.
 */
package dev.toehold.perf.interop;
