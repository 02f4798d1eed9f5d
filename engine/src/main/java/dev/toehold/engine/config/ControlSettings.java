package dev.toehold.engine.config;

import java.nio.file.Path;

/** Table {@code [control]}. */
public record ControlSettings(
        @Setting(
                ifAbsent = "\"{engine.state}/control.sock\"",
                meaning =
                        "The control socket, made with mode 0660. Who may open it is looked up in [[policy]]. At most 107 bytes.")
        Path socket,

        @Setting(
                ifAbsent = "\"\"",
                meaning =
                        "Group of the control socket, and of the state directory if the socket lies there: its members can open"
                                + " the socket. An engine that is not root, or keeps no CAP_CHOWN, must be a member itself.")
        GroupName group) {}
