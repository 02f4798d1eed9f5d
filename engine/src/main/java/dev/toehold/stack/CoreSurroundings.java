package dev.toehold.stack;

import dev.toehold.tcp.TcbStore;
import dev.toehold.tcp.TcpEffects;

/**
 * What stands between the TCP core and its lcore. The engine puts nothing there; a simulator or a debugger puts something that looks at
 * every commit and every effect before it passes it on.
 */
public interface CoreSurroundings {
    /** Nothing in between. */
    CoreSurroundings NONE = new CoreSurroundings() {};

    /** What the core commits to, given the lcore's own store. */
    default TcbStore store(TcbStore own) {
        return own;
    }

    /** What the core has its effects on, given the lcore's own. */
    default TcpEffects effects(TcpEffects own) {
        return own;
    }
}
