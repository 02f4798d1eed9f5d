/**
 * The link layer of an lcore: who has which MAC address (ARP, NDP), which of our addresses are ours alone (duplicate
 * address detection), which groups we listen to (MLD), and answers to requests, solicitations and echo.
 *
 * <p>Imports {@code dev.toehold.net} and the seams of {@code dev.toehold.stack}. Nothing here allocates, throws or logs
 * once it runs; every table is bounded.
 */
package dev.toehold.stack.link;
