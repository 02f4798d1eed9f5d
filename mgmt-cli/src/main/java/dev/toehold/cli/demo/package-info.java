/**
 * {@code toehold demo}: two network namespaces, an engine between them and the kernel's TCP as its peer; everything that it
 * makes is on one undo list.
 */
package dev.toehold.cli.demo;
